import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The fold of an order's events, applied behind: for lists. The events are the truth. */
@Entity({ name: 'order_states' })
@Index('order_states_open_idx', ['orderId'], {
  where: `(status <> ALL (ARRAY['filled'::text, 'canceled'::text, 'rejected'::text, 'expired'::text]))`,
})
@Index('order_states_overfilled_idx', ['orderId'], { where: '(filled_quantity > quantity)' })
export class OrderStateEntity {
  @PrimaryColumn({ type: 'uuid', name: 'order_id', primaryKeyConstraintName: 'order_states_pkey' })
  orderId!: string;

  @Column({ type: 'text' })
  status!: string;

  @Column({ type: 'integer' })
  version!: number;

  @Column({ type: 'text', name: 'venue_order_id', nullable: true })
  venueOrderId!: string | null;

  @Column({ type: 'numeric', nullable: true })
  quantity!: string | null;

  @Column({ type: 'numeric', name: 'filled_quantity' })
  filledQuantity!: string;

  @Column({ type: 'numeric', name: 'filled_quote' })
  filledQuote!: string;

  @Column({ type: 'jsonb' })
  fees!: Record<string, string>;

  @Column({ type: 'jsonb', name: 'reject_reason', nullable: true })
  rejectReason!: Record<string, unknown> | null;

  @Column({ type: 'timestamptz', name: 'sent_at', nullable: true })
  sentAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'acknowledged_at', nullable: true })
  acknowledgedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt!: Date;
}
