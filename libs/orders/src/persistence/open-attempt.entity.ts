import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A send whose outcome is not known. Its key allows one for each order: the row leaves when the outcome is recorded. */
@Entity({ name: 'open_attempts' })
export class OpenAttemptEntity {
  @PrimaryColumn({ type: 'uuid', name: 'order_id', primaryKeyConstraintName: 'open_attempts_pkey' })
  orderId!: string;

  @Column({ type: 'integer' })
  number!: number;

  @Column({ type: 'timestamptz', name: 'pinned_at' })
  pinnedAt!: Date;

  @Column({ type: 'timestamptz', name: 'not_after' })
  notAfter!: Date;

  @Column({ type: 'text', name: 'request_hash' })
  requestHash!: string;
}
