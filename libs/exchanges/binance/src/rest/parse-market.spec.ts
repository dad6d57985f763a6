import { parseLosslessJson } from '#libs/exchanges/transport';
import { decimalText } from '#libs/kernel';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCandles, parseDepth, parseExchangeInfo, parseRateLimits, parseServerTime, parseTicker, parseTrades } from './parse-market.js';
import { UnreadableAnswer } from './responses.js';

const fixture = (name: string): unknown => parseLosslessJson(readFileSync(new URL(`../../fixtures/${name}.json`, import.meta.url), 'utf8'));

describe('parseExchangeInfo', () => {
  const info = parseExchangeInfo(fixture('http_exchangeInfo'), 'binance');

  it('reads markets, leaves a broken one out, and counts it', () => {
    expect(info.instruments.map((instrument) => instrument.symbol)).toEqual(['BTC/USDT', 'OLD/BTC']);
    expect(info.unreadable).toBe(1);
    expect(info.serverTimeMs).toBe(1_700_000_000_123);
  });

  it('reads what a market can do, and its filters, in which zero means none', () => {
    const [btc] = info.instruments;
    expect(btc).toMatchObject({
      venue: 'binance',
      venueSymbol: 'BTCUSDT',
      base: 'BTC',
      quote: 'USDT',
      kind: 'spot',
      status: 'trading',
      postOnly: true,
      amend: true,
      quoteQuantityMarket: true,
      orderTypes: ['limit', 'market', 'stop-market', 'stop-limit'],
      timesInForce: ['GTC', 'IOC', 'FOK'],
    });
    const { filters } = btc!;
    const { priceTick, quantityStep, quantityMin, marketQuantityStep, marketQuantityMax, notionalMin, priceBand } = filters;
    expect(
      [priceTick, quantityStep, quantityMin, marketQuantityMax, notionalMin, priceBand!.bidUp].map((value) => decimalText(value!)),
    ).toEqual(['0.01', '0.00001', '0.00001', '120', '5', '5']);
    expect(marketQuantityStep).toBeNull();
    expect(filters).toMatchObject({ notionalMinAppliesToMarket: true, notionalMaxAppliesToMarket: false, openOrdersMax: 200 });
  });

  it('reads the older filters, and a market in which only cancelling is left', () => {
    const old = info.instruments[1]!;
    expect(old).toMatchObject({ status: 'cancel-only', postOnly: false, amend: false, quoteQuantityMarket: false });
    expect(decimalText(old.filters.notionalMin!)).toBe('0.0001');
    expect(decimalText(old.filters.priceBand!.askDown)).toBe('0.2');
    expect(old.filters.quantityStep).toBeNull();
  });

  it.each([
    ['BREAK', true],
    ['HALT', true],
    ['SOMETHING_NEW', true],
    ['TRADING', false],
  ])('holds a market for halted: %s, spot %s', (status, spot) => {
    const symbol = { symbol: 'AB', baseAsset: 'A', quoteAsset: 'B', status, isSpotTradingAllowed: spot };
    expect(parseExchangeInfo({ serverTime: 1, symbols: [symbol] }, 'binance').instruments[0]!.status).toBe('halted');
  });

  it('reads limits with the names of their headers, and leaves out what says nothing', () => {
    expect(info.rateLimits).toContainEqual({ type: 'ORDERS', window: '10S', windowMs: 10_000, limit: 100, count: null });
    expect(info.rateLimits).toContainEqual({ type: 'REQUEST_WEIGHT', window: '1M', windowMs: 60_000, limit: 6_000, count: null });
    expect(parseRateLimits([{}, null, { rateLimitType: 'ORDERS', interval: 'FORTNIGHT', intervalNum: 1, limit: 5 }])).toEqual([]);
    expect(parseRateLimits(undefined)).toEqual([]);
  });
});

describe('market data', () => {
  it('passes on prices as the venue wrote them', () => {
    expect(parseTicker(fixture('http_get_ticker24hr'), () => 'BTC/USDT')).toMatchObject({
      symbol: 'BTC/USDT',
      last: '20000.00000000',
      bid: '19999.99000000',
      askQuantity: '0.20000000',
      changePercent: '-0.498',
      venueTimeMs: 1_700_000_000_000,
    });
    expect(parseCandles(fixture('http_get_klines'))).toEqual([
      {
        openTimeMs: 1_700_000_000_000,
        closeTimeMs: 1_700_000_059_999,
        open: '20000.00',
        high: '20010.00',
        low: '19990.00',
        close: '20005.00',
        volume: '12.5',
        quoteVolume: '250062.50',
        trades: 321,
      },
    ]);
    expect(parseDepth(fixture('http_get_depth'))).toEqual({
      lastUpdateId: '1027024',
      bids: [['4.00000000', '431.00000000']],
      asks: [['4.00000200', '12.00000000']],
    });
  });

  it('names the taker of a trade: where the buyer was the maker, the seller', () => {
    expect(parseTrades(fixture('http_get_trades'), 'X/Y').map((trade) => [trade.venueTradeId, trade.side])).toEqual([
      ['28457', 'sell'],
      ['28458', 'buy'],
    ]);
  });

  it('reads the clock, also in microseconds', () => {
    expect(parseServerTime({ serverTime: 1_700_000_000_123 })).toBe(1_700_000_000_123);
    expect(parseServerTime({ serverTime: 1_700_000_000_123_456 })).toBe(1_700_000_000_123);
  });

  it.each([
    ['a ticker without a price', () => parseTicker({ symbol: 'AB', volume: '1' }, (symbol) => symbol)],
    ['a candle that is too short', () => parseCandles([[1, '1']])],
    ['a level without a quantity', () => parseDepth({ lastUpdateId: 1, bids: [['1']], asks: [] })],
    ['a trade with a price that is no decimal', () => parseTrades([{ id: 1, price: 'x', qty: '1', time: 1, isBuyerMaker: true }], 'X')],
    ['no time', () => parseServerTime({})],
  ])('reads nothing into %s', (_what, parse) => {
    expect(parse).toThrow(UnreadableAnswer);
  });
});
