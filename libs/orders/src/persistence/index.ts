import { AccountGateEntity } from './account-gate.entity.js';
import { FillVoidEntity } from './fill-void.entity.js';
import { FillEntity } from './fill.entity.js';
import { OpenAttemptEntity } from './open-attempt.entity.js';
import { OrderOutboxEntity, StreamHeadEntity } from './outbox.entity.js';
import { OrderEventEntity } from './order-event.entity.js';
import { OrderStateEntity } from './order-state.entity.js';
import { OrderEntity } from './order.entity.js';

export const ORDER_ENTITIES = [
  AccountGateEntity,
  OrderEntity,
  OrderEventEntity,
  OrderStateEntity,
  OpenAttemptEntity,
  FillEntity,
  FillVoidEntity,
  OrderOutboxEntity,
  StreamHeadEntity,
] as const;
export { QueuedOrderJournal } from './queued-order-journal.js';
export { SqlJournalStore } from './sql-journal-store.js';
export { SqlOrderReader } from './sql-order-reader.js';
