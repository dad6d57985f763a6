import { describe, expect, it } from 'vitest';
import { decimalText } from '#libs/kernel';
import { balanceText, current, placed, quietExchange, recordEvents, refused } from './testing.js';
import type { SimExchange, SimOrder } from './types.js';

/** Bob trades with himself at this price, so that it becomes the last one. */
function moveLastPrice(exchange: SimExchange, price: string): void {
  placed(exchange, { account: 'bob', side: 'sell', price, quantity: '0.001', stpMode: 'none' });
  placed(exchange, { account: 'bob', side: 'buy', price, quantity: '0.001', stpMode: 'none' });
}

const statusOf = (exchange: SimExchange, order: SimOrder): string => current(exchange, order).status;

describe('stop orders', () => {
  it.each([
    { type: 'stop-limit', side: 'buy', stopPrice: '65000', price: '65100', trigger: '65000', before: '64999.99' },
    { type: 'stop-limit', side: 'sell', stopPrice: '63000', price: '62900', trigger: '63000', before: '63000.01' },
    { type: 'take-profit-limit', side: 'buy', stopPrice: '63000', price: '62900', trigger: '63000', before: '63000.01' },
    { type: 'take-profit-limit', side: 'sell', stopPrice: '65000', price: '65100', trigger: '65000', before: '64999.99' },
  ] as const)('$type $side waits until the last price reaches its trigger', ({ type, side, stopPrice, price, trigger, before }) => {
    const exchange = quietExchange();
    const { order } = placed(exchange, { type, side, stopPrice, price, quantity: '0.5' });
    expect([order.isWorking, order.workingAtMs, exchange.depth('BTC/USDT', 5).bids.length]).toEqual([false, null, 0]);
    moveLastPrice(exchange, before);
    expect(current(exchange, order).isWorking).toBe(false);
    moveLastPrice(exchange, trigger);
    expect(current(exchange, order).isWorking).toBe(true);
  });

  it.each([
    { type: 'stop-limit', side: 'buy', stopPrice: '63000' },
    { type: 'stop-limit', side: 'sell', stopPrice: '65000' },
    { type: 'take-profit-limit', side: 'buy', stopPrice: '65000' },
    { type: 'take-profit-limit', side: 'sell', stopPrice: '63000' },
  ] as const)('$type $side on the wrong side of the market is refused', ({ type, side, stopPrice }) => {
    expect(refused(quietExchange(), { type, side, stopPrice, price: '64000' })).toBe('would-trigger-immediately');
  });

  it('fire as market orders and pay from the funds they had locked', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange, { type: 'stop-market', side: 'buy', stopPrice: '65000', quantity: '1' });
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('935000/65000');
    placed(exchange, { account: 'bob', side: 'sell', price: '65010', quantity: '2' });
    moveLastPrice(exchange, '65000');
    expect(statusOf(exchange, order)).toBe('filled');
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('934990/0');
  });

  it('that fire as market buys expire where the market has become dearer than the account can pay', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange, { type: 'stop-market', side: 'buy', stopPrice: '66000', quantity: '15' });
    placed(exchange, { account: 'bob', side: 'sell', price: '70000', quantity: '19' });
    moveLastPrice(exchange, '66000');
    expect([statusOf(exchange, order), current(exchange, order).expiryReason]).toEqual(['expired', 'insufficient-balance']);
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('1000000/0');
  });

  it('set each other off, nearest trigger first', () => {
    const exchange = quietExchange();
    placed(exchange, { account: 'bob', side: 'buy', price: '62500', quantity: '1' });
    placed(exchange, { account: 'bob', side: 'buy', price: '61000', quantity: '1' });
    const far = placed(exchange, { type: 'stop-market', side: 'sell', stopPrice: '62600', quantity: '1' });
    const near = placed(exchange, { type: 'stop-market', side: 'sell', stopPrice: '63000', quantity: '1' });
    moveLastPrice(exchange, '63000');
    expect(exchange.fills('alice', null).map((fill) => [fill.orderId, decimalText(fill.price)])).toEqual([
      [near.order.orderId, '62500'],
      [far.order.orderId, '61000'],
    ]);
  });

  it.each(['buy', 'sell'] as const)('with the same trigger fire in the order in which they were placed (%s)', (side) => {
    const exchange = quietExchange();
    const price = side === 'buy' ? '65000' : '63000';
    placed(exchange, { account: 'bob', side: side === 'buy' ? 'sell' : 'buy', price: side === 'buy' ? '65001' : '62999', quantity: '3' });
    const orders = [1, 2, 3].map(() => placed(exchange, { type: 'stop-market', side, stopPrice: price, quantity: '0.5' }).order.orderId);
    moveLastPrice(exchange, price);
    expect(exchange.fills('alice', null).map((fill) => fill.orderId)).toEqual(orders);
  });

  it('can be cancelled while they wait, and are never heard of again', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange, { type: 'stop-limit', stopPrice: '65000', price: '65000' });
    exchange.cancel({ account: 'alice', symbol: 'BTC/USDT', orderId: order.orderId, clientOrderId: null }, 'c', 0);
    const lines = recordEvents(exchange);
    moveLastPrice(exchange, '65000');
    expect(lines.filter((line) => line.startsWith('alice'))).toEqual([]);
    expect(statusOf(exchange, order)).toBe('canceled');
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('1000000/0');
  });
});
