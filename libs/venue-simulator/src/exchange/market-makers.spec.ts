import { describe, expect, it } from 'vitest';
import { decimal, decimalText } from '#libs/kernel';
import { createSimulatedExchange } from './exchange.js';
import { TEST_START_MS, current, placed, quietExchange } from './testing.js';
import type { SimExchange } from './types.js';

const STEP_MS = 250;

function stepUntil(exchange: SimExchange, steps: number, isDone: () => boolean): number {
  for (let step = 1; step <= steps; step += 1) {
    exchange.makersStep(TEST_START_MS + step * STEP_MS);
    if (isDone()) return step;
  }
  return Infinity;
}

describe('market makers', () => {
  it('give every market a deep book from the first moment', () => {
    const exchange = createSimulatedExchange({ seed: 3, startMs: TEST_START_MS });
    for (const { symbol } of exchange.markets()) {
      const { bids, asks } = exchange.depth(symbol, 5000);
      const least = symbol === 'BTC/USDT' || symbol === 'ETH/USDT' ? 1000 : 200;
      expect(Math.min(bids.length, asks.length), symbol).toBeGreaterThanOrEqual(least);
      expect(exchange.recentTrades(symbol, 1000).length, symbol).toBeGreaterThan(500);
    }
  });

  it('keep books deep and prices within 4 % of the seed price, and move them', () => {
    const exchange = createSimulatedExchange({ seed: 3, startMs: TEST_START_MS });
    const prices = new Set<string>();
    for (let step = 1; step <= 1_500; step += 1) {
      exchange.makersStep(TEST_START_MS + step * STEP_MS);
      prices.add(decimalText(exchange.lastPrice('BTC/USDT')));
    }
    for (const { symbol, seedPrice } of exchange.markets()) {
      const { bids, asks } = exchange.depth(symbol, 5000);
      expect(Math.min(bids.length, asks.length), symbol).toBeGreaterThanOrEqual(
        symbol === 'BTC/USDT' || symbol === 'ETH/USDT' ? 1000 : 200,
      );
      const moved = exchange.lastPrice(symbol).div(seedPrice).minus('1').abs();
      expect(moved.lt(decimal('0.04')), `${symbol} moved by ${decimalText(moved)}`).toBe(true);
    }
    expect(prices.size).toBeGreaterThan(300);
  });

  it.each(['buy', 'sell'] as const)('fill a resting %s order at the touch within a hundred steps', (side) => {
    const exchange = quietExchange({ marketMakers: true });
    const { bids, asks } = exchange.depth('BTC/USDT', 1);
    const price = decimalText((side === 'buy' ? bids : asks)[0]![0]);
    const { order } = placed(exchange, { side, price, quantity: '0.5', postOnly: true });
    expect(stepUntil(exchange, 100, () => current(exchange, order).status === 'filled')).toBeLessThanOrEqual(100);
  });

  it('leave an order far from the market alone', () => {
    const exchange = quietExchange({ marketMakers: true });
    const { order } = placed(exchange, { price: '40000', quantity: '1' });
    stepUntil(exchange, 500, () => false);
    expect(current(exchange, order).status).toBe('new');
  });

  it('refill a book that an account has bought empty', () => {
    const exchange = quietExchange({ marketMakers: true });
    exchange.deposit('alice', 'BTC', decimal('100000'), TEST_START_MS);
    for (let i = 0; i < 9; i += 1) placed(exchange, { side: 'sell', price: '50000', quantity: '100', timeInForce: 'IOC' });
    expect(exchange.depth('BTC/USDT', 5000).bids.length).toBeLessThan(1000);
    exchange.makersStep(TEST_START_MS + STEP_MS);
    expect(exchange.depth('BTC/USDT', 5000).bids.length).toBeGreaterThanOrEqual(1000);
  });

  it('buy up what an account offers below their own price, and never leave a crossed book', () => {
    const exchange = quietExchange({ marketMakers: true });
    for (let i = 0; i < 9; i += 1) placed(exchange, { side: 'sell', price: '63000', quantity: '2', timeInForce: 'GTC' });
    exchange.makersStep(TEST_START_MS + STEP_MS);
    const { bids, asks } = exchange.depth('BTC/USDT', 1);
    expect(bids[0]![0].lt(asks[0]![0])).toBe(true);
    expect(exchange.openOrders('alice', null)).toEqual([]);
  });

  it('do the same for the same seed, on any day, and something else for another', () => {
    const book = (seed: number, startMs: number): string => {
      const exchange = createSimulatedExchange({ seed, startMs });
      for (let step = 1; step <= 20; step += 1) exchange.makersStep(startMs + step * STEP_MS);
      const trades = exchange.recentTrades('ETH/USDT', 50).map((trade) => [trade.tradeId, trade.price, trade.quantity]);
      return JSON.stringify([exchange.depth('ETH/USDT', 50), trades]);
    };
    expect(book(5, TEST_START_MS)).toBe(book(5, TEST_START_MS + 86_412_345));
    expect(book(5, TEST_START_MS)).not.toBe(book(6, TEST_START_MS));
  });

  it('leave the numbers of accounts’ orders alone', () => {
    const exchange = quietExchange({ marketMakers: true, idBase: 1_000 });
    exchange.makersStep(TEST_START_MS + STEP_MS);
    expect(placed(exchange, { quantity: '0.01' }).order.orderId).toBe(1_000);
    expect(placed(exchange, { symbol: 'ETH/USDT', price: '3000', quantity: '0.01' }).order.orderId).toBe(1_001);
  });
});
