import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Everything that happened to an order, in its order, written once. */
@Entity({ name: 'order_events' })
export class OrderEventEntity {
  @PrimaryColumn({ type: 'uuid', name: 'order_id', primaryKeyConstraintName: 'order_events_pkey' })
  orderId!: string;

  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'order_events_pkey' })
  version!: number;

  /** Names the event itself, so that a writer can tell its own from another's under the same version. */
  @Column({ type: 'uuid', name: 'event_id', nullable: true })
  eventId!: string | null;

  @Column({ type: 'text' })
  type!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text', name: 'correlation_id', nullable: true })
  correlationId!: string | null;

  @Column({ type: 'jsonb' })
  data!: Record<string, unknown>;
}
