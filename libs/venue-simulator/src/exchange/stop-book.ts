import type { LiveOrder } from './live-order.js';

/** Orders that wait for the last price. Those nearest to their trigger come last in each list; equal triggers fire in order of placing. */
export class StopBook {
  /** Fire when the last price rises to the trigger: stop buys, take-profit sells. */
  private readonly rising: LiveOrder[] = [];
  /** Fire when the last price falls to the trigger: stop sells, take-profit buys. */
  private readonly falling: LiveOrder[] = [];

  add(order: LiveOrder): void {
    const list = this.listOf(order);
    list.splice(this.position(list, order), 0, order);
  }

  remove(order: LiveOrder): void {
    const list = this.listOf(order);
    const index = this.position(list, order);
    if (list[index] === order) list.splice(index, 1);
  }

  /** Takes out the next order that the last price triggers. */
  takeTriggered(lastTicks: number): LiveOrder | undefined {
    const rising = this.rising[this.rising.length - 1];
    if (rising !== undefined && rising.terms.stopTicks <= lastTicks) return this.rising.pop();
    const falling = this.falling[this.falling.length - 1];
    if (falling !== undefined && falling.terms.stopTicks >= lastTicks) return this.falling.pop();
    return undefined;
  }

  private listOf(order: LiveOrder): LiveOrder[] {
    return triggersOnRise(order.terms.isBuy, order.terms.type) ? this.rising : this.falling;
  }

  private position(list: readonly LiveOrder[], order: LiveOrder): number {
    const sign = list === this.rising ? 1 : -1;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = list[middle]!;
      const distance = sign * (other.terms.stopTicks - order.terms.stopTicks);
      if (distance > 0 || (distance === 0 && other.orderId > order.orderId)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function isStopType(type: LiveOrder['terms']['type']): boolean {
  return type !== 'limit' && type !== 'market';
}

export function isMarketType(type: LiveOrder['terms']['type']): boolean {
  return type === 'market' || type === 'stop-market' || type === 'take-profit-market';
}

/** Stop buys and take-profit sells wait for a rise, the other two for a fall. */
export function triggersOnRise(isBuy: boolean, type: LiveOrder['terms']['type']): boolean {
  const isStop = type === 'stop-limit' || type === 'stop-market';
  return isStop === isBuy;
}

/** Whether the last price already stands at or beyond the trigger. */
export function isTriggered(isBuy: boolean, type: LiveOrder['terms']['type'], stopTicks: number, lastTicks: number): boolean {
  return triggersOnRise(isBuy, type) ? lastTicks >= stopTicks : lastTicks <= stopTicks;
}
