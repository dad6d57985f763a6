import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '#libs/kernel';
import type { RunningSimulator } from '../../../server/index.js';
import { BinanceTestClient, startTestSimulator } from '../../../testing.js';

let simulator: RunningSimulator;
let clock: ManualClock;
let client: BinanceTestClient;

beforeEach(async () => {
  ({ simulator, clock } = await startTestSimulator());
  client = new BinanceTestClient(simulator, () => clock.nowMs());
});
afterEach(() => simulator.close());

/** `depth` with 5000 levels weighs 250: 24 of them are the whole minute. */
async function useUpWeight(): Promise<void> {
  for (let n = 0; n < 24; n += 1) await client.get('/api/v3/depth', { symbol: 'BTCUSDT', limit: 5_000 });
}

describe('request weight', () => {
  it('adds up as documented and says so on every answer', async () => {
    const weights: number[] = [];
    const add = async (path: string, params = {}): Promise<void> => {
      const { headers } = await client.get(path, params);
      weights.push(Number.parseInt(String(headers['x-mbx-used-weight-1m']), 10));
    };
    await add('/api/v3/ping');
    await add('/api/v3/exchangeInfo');
    await add('/api/v3/depth', { symbol: 'BTCUSDT', limit: 101 });
    await add('/api/v3/ticker/24hr');
    await add('/api/v3/ticker/price', { symbol: 'BTCUSDT' });
    await add('/api/v3/trades', { symbol: 'BTCUSDT' });
    expect(weights).toEqual([1, 21, 46, 126, 128, 153]);
  });

  it('ends in 429, then 418 for who goes on, and is over when the ban is', async () => {
    await useUpWeight();
    const limited = await client.get('/api/v3/ping');
    expect(limited).toMatchObject({ status: 429, json: { code: -1003 } });
    // 1700000000000 is 20 s into its minute.
    expect(limited.headers['retry-after']).toBe('40');
    let banned = limited;
    for (let n = 0; n < 20 && banned.status !== 418; n += 1) banned = await client.get('/api/v3/ping');
    const untilMs = clock.nowMs() + 120_000;
    expect(banned).toMatchObject({
      status: 418,
      headers: { 'retry-after': '120' },
      json: {
        code: -1003,
        msg: `Way too much request weight used; IP banned until ${untilMs}. Please use WebSocket Streams for live updates to avoid bans.`,
      },
    });
    expect((await client.limit()).status).toBe(418);
    clock.advance(120_000);
    expect((await client.get('/api/v3/ping')).status).toBe(200);
    const { json } = await client.control('GET', '/ledger?account=binance-sim');
    expect(json['rateLimitViolations']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ limit: 'weight', status: 429, request: 'GET /api/v3/ping' }),
        expect.objectContaining({ limit: 'banned', status: 418, request: 'POST /api/v3/order', account: 'binance-sim' }),
      ]),
    );
  });

  it('leaves orders free when it is used up', async () => {
    await useUpWeight();
    expect((await client.limit()).status).toBe(200);
  });

  it('cuts the sockets of a banned address', async () => {
    const socket = await client.open('/ws/btcusdt@trade');
    await useUpWeight();
    for (let n = 0; n < 11; n += 1) await client.get('/api/v3/ping');
    await socket.until(() => socket.closed !== null);
    expect(socket.closed).toMatchObject({ code: 1008 });
    await expect(client.open('/ws')).rejects.toThrow('418');
  });

  it('is shared by REST and the WebSocket API, whose connection costs 2', async () => {
    await client.get('/api/v3/ping');
    const socket = await client.open('/ws-api/v3');
    const reply = await socket.ask('a', 'exchangeInfo', { symbol: 'BTCUSDT' });
    expect(reply).toMatchObject({ status: 200, rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', limit: 6_000, count: 23 }] });
  });
});

describe('order counts', () => {
  it('refuse the 101st order of ten seconds, until the next ten', async () => {
    for (let n = 0; n < 100; n += 1) await client.limit({ timeInForce: 'IOC' });
    const refused = await client.limit({ timeInForce: 'IOC' });
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'retry-after': '10' },
      json: { code: -1015, msg: 'Too many new orders; current limit is 100 orders per 10 SECOND.' },
    });
    const { list } = await client.signed('GET', '/api/v3/rateLimit/order');
    expect(list).toMatchObject([
      { interval: 'SECOND', limit: 100, count: 100 },
      { interval: 'DAY', limit: 200_000, count: 100 },
    ]);
    clock.advance(10_000);
    expect((await client.limit({ timeInForce: 'IOC' })).status).toBe(200);
  });

  it('give five back to a maker at its first fill', async () => {
    const other = new BinanceTestClient(simulator, () => clock.nowMs(), 'binance-sim-2');
    for (let n = 0; n < 7; n += 1) await client.limit({ timeInForce: 'IOC' });
    const { json } = await client.get('/api/v3/ticker/bookTicker', { symbol: 'LTCBTC' });
    await client.order({ symbol: 'LTCBTC', type: 'LIMIT', timeInForce: 'GTC', quantity: '1', price: String(json['askPrice']) });
    const mine = { symbol: 'LTCBTC', side: 'SELL', type: 'LIMIT_MAKER', quantity: '1' };
    const resting = await client.order({ ...mine, price: await justAbove('LTCBTC') });
    expect(resting.status).toBe(200);
    const before = await countOf(client);
    await sweep(other, 'LTCBTC');
    expect(before - (await countOf(client))).toBe(5);
  });
});

async function countOf(of: BinanceTestClient): Promise<number> {
  const { list } = await of.signed('GET', '/api/v3/rateLimit/order');
  return Number(list[0]!['count']);
}

/** The best ask: the order joins it. */
async function justAbove(symbol: string): Promise<string> {
  const { json } = await client.get('/api/v3/ticker/bookTicker', { symbol });
  return String(json['askPrice']);
}

async function sweep(by: BinanceTestClient, symbol: string): Promise<void> {
  const { json } = await by.get('/api/v3/depth', { symbol, limit: 1 });
  const [[price, quantity]] = json['asks'] as [[string, string]];
  await by.order({ symbol, type: 'LIMIT', timeInForce: 'IOC', quantity: quantity.replace(/0+$/, ''), price });
}

describe('unlimited mode', () => {
  it('lifts the limits and says so in exchangeInfo', async () => {
    await client.control('POST', '/reset', { seed: 3, limits: 'unlimited' });
    for (let n = 0; n < 120; n += 1) expect((await client2().limit({ timeInForce: 'IOC' })).status).toBe(200);
    const { json } = await client.get('/api/v3/exchangeInfo');
    expect(json['rateLimits']).toMatchObject([
      { limit: 1_000_000_000 },
      { limit: 1_000_000_000 },
      { limit: 1_000_000_000 },
      { limit: 1_000_000_000 },
    ]);
  });
});

/** The keys change with the seed. */
function client2(): BinanceTestClient {
  return new BinanceTestClient(simulator, () => clock.nowMs());
}
