import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** The order events in the order in which clients see them, numbered without gaps for each account. */
@Entity({ name: 'order_outbox' })
@Unique('order_outbox_event_key', ['orderId', 'version'])
export class OrderOutboxEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'order_outbox_pkey' })
  account!: string;

  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: 'order_outbox_pkey' })
  seq!: string;

  @Column({ type: 'uuid', name: 'order_id' })
  orderId!: string;

  @Column({ type: 'integer' })
  version!: number;
}

/** The last numbers given in an account's streams. Its row is held until the commit that uses them. */
@Entity({ name: 'stream_heads' })
export class StreamHeadEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'stream_heads_pkey' })
  account!: string;

  @Column({ type: 'bigint', name: 'order_seq' })
  orderSeq!: string;

  @Column({ type: 'bigint', name: 'fill_seq' })
  fillSeq!: string;
}
