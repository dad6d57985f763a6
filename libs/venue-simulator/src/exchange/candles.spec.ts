import { describe, expect, it } from 'vitest';
import { type Decimal, decimal, decimalText, sum } from '#libs/kernel';
import { createSimulatedExchange } from './exchange.js';
import { TEST_START_MS, placed, quietExchange } from './testing.js';
import type { SimCandle } from './types.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

const total = (candles: readonly SimCandle[], pick: (candle: SimCandle) => Decimal): string => decimalText(sum(candles.map(pick)));

describe('candles', () => {
  it('are there for the time before the start, one after the other, each within its high and low', () => {
    const exchange = quietExchange();
    for (const intervalMs of [MINUTE, 5 * MINUTE, HOUR, 4 * HOUR, DAY]) {
      const candles = exchange.candles('BTC/USDT', intervalMs, null, null, 500);
      expect(candles).toHaveLength(500);
      candles.forEach((candle, index) => {
        expect(candle.openTimeMs).toBe(candles[0]!.openTimeMs + index * intervalMs);
        for (const price of [candle.open, candle.close]) {
          expect(price.lte(candle.high)).toBe(true);
          expect(price.gte(candle.low)).toBe(true);
        }
        expect(candle.low.gt(decimal('0'))).toBe(true);
        expect(candle.takerBuyVolume.lte(candle.volume)).toBe(true);
      });
      expect(candles.at(-1)!.openTimeMs).toBe(Math.floor(TEST_START_MS / intervalMs) * intervalMs);
    }
  });

  it.each([HOUR, DAY])('of %d ms are exactly their minutes together', (intervalMs) => {
    const exchange = quietExchange();
    const [long] = exchange.candles('ETH/BTC', intervalMs, TEST_START_MS - 3 * DAY, null, 1);
    const minutes: SimCandle[] = [];
    for (let at = long!.openTimeMs; at < long!.openTimeMs + intervalMs; at += HOUR)
      minutes.push(...exchange.candles('ETH/BTC', MINUTE, at, null, 60));
    expect(minutes).toHaveLength(intervalMs / MINUTE);
    expect([long!.open, long!.close].map(decimalText)).toEqual([minutes[0]!.open, minutes.at(-1)!.close].map(decimalText));
    expect(decimalText(long!.volume)).toBe(total(minutes, (candle) => candle.volume));
    expect(decimalText(long!.quoteVolume)).toBe(total(minutes, (candle) => candle.quoteVolume));
    expect(minutes.some((candle) => candle.high.eq(long!.high))).toBe(true);
    expect(minutes.every((candle) => candle.high.lte(long!.high) && candle.low.gte(long!.low))).toBe(true);
    expect(long!.trades).toBe(minutes.reduce((count, candle) => count + candle.trades, 0));
  });

  it('of a week begin on Monday', () => {
    const [week] = quietExchange().candles('BTC/USDT', WEEK, null, null, 1);
    expect(new Date(week!.openTimeMs).getUTCDay()).toBe(1);
    expect(week!.openTimeMs).toBeLessThanOrEqual(TEST_START_MS);
  });

  it('take in real trades, of minutes and of seconds, and stand flat where nothing trades', () => {
    const exchange = quietExchange();
    const nowMs = TEST_START_MS + 5 * MINUTE;
    placed(exchange, { account: 'bob', side: 'sell', price: '64500', quantity: '1' }, nowMs);
    placed(exchange, { price: '64500', quantity: '0.25' }, nowMs);
    const [flat, traded] = exchange.candles('BTC/USDT', MINUTE, null, null, 2);
    expect([traded!.open, traded!.high, traded!.close, traded!.volume, traded!.takerBuyVolume].map(decimalText)).toEqual([
      '64500',
      '64500',
      '64500',
      '0.25',
      '0.25',
    ]);
    expect([decimalText(flat!.volume), flat!.trades, decimalText(flat!.open)]).toEqual(['0', 0, decimalText(flat!.close)]);
    const [second] = exchange.candles('BTC/USDT', 1000, nowMs, null, 1);
    expect([second!.openTimeMs, decimalText(second!.quoteVolume)]).toEqual([nowMs, '16125']);
  });

  it('keep to the times that are asked for', () => {
    const exchange = quietExchange();
    const endMs = TEST_START_MS - DAY;
    const from = exchange.candles('BTC/USDT', HOUR, endMs - 10 * HOUR, endMs, 500).map((candle) => candle.openTimeMs);
    expect(from).toHaveLength(10);
    expect(Math.min(...from)).toBeGreaterThanOrEqual(endMs - 10 * HOUR);
    expect(Math.max(...from)).toBeLessThanOrEqual(endMs);
    expect(exchange.candles('BTC/USDT', HOUR, null, endMs, 3).map((candle) => candle.openTimeMs)).toEqual(from.slice(-3));
    expect(exchange.candles('BTC/USDT', HOUR, TEST_START_MS + DAY, null, 3)).toEqual([]);
  });

  it('end near the seed price, where live trading begins', () => {
    const exchange = createSimulatedExchange({ seed: 9, startMs: TEST_START_MS });
    for (const { symbol, seedPrice } of exchange.markets()) {
      const [last] = exchange.candles(symbol, MINUTE, TEST_START_MS - 12 * MINUTE, null, 1);
      expect(last!.close.div(seedPrice).minus('1').abs().lt(decimal('0.02')), symbol).toBe(true);
    }
  });
});

describe('statistics', () => {
  it('of 24 hours are the last 1,440 minutes', () => {
    const exchange = quietExchange();
    const stats = exchange.stats24h('BTC/USDT', TEST_START_MS);
    const minutes = [
      ...exchange.candles('BTC/USDT', MINUTE, null, TEST_START_MS - 720 * MINUTE, 720),
      ...exchange.candles('BTC/USDT', MINUTE, null, null, 720),
    ];
    expect(decimalText(stats.volume)).toBe(total(minutes, (candle) => candle.volume));
    expect(decimalText(stats.open)).toBe(decimalText(minutes[0]!.open));
    expect(stats.count).toBe(minutes.reduce((count, candle) => count + candle.trades, 0));
    expect(decimalText(stats.last)).toBe(decimalText(exchange.lastPrice('BTC/USDT')));
  });

  it('know the mean price by volume, and the last price where nothing traded', () => {
    const exchange = quietExchange();
    const nowMs = TEST_START_MS + HOUR;
    expect(decimalText(exchange.averagePrice('BTC/USDT', 5, nowMs))).toBe(decimalText(exchange.lastPrice('BTC/USDT')));
    placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '1' }, nowMs);
    placed(exchange, { account: 'bob', side: 'sell', price: '67000', quantity: '2' }, nowMs);
    placed(exchange, { price: '67000', quantity: '3' }, nowMs);
    expect(decimalText(exchange.averagePrice('BTC/USDT', 5, nowMs))).toBe('66000');
    expect(decimalText(exchange.averagePrice('BTC/USDT', 1, nowMs))).toBe('66000');
  });

  it('keep the last thousand trades, the newest last', () => {
    const exchange = quietExchange();
    for (let i = 0; i < 1_200; i += 1) {
      placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '0.001' });
      placed(exchange, { price: '64000', quantity: '0.001' });
    }
    const trades = exchange.recentTrades('BTC/USDT', 5_000);
    expect(trades).toHaveLength(1_000);
    expect(trades.at(-1)!.tradeId - trades[0]!.tradeId).toBe(999);
    expect(exchange.recentTrades('BTC/USDT', 2).map((trade) => trade.tradeId)).toEqual(trades.slice(-2).map((trade) => trade.tradeId));
  });
});
