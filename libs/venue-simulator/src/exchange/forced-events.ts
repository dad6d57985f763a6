import { type Decimal, type Result, err, ok } from '#libs/kernel';
import type { AccountOrders } from './account-orders.js';
import type { Desk } from './desk.js';
import { LiveOrder } from './live-order.js';
import { fireStops } from './matching.js';
import { finishFilled, rejectOrder, withdraw } from './order-endings.js';
import { settleTrade } from './settlement.js';
import type { SimFill, SimRefusal } from './types.js';

/**
 * Things that venues do against their own rules, for tests of whoever has to live with them. They go through the same settlement as
 * everything else, so that the ledger stays the truth.
 */

/** Books a trade of `order` with the makers' pool, also after its end and beyond its quantity. */
export function forceFill(desk: Desk, order: LiveOrder, quantity: Decimal, price: Decimal): Result<readonly SimFill[], SimRefusal> {
  const { rules } = order;
  const ticks = rules.ticksOf(price);
  const steps = rules.stepsOf(quantity);
  if (ticks === undefined || ticks <= 0 || isWorseThanLimit(order, ticks)) return err({ code: 'filter', filter: 'price' });
  if (steps === undefined || steps <= 0) return err({ code: 'filter', filter: 'lot-size' });
  const within = order.isOpen ? Math.min(steps, order.remainingSteps) : 0;
  if (!canPay(order, ticks, steps - within)) return err({ code: 'insufficient-balance' });
  const account = desk.account(order.owner!.name)!;
  const before = account.fills(null).length;
  if (within > 0) fillWithin(desk, order, ticks, within);
  const beyond = steps - within;
  const market = desk.market(order);
  if (beyond > 0) settleTrade(desk, market, { taker: order, maker: counterpart(desk, order, ticks, beyond), ticks, steps: beyond });
  fireStops(desk, market);
  return ok(newFills(account, before));
}

export function forceReject(desk: Desk, order: LiveOrder, reason: string): Result<null, SimRefusal> {
  if (!order.isOpen || order.filledSteps > 0) return err({ code: 'unknown-order' });
  rejectOrder(desk, order, reason);
  return ok(null);
}

/** The part that an open order still lacks: it leaves the book as if it had been met there. */
function fillWithin(desk: Desk, order: LiveOrder, ticks: number, steps: number): void {
  const market = desk.market(order);
  const { level } = order;
  const isLast = steps === order.remainingSteps;
  if (isLast || level === null) withdraw(desk, order);
  settleTrade(desk, market, { taker: counterpart(desk, order, ticks, steps), maker: order, ticks, steps });
  if (isLast) finishFilled(desk, order);
  else if (level === null) market.stops.add(order);
  else {
    level.shrink(order);
    market.announce(level, desk.nowMs);
  }
}

/** An order of the makers that takes the other side, and is nowhere else. */
function counterpart(desk: Desk, order: LiveOrder, ticks: number, steps: number): LiveOrder {
  const terms = {
    ...order.terms,
    clientOrderId: '',
    isBuy: !order.isBuy,
    type: 'limit' as const,
    totalSteps: steps,
    quoteUnits: null,
    priceTicks: ticks,
    stopTicks: 0,
    icebergSteps: 0,
    expiresAtMs: null,
  };
  return new LiveOrder(desk.takeMakerOrderId(), null, order.rules, terms, desk.nowMs);
}

function isWorseThanLimit(order: LiveOrder, ticks: number): boolean {
  const { priceTicks, stopTicks } = order.terms;
  if (!order.isBuy) return ticks < priceTicks;
  // A waiting stop buy without a limit has locked its trigger's worth.
  const most = priceTicks > 0 ? priceTicks : order.isOpen ? stopTicks : 0;
  return most > 0 && ticks > most;
}

/** What an order that has ended locks no more has to be free. */
function canPay(order: LiveOrder, ticks: number, steps: number): boolean {
  const { rules } = order;
  const units = order.isBuy ? rules.quoteUnitsUp(ticks, steps) : rules.baseUnits(steps);
  return order.owner!.free(order.spentAsset) >= units;
}

function newFills(account: AccountOrders, before: number): readonly SimFill[] {
  return account.fills(null).slice(before);
}
