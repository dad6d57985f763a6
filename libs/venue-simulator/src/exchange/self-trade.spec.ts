import { expect, it } from 'vitest';
import { decimalText } from '#libs/kernel';
import { balanceText, current, placed, quietExchange, recordEvents } from './testing.js';
import type { SimAccountEvent, SimExchange, SimOrder, SimStpMode } from './types.js';

/** Alice has 1 BTC for sale before Bob's 1 BTC at the same price, and buys 1.5 there. */
function meetOwnOrder(stpMode: SimStpMode): { exchange: SimExchange; own: SimOrder; taker: SimOrder; lines: string[] } {
  const exchange = quietExchange();
  const own = placed(exchange, { clientOrderId: 'own', side: 'sell', price: '64000', quantity: '1' }).order;
  placed(exchange, { account: 'bob', clientOrderId: 'bob', side: 'sell', price: '64000', quantity: '1' });
  const lines = recordEvents(exchange);
  const taker = placed(exchange, { clientOrderId: 'taker', price: '64000', quantity: '1.5', stpMode }).order;
  return {
    exchange,
    own: current(exchange, own),
    taker: current(exchange, taker),
    lines: lines.filter((line) => line.startsWith('alice')),
  };
}

const told = (order: SimOrder): string[] => [order.status, decimalText(order.filledQuantity), decimalText(order.preventedQuantity)];

it('expire-maker takes the resting order away and trades on', () => {
  const { exchange, own, taker, lines } = meetOwnOrder('expire-maker');
  expect(told(own)).toEqual(['expired-in-match', '0', '1']);
  expect(told(taker)).toEqual(['partially-filled', '1', '0']);
  expect(lines[1]).toBe('alice own trade-prevention expired-in-match');
  expect(balanceText(exchange, 'alice', 'BTC')).toBe('20.999/0');
});

it('expire-taker ends the new order and leaves the resting one', () => {
  const { exchange, own, taker } = meetOwnOrder('expire-taker');
  expect(told(own)).toEqual(['new', '0', '0']);
  expect(told(taker)).toEqual(['expired-in-match', '0', '1.5']);
  expect(taker.expiryReason).toBe('self-trade');
  expect(balanceText(exchange, 'alice', 'USDT')).toBe('1000000/0');
});

it('expire-both ends both', () => {
  const { exchange, own, taker } = meetOwnOrder('expire-both');
  expect([told(own), told(taker)]).toEqual([
    ['expired-in-match', '0', '1'],
    ['expired-in-match', '0', '1.5'],
  ]);
  expect([balanceText(exchange, 'alice', 'USDT'), balanceText(exchange, 'alice', 'BTC')]).toEqual(['1000000/0', '20/0']);
});

it('decrement takes the smaller quantity off both, and what is left trades on', () => {
  const { exchange, own, taker, lines } = meetOwnOrder('decrement');
  expect(told(own)).toEqual(['expired-in-match', '0', '1']);
  expect(told(taker)).toEqual(['filled', '0.5', '1']);
  expect(lines.slice(1, 3)).toEqual(['alice own trade-prevention expired-in-match', 'alice taker trade-prevention new']);
  expect(balanceText(exchange, 'alice', 'USDT')).toBe('968000/0');
});

it('decrement leaves the larger resting order with a smaller lock', () => {
  const exchange = quietExchange();
  const own = placed(exchange, { side: 'sell', price: '64000', quantity: '1', icebergQuantity: '0.9' }).order;
  placed(exchange, { price: '64000', quantity: '0.4', stpMode: 'decrement' });
  expect(told(current(exchange, own))).toEqual(['new', '0', '0.4']);
  expect(balanceText(exchange, 'alice', 'BTC')).toBe('19.4/0.6');
  expect(decimalText(exchange.depth('BTC/USDT', 1).asks[0]![1])).toBe('0.6');
});

it('decrement leaves the larger new order with a smaller lock, too', () => {
  const exchange = quietExchange();
  placed(exchange, { side: 'sell', price: '64000', quantity: '0.4' });
  const { order } = placed(exchange, { price: '64000', quantity: '1', stpMode: 'decrement' });
  expect(told(order)).toEqual(['new', '0', '0.4']);
  expect(balanceText(exchange, 'alice', 'USDT')).toBe('961600/38400');
});

it('tells each order which one it met, and how much was taken away', () => {
  const exchange = quietExchange();
  const own = placed(exchange, { side: 'sell', price: '64000', quantity: '1' }).order;
  const events: SimAccountEvent[] = [];
  exchange.onAccountEvent((_account, event) => events.push(event));
  const taker = placed(exchange, { price: '64000', quantity: '0.4', stpMode: 'decrement' }).order;
  const told = events.flatMap((event) => (event.type === 'order' && event.execution === 'trade-prevention' ? [event] : []));
  expect(told.map((event) => [event.order.orderId, event.counterOrderId, decimalText(event.lastPreventedQuantity!)])).toEqual([
    [own.orderId, taker.orderId, '0.4'],
    [taker.orderId, own.orderId, '0.4'],
  ]);
});

it('none lets an account trade with itself, and it loses only fees', () => {
  const { exchange, own, taker } = meetOwnOrder('none');
  expect([told(own), told(taker)]).toEqual([
    ['filled', '1', '0'],
    ['filled', '1.5', '0'],
  ]);
  expect(balanceText(exchange, 'alice', 'BTC')).toBe('20.4985/0');
  expect(balanceText(exchange, 'alice', 'USDT')).toBe('967936/0');
});

it.each(['expire-maker', 'expire-taker', 'expire-both', 'decrement'] as const)(
  'never counts own orders for fill-or-kill (%s), nor what stands behind them where they stop the order',
  (stpMode) => {
    const exchange = quietExchange();
    placed(exchange, { account: 'bob', side: 'sell', price: '63999', quantity: '0.5' });
    placed(exchange, { side: 'sell', price: '64000', quantity: '1' });
    placed(exchange, { account: 'bob', side: 'sell', price: '64001', quantity: '0.4' });
    const { order } = placed(exchange, { price: '64001', quantity: '1', timeInForce: 'FOK', stpMode });
    expect([order.status, order.expiryReason, exchange.openOrders('alice', null).length]).toEqual(['expired', 'unfilled-fok', 1]);
    placed(exchange, { account: 'bob', side: 'sell', price: '64001', quantity: '0.1' });
    const second = placed(exchange, { price: '64001', quantity: '1', timeInForce: 'FOK', stpMode });
    expect(told(second.order)).toEqual(stpMode === 'expire-maker' ? ['filled', '1', '0'] : ['expired', '0', '0']);
  },
);

it('counts only what an iceberg shows where an own order stands before its hidden part', () => {
  const exchange = quietExchange();
  placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '1', icebergQuantity: '0.3' });
  placed(exchange, { side: 'sell', price: '64000', quantity: '1' });
  const text = { price: '64000', timeInForce: 'FOK', stpMode: 'decrement' } as const;
  expect(told(placed(exchange, { ...text, quantity: '0.4' }).order)).toEqual(['expired', '0', '0']);
  expect(told(placed(exchange, { ...text, quantity: '0.3' }).order)).toEqual(['filled', '0.3', '0']);
});
