import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decimalText } from '#libs/kernel';
import { TEST_START_MS, placed, quietExchange } from './testing.js';
import type { SimExchange } from './types.js';

interface Plain {
  readonly id: number;
  readonly isBuy: boolean;
  readonly cents: number;
  readonly milli: number;
  readonly isCancel: boolean;
}
interface Resting {
  readonly id: number;
  readonly isBuy: boolean;
  readonly cents: number;
  milli: number;
}

const plain = fc.record({
  isBuy: fc.boolean(),
  cents: fc.integer({ min: 6_399_990, max: 6_400_010 }),
  milli: fc.integer({ min: 1, max: 30 }),
  isCancel: fc.nat(9).map((n) => n === 0),
});

/** The rule in its plainest form: among the orders that meet the price, the best price first, then the lowest id. */
function matchPlainly(orders: readonly Plain[]): string[] {
  const resting: Resting[] = [];
  const fills: string[] = [];
  for (const order of orders) {
    if (order.isCancel) {
      resting.shift();
      continue;
    }
    let left = order.milli;
    const meets = (other: Resting): boolean =>
      other.isBuy !== order.isBuy && (order.isBuy ? other.cents <= order.cents : other.cents >= order.cents);
    const first = (a: Resting, b: Resting): number => (order.isBuy ? a.cents - b.cents : b.cents - a.cents) || a.id - b.id;
    for (const other of resting.filter(meets).toSorted(first)) {
      const traded = Math.min(left, other.milli);
      if (traded === 0) break;
      fills.push(`${order.id} x ${other.id}: ${traded} at ${other.cents}`);
      left -= traded;
      other.milli -= traded;
    }
    for (let i = resting.length - 1; i >= 0; i -= 1) if (resting[i]!.milli === 0) resting.splice(i, 1);
    if (left > 0) resting.push({ ...order, milli: left });
  }
  return fills;
}

function matchByEngine(exchange: SimExchange, orders: readonly Plain[]): string[] {
  const fills: string[] = [];
  const names = new Map<number, number>();
  exchange.onMarketEvent((event) => {
    if (event.type !== 'trade') return;
    const [taker, maker] = event.buyerIsMaker ? [event.sellOrderId, event.buyOrderId] : [event.buyOrderId, event.sellOrderId];
    fills.push(
      `${names.get(taker) ?? names.size + 1} x ${names.get(maker)}: ${decimalText(event.quantity.times('1000'))} at ${decimalText(event.price.times('100'))}`,
    );
  });
  for (const order of orders) {
    if (order.isCancel) {
      const oldest = ['alice', 'bob'].flatMap((account) => exchange.openOrders(account, null)).toSorted((a, b) => a.orderId - b.orderId)[0];
      if (oldest !== undefined)
        exchange.cancel({ account: oldest.account, symbol: 'BTC/USDT', orderId: oldest.orderId, clientOrderId: null }, 'c', TEST_START_MS);
      continue;
    }
    names.set(names.size + 1, order.id);
    placed(exchange, {
      account: order.isBuy ? 'alice' : 'bob',
      side: order.isBuy ? 'buy' : 'sell',
      price: `${Math.trunc(order.cents / 100)}.${String(order.cents % 100).padStart(2, '0')}`,
      quantity: `0.${String(order.milli).padStart(3, '0')}`,
    });
  }
  return fills;
}

it('trades in order of price, then time, exactly as the plainest matcher does', () => {
  fc.assert(
    fc.property(fc.array(plain, { minLength: 1, maxLength: 80 }), (drawn) => {
      // Order numbers count only the orders that are placed, in the engine as here.
      let id = 0;
      const orders = drawn.map((order) => ({ ...order, id: order.isCancel ? 0 : (id += 1) }));
      const exchange = quietExchange();
      expect(matchByEngine(exchange, orders)).toEqual(matchPlainly(orders));
    }),
    { numRuns: 200 },
  );
});
