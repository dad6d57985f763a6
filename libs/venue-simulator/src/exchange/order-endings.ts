import type { Desk } from './desk.js';
import type { LiveOrder } from './live-order.js';
import { releaseFunds } from './settlement.js';

/** Takes an order off the book or the stop book, where it is on one. */
export function withdraw(desk: Desk, order: LiveOrder): void {
  const market = desk.market(order);
  if (order.level !== null) {
    const level = market.book.side(order.isBuy).remove(order);
    market.announce(level, desk.nowMs);
  } else if (!order.isWorking) market.stops.remove(order);
}

/** An order that ended by being filled: what it locked is free, its client id too. */
export function finishFilled(desk: Desk, order: LiveOrder): void {
  releaseFunds(desk, order, 0n);
  if (order.owner === null) return;
  desk.account(order.owner.name)!.close(order);
}

function end(desk: Desk, order: LiveOrder): void {
  withdraw(desk, order);
  finishFilled(desk, order);
}

export function cancelOrder(desk: Desk, order: LiveOrder, requestClientOrderId: string | null): void {
  end(desk, order);
  order.status = 'canceled';
  desk.changed(order, 'canceled', requestClientOrderId === null ? {} : { requestClientOrderId });
}

export function expireOrder(desk: Desk, order: LiveOrder, reason: string): void {
  end(desk, order);
  order.status = 'expired';
  order.expiryReason = reason;
  desk.changed(order, 'expired');
}

export function rejectOrder(desk: Desk, order: LiveOrder, reason: string): void {
  end(desk, order);
  order.status = 'rejected';
  order.expiryReason = reason;
  desk.changed(order, 'rejected');
}

/** Self-trade prevention takes `steps` away; an order with nothing left has ended. */
export function preventSteps(desk: Desk, order: LiveOrder, steps: number, counter: LiveOrder): void {
  order.preventedSteps += steps;
  if (order.remainingSteps === 0) {
    end(desk, order);
    order.status = 'expired-in-match';
    order.expiryReason = 'self-trade';
  }
  desk.changed(order, 'trade-prevention', { prevented: { steps, counterOrderId: counter.orderId } });
}
