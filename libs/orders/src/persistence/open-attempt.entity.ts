import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** A permitted send whose outcome is not known. The key allows one for each intent of an order: the row leaves when the outcome is recorded. */
@Entity({ name: 'open_attempts' })
@Check('open_attempts_kind_check', `(kind = ANY (ARRAY['place'::text, 'cancel'::text, 'amend'::text]))`)
export class OpenAttemptEntity {
  @PrimaryColumn({ type: 'uuid', name: 'order_id', primaryKeyConstraintName: 'open_attempts_pkey' })
  orderId!: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'open_attempts_pkey', default: 'place' })
  kind!: string;

  @Column({ type: 'integer' })
  number!: number;

  @Column({ type: 'bigint', default: 0 })
  fence!: string;

  @Column({ type: 'timestamptz', name: 'pinned_at' })
  pinnedAt!: Date;

  @Column({ type: 'timestamptz', name: 'not_after' })
  notAfter!: Date;

  @Column({ type: 'text', name: 'request_hash' })
  requestHash!: string;
}
