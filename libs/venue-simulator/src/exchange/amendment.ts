import { type Decimal, type Result, err, ok } from '#libs/kernel';
import type { Desk } from './desk.js';
import { isLimitNotionalAllowed, readSteps } from './filters.js';
import type { LiveOrder } from './live-order.js';
import { expireOrder } from './order-endings.js';
import { lockUnitsFor, releaseFunds } from './settlement.js';
import type { SimRefusal } from './types.js';

/** Lowers an open order's total quantity where it stands. An order with nothing left to fill by that has expired. */
export function amendOrder(desk: Desk, order: LiveOrder, quantity: Decimal, newClientOrderId: string): Result<null, SimRefusal> {
  const steps = readSteps(quantity, order.rules);
  if (typeof steps === 'object') return err({ code: 'filter', filter: steps.refused });
  if (steps === order.totalSteps) return err({ code: 'amend-no-change' });
  if (steps > order.totalSteps) return err({ code: 'amend-not-decrease' });
  const { terms } = order;
  if (terms.priceTicks > 0 && !isLimitNotionalAllowed(order.rules, terms.priceTicks, steps))
    return err({ code: 'filter', filter: 'notional' });
  const account = desk.account(order.owner!.name)!;
  const previousClientOrderId = order.clientOrderId;
  if (newClientOrderId !== previousClientOrderId && account.isOpenClientId(newClientOrderId))
    return err({ code: 'duplicate-client-order-id' });
  account.rename(order, newClientOrderId);
  const market = desk.market(order);
  order.totalSteps = Math.max(steps, order.filledSteps + order.preventedSteps);
  if (order.level !== null) {
    const { level } = order;
    level.shrink(order);
    market.announce(level, desk.nowMs);
  }
  releaseFunds(desk, order, lockUnitsFor(order));
  desk.changed(order, 'replaced', { requestClientOrderId: newClientOrderId, previousClientOrderId });
  if (order.remainingSteps === 0) expireOrder(desk, order, 'amended-away');
  return ok(null);
}
