import type { LiveOrder } from './live-order.js';

/** Good-till-date orders by their end, soonest last. Orders that ended otherwise stay until their time and are skipped then. */
export class ExpiryQueue {
  private readonly orders: LiveOrder[] = [];

  add(order: LiveOrder): void {
    let low = 0;
    let high = this.orders.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isLater(this.orders[middle]!, order)) low = middle + 1;
      else high = middle;
    }
    this.orders.splice(low, 0, order);
  }

  /** Takes out the next open order whose end has come. */
  takeDue(nowMs: number): LiveOrder | undefined {
    for (;;) {
      const order = this.orders[this.orders.length - 1];
      if (order === undefined || order.terms.expiresAtMs! > nowMs) return undefined;
      this.orders.pop();
      if (order.isOpen) return order;
    }
  }
}

function isLater(a: LiveOrder, b: LiveOrder): boolean {
  const difference = a.terms.expiresAtMs! - b.terms.expiresAtMs!;
  return difference > 0 || (difference === 0 && a.orderId > b.orderId);
}
