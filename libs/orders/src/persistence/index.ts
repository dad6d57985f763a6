import { FillEntity } from './fill.entity.js';
import { OpenAttemptEntity } from './open-attempt.entity.js';
import { OrderEventEntity } from './order-event.entity.js';
import { OrderStateEntity } from './order-state.entity.js';
import { OrderEntity } from './order.entity.js';

export const ORDER_ENTITIES = [OrderEntity, OrderEventEntity, OrderStateEntity, OpenAttemptEntity, FillEntity] as const;
export { SqlOrderJournal } from './sql-order-journal.js';
export { SqlOrderReader } from './sql-order-reader.js';
