import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far the venue's trade history of a market has been read. The next read begins before it, so that late rows are seen. */
@Entity({ name: 'fill_cursors' })
export class FillCursorEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'fill_cursors_pkey' })
  account!: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'fill_cursors_pkey' })
  symbol!: string;

  @Column({ type: 'timestamptz', name: 'venue_time' })
  venueTime!: Date;

  @Column({ type: 'text', name: 'venue_trade_id', nullable: true })
  venueTradeId!: string | null;

  @Column({ type: 'timestamptz', name: 'read_at' })
  readAt!: Date;
}
