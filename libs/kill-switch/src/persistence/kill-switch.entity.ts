import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** A switch that is engaged now. Lifting removes the row; the audit trail keeps both. */
@Entity({ name: 'kill_switches' })
@Check('kill_switches_scope_check', `((scope = 'all'::text) OR (scope ~ '^(venue|account):.+$'::text))`)
export class KillSwitchEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'kill_switches_pkey' })
  scope!: string;

  @Column({ type: 'timestamptz', name: 'engaged_at' })
  engagedAt!: Date;

  @Column({ type: 'text', name: 'engaged_by' })
  engagedBy!: string;

  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  @Column({ type: 'boolean', name: 'cancel_open_orders', default: false })
  cancelOpenOrders!: boolean;
}
