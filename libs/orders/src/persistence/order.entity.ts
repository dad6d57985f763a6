import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What was asked, written once. The hot path writes it by statement; the entity keeps schema and code from drifting apart. */
@Entity({ name: 'orders' })
@Check('orders_on_not_created_check', `(on_not_created = ANY (ARRAY['reject'::text, 'resubmit'::text]))`)
@Index('orders_account_client_order_id_key', ['account', 'clientOrderId'], { unique: true, where: '(client_order_id IS NOT NULL)' })
@Index('orders_account_idempotency_key_key', ['account', 'idempotencyKey'], { unique: true, where: '(idempotency_key IS NOT NULL)' })
@Index('orders_account_id_idx', ['account', 'id'])
export class OrderEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'orders_pkey' })
  id!: string;

  @Column({ type: 'text' })
  account!: string;

  @Column({ type: 'text' })
  venue!: string;

  @Column({ type: 'text' })
  symbol!: string;

  @Column({ type: 'text' })
  side!: string;

  @Column({ type: 'text' })
  type!: string;

  @Column({ type: 'text', name: 'time_in_force', nullable: true })
  timeInForce!: string | null;

  @Column({ type: 'numeric', nullable: true })
  quantity!: string | null;

  @Column({ type: 'numeric', name: 'quote_quantity', nullable: true })
  quoteQuantity!: string | null;

  @Column({ type: 'numeric', nullable: true })
  price!: string | null;

  @Column({ type: 'numeric', name: 'stop_price', nullable: true })
  stopPrice!: string | null;

  @Column({ type: 'boolean', name: 'post_only' })
  postOnly!: boolean;

  @Column({ type: 'boolean', name: 'reduce_only' })
  reduceOnly!: boolean;

  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'text', name: 'client_order_id', nullable: true })
  clientOrderId!: string | null;

  @Column({ type: 'text', name: 'idempotency_key', nullable: true })
  idempotencyKey!: string | null;

  @Column({ type: 'text' })
  fingerprint!: string;

  @Column({ type: 'text', name: 'venue_client_id' })
  venueClientId!: string;

  @Column({ type: 'text', name: 'api_key_id' })
  apiKeyId!: string;

  @Column({ type: 'text', name: 'correlation_id', nullable: true })
  correlationId!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column({ type: 'text', name: 'on_not_created', default: 'reject' })
  onNotCreated!: string;

  @Column({ type: 'timestamptz', name: 'resubmit_until', nullable: true })
  resubmitUntil!: Date | null;
}
