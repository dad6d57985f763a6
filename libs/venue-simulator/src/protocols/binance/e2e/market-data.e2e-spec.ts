import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManualClock } from '#libs/kernel';
import type { RunningSimulator } from '../../../server/index.js';
import { BinanceTestClient, startTestSimulator } from '../../../testing.js';

let simulator: RunningSimulator;
let clock: ManualClock;
let client: BinanceTestClient;

beforeAll(async () => {
  ({ simulator, clock } = await startTestSimulator({ limits: 'unlimited' }));
  client = new BinanceTestClient(simulator, () => clock.nowMs());
});
afterAll(() => simulator.close());

const BTC = { symbol: 'BTCUSDT' };
const DECIMAL = expect.stringMatching(/^-?\d+\.\d{8}$/);

describe('market data', () => {
  it('tells its time', async () => {
    expect(await client.get('/api/v3/ping')).toMatchObject({ status: 200, text: '{}' });
    expect((await client.get('/api/v3/time')).text).toBe(`{"serverTime":${clock.nowMs()}}`);
  });

  it('lists filters, types and limits of one symbol, several, or all', async () => {
    const one = (await client.get('/api/v3/exchangeInfo', BTC)).json;
    expect(one).toMatchObject({
      timezone: 'UTC',
      symbols: [{ symbol: 'BTCUSDT', status: 'TRADING', permissions: [], permissionSets: [['SPOT']] }],
    });
    const [symbol] = one['symbols'] as { filters: { filterType: string }[] }[];
    expect(symbol!.filters.map(({ filterType }) => filterType)).toEqual(
      expect.arrayContaining([
        'PRICE_FILTER',
        'LOT_SIZE',
        'MARKET_LOT_SIZE',
        'NOTIONAL',
        'PERCENT_PRICE_BY_SIDE',
        'MAX_NUM_ORDERS',
        'MAX_NUM_ALGO_ORDERS',
        'ICEBERG_PARTS',
      ]),
    );
    const two = (await client.get('/api/v3/exchangeInfo', { symbols: '["BTCUSDT","ETHUSDT"]' })).json;
    expect(two['symbols']).toHaveLength(2);
    expect(await client.get('/api/v3/exchangeInfo', { symbol: 'NOPE' })).toMatchObject({ status: 400, json: { code: -1121 } });
    expect(await client.get('/api/v3/exchangeInfo', { ...BTC, symbolStatus: 'TRADING' })).toMatchObject({ json: { code: -1128 } });
    expect((await client.get('/api/v3/exchangeInfo', { symbolStatus: 'HALT' })).json['symbols']).toEqual([]);
  });

  it('shows the book best first', async () => {
    const { json } = await client.get('/api/v3/depth', { ...BTC, limit: 20 });
    const bids = json['bids'] as [string, string][];
    const asks = json['asks'] as [string, string][];
    expect([bids.length, asks.length]).toEqual([20, 20]);
    expect(bids[0]).toEqual([DECIMAL, DECIMAL]);
    expect(bids[0]![0] > bids[1]![0]).toBe(true);
    expect(asks[0]![0] < asks[1]![0]).toBe(true);
    expect(bids[0]![0] < asks[0]![0]).toBe(true);
  });

  it('shows trades, old trades and aggregate trades', async () => {
    const trades = (await client.get('/api/v3/trades', { ...BTC, limit: 5 })).list;
    expect(trades).toHaveLength(5);
    expect(trades[0]).toEqual({
      id: expect.any(Number),
      price: DECIMAL,
      qty: DECIMAL,
      quoteQty: DECIMAL,
      time: expect.any(Number),
      isBuyerMaker: expect.any(Boolean),
      isBestMatch: true,
    });
    const older = (await client.get('/api/v3/historicalTrades', { ...BTC, fromId: Number(trades[2]!['id']) })).list;
    expect(older.map(({ id }) => id)).toEqual(trades.slice(2).map(({ id }) => id));
    const aggregates = (await client.get('/api/v3/aggTrades', { ...BTC, limit: 3 })).list;
    expect(Number(aggregates[1]!['a']) - Number(aggregates[0]!['a'])).toBe(1);
  });

  it.each(['1s', '1m', '15m', '4h', '1d', '3d', '1w', '1M'])('draws %s candles without gaps', async (interval) => {
    const answer = await client.get('/api/v3/klines', { ...BTC, interval, limit: 4 });
    const rows = answer.list as unknown as (string | number)[][];
    expect(rows).toHaveLength(4);
    expect(rows[0]).toHaveLength(12);
    for (let n = 1; n < rows.length; n += 1) expect(rows[n]![0]).toBe(Number(rows[n - 1]![6]) + 1);
  });

  it('begins weeks on Monday and refuses an unknown interval', async () => {
    const rows = (await client.get('/api/v3/klines', { ...BTC, interval: '1w', limit: 1 })).list as unknown as number[][];
    expect(new Date(rows[0]![0]!).getUTCDay()).toBe(1);
    expect(await client.get('/api/v3/klines', { ...BTC, interval: '7m' })).toMatchObject({ status: 400, json: { code: -1120 } });
  });

  it('answers one ticker as an object, several as an array', async () => {
    const one = await client.get('/api/v3/ticker/24hr', BTC);
    expect(Object.keys(one.json)).toEqual([
      'symbol',
      'priceChange',
      'priceChangePercent',
      'weightedAvgPrice',
      'prevClosePrice',
      'lastPrice',
      'lastQty',
      'bidPrice',
      'bidQty',
      'askPrice',
      'askQty',
      'openPrice',
      'highPrice',
      'lowPrice',
      'volume',
      'quoteVolume',
      'openTime',
      'closeTime',
      'firstId',
      'lastId',
      'count',
    ]);
    expect((await client.get('/api/v3/ticker/24hr', { symbols: '["BTCUSDT"]' })).list).toHaveLength(1);
    expect((await client.get('/api/v3/ticker/price')).list.length).toBeGreaterThan(3);
    expect((await client.get('/api/v3/ticker/bookTicker', BTC)).json).toEqual({
      symbol: 'BTCUSDT',
      bidPrice: DECIMAL,
      bidQty: DECIMAL,
      askPrice: DECIMAL,
      askQty: DECIMAL,
    });
    expect((await client.get('/api/v3/ticker/24hr', { ...BTC, type: 'MINI' })).json).not.toHaveProperty('bidPrice');
    expect((await client.get('/api/v3/ticker', { ...BTC, windowSize: '2h' })).json).toHaveProperty('weightedAvgPrice', DECIMAL);
    expect((await client.get('/api/v3/ticker/tradingDay', BTC)).json).toHaveProperty('openPrice', DECIMAL);
    expect(await client.get('/api/v3/ticker', BTC)).toMatchObject({ status: 200 });
    expect(await client.get('/api/v3/ticker', { ...BTC, windowSize: '25h' })).toMatchObject({ status: 400, json: { code: -1130 } });
    expect((await client.get('/api/v3/avgPrice', BTC)).json).toEqual({ mins: 5, price: DECIMAL, closeTime: clock.nowMs() });
  });

  it('answers the calls around spot trading that ordinary clients make', async () => {
    expect((await client.signed('GET', '/sapi/v1/capital/config/getall')).list).toEqual(
      expect.arrayContaining([expect.objectContaining({ coin: 'BTC' })]),
    );
    expect((await client.signed('GET', '/sapi/v1/asset/tradeFee', BTC)).list).toMatchObject([{ symbol: 'BTCUSDT' }]);
    expect((await client.get('/fapi/v1/exchangeInfo')).json).toMatchObject({ symbols: [] });
    expect((await client.get('/sapi/v1/margin/allPairs')).text).toBe('[]');
  });

  it('shows the account, its fees and its filters', async () => {
    const { json } = await client.signed('GET', '/api/v3/account');
    expect(json).toMatchObject({
      accountType: 'SPOT',
      canTrade: true,
      permissions: ['SPOT'],
      commissionRates: { maker: DECIMAL, taker: DECIMAL },
    });
    expect(json['balances']).toEqual(expect.arrayContaining([{ asset: 'USDT', free: '1000000.00000000', locked: '0.00000000' }]));
    expect((await client.signed('GET', '/api/v3/account/commission', BTC)).json).toMatchObject({
      symbol: 'BTCUSDT',
      standardCommission: { maker: DECIMAL },
    });
    expect((await client.signed('GET', '/api/v3/myFilters', BTC)).json).toHaveProperty('symbolFilters');
    expect((await client.signed('GET', '/api/v3/myPreventedMatches', { ...BTC, orderId: 1 })).text).toBe('[]');
    expect(await client.signed('GET', '/api/v3/myPreventedMatches', BTC)).toMatchObject({ json: { code: -1128 } });
  });
});
