import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A fill that the venue took back, or an inferred one that its real trades have replaced. The fill's own row stays. */
@Entity({ name: 'fill_voids' })
export class FillVoidEntity {
  @PrimaryColumn({ type: 'uuid', name: 'order_id', primaryKeyConstraintName: 'fill_voids_pkey' })
  orderId!: string;

  @PrimaryColumn({ type: 'text', name: 'venue_trade_id', primaryKeyConstraintName: 'fill_voids_pkey' })
  venueTradeId!: string;

  @Column({ type: 'text' })
  account!: string;

  @Column({ type: 'integer', name: 'order_version' })
  orderVersion!: number;

  @Column({ type: 'text' })
  reason!: string;

  @Column({ type: 'timestamptz', name: 'voided_at' })
  voidedAt!: Date;
}
