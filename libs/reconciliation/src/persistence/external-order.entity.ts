import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An order at the venue, under our key, that is not ours: shown, never touched. */
@Entity({ name: 'external_orders' })
export class ExternalOrderEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'external_orders_pkey' })
  account!: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'external_orders_pkey' })
  symbol!: string;

  @PrimaryColumn({ type: 'text', name: 'venue_order_id', primaryKeyConstraintName: 'external_orders_pkey' })
  venueOrderId!: string;

  @Column({ type: 'text', name: 'venue_client_id' })
  venueClientId!: string;

  @Column({ type: 'text' })
  status!: string;

  @Column({ type: 'text' })
  side!: string;

  @Column({ type: 'text' })
  type!: string;

  @Column({ type: 'numeric' })
  quantity!: string;

  @Column({ type: 'numeric', nullable: true })
  price!: string | null;

  @Column({ type: 'numeric', name: 'filled_quantity', nullable: true })
  filledQuantity!: string | null;

  @Column({ type: 'timestamptz', name: 'venue_time', nullable: true })
  venueTime!: Date | null;

  @Column({ type: 'timestamptz', name: 'first_seen_at' })
  firstSeenAt!: Date;

  @Column({ type: 'timestamptz', name: 'last_seen_at' })
  lastSeenAt!: Date;
}
