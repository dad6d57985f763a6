import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { OrderEntity } from './order.entity.js';

/** One trade of an order of ours, booked once whatever brought it. */
@Entity({ name: 'fills' })
@Check('fills_quantity_check', '(quantity > (0)::numeric)')
@Index('fills_account_symbol_trade_order_key', ['account', 'symbol', 'venueTradeId', 'orderId'], { unique: true })
@Index('fills_account_seq_key', ['account', 'seq'], { unique: true })
@Index('fills_account_id_idx', ['account', 'id'])
@Index('fills_order_id_idx', ['orderId'])
export class FillEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'fills_pkey' })
  id!: string;

  @Column({ type: 'uuid', name: 'order_id' })
  orderId!: string;

  @ManyToOne(() => OrderEntity, { nullable: false })
  @JoinColumn({ name: 'order_id', foreignKeyConstraintName: 'fills_order_id_fkey' })
  order?: OrderEntity;

  @Column({ type: 'text' })
  account!: string;

  @Column({ type: 'text' })
  venue!: string;

  @Column({ type: 'text' })
  symbol!: string;

  @Column({ type: 'text', name: 'venue_trade_id' })
  venueTradeId!: string;

  @Column({ type: 'text', name: 'venue_order_id' })
  venueOrderId!: string;

  @Column({ type: 'text' })
  side!: string;

  @Column({ type: 'numeric' })
  price!: string;

  @Column({ type: 'numeric' })
  quantity!: string;

  @Column({ type: 'text', name: 'fee_asset', nullable: true })
  feeAsset!: string | null;

  @Column({ type: 'numeric', name: 'fee_amount', nullable: true })
  feeAmount!: string | null;

  @Column({ type: 'text', nullable: true })
  liquidity!: string | null;

  @Column({ type: 'text' })
  source!: string;

  @Column({ type: 'timestamptz', name: 'venue_time' })
  venueTime!: Date;

  @Column({ type: 'timestamptz', name: 'booked_at' })
  bookedAt!: Date;

  /** Its place in the account's stream of fills: rises by one, without gaps. */
  @Column({ type: 'bigint' })
  seq!: string;

  /** Concluded from the venue's totals, not reported as a trade; voided when the real ones come. */
  @Column({ type: 'boolean', default: false })
  inferred!: boolean;

  @Column({ type: 'integer', name: 'order_version', default: 0 })
  orderVersion!: number;
}
