import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Something that did not agree with the venue. At most one is open for each account, kind and subject. */
@Entity({ name: 'discrepancies' })
@Check('discrepancies_state_check', `(state = ANY (ARRAY['open'::text, 'repaired'::text, 'explained'::text]))`)
@Check('discrepancies_closed_check', `((state = 'open'::text) = (closed_at IS NULL))`)
@Index('discrepancies_open_key', ['account', 'kind', 'subject'], { unique: true, where: `(state = 'open'::text)` })
@Index('discrepancies_account_id_idx', ['account', 'id'])
export class DiscrepancyEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'discrepancies_pkey' })
  id!: string;

  @Column({ type: 'text' })
  account!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'text' })
  subject!: string;

  @Column({ type: 'text' })
  state!: string;

  @Column({ type: 'jsonb' })
  detail!: Record<string, unknown>;

  @Column({ type: 'timestamptz', name: 'first_seen_at' })
  firstSeenAt!: Date;

  @Column({ type: 'timestamptz', name: 'last_seen_at' })
  lastSeenAt!: Date;

  @Column({ type: 'integer', name: 'seen_count' })
  seenCount!: number;

  @Column({ type: 'timestamptz', name: 'closed_at', nullable: true })
  closedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  repair!: string | null;
}
