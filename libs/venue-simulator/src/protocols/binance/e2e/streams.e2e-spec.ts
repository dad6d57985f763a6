import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '#libs/kernel';
import type { RunningSimulator } from '../../../server/index.js';
import { BinanceTestClient, startTestSimulator } from '../../../testing.js';
import type { Frame, TestSocket } from '../../../testing.js';

let simulator: RunningSimulator;
let clock: ManualClock;
let client: BinanceTestClient;

beforeEach(async () => {
  ({ simulator, clock } = await startTestSimulator());
  client = new BinanceTestClient(simulator, () => clock.nowMs());
});
afterEach(() => simulator.close());

const step = (steps = 1): Promise<unknown> => client.control('POST', '/step', { steps });

/** Steps the makers until the socket has what is waited for. */
async function stepUntil(socket: TestSocket, holds: () => boolean): Promise<void> {
  while (!holds()) {
    await step(5);
    await Promise.race([socket.until(holds), client.get('/api/v3/ping')]);
  }
}

interface DepthUpdate {
  readonly U: number;
  readonly u: number;
  readonly b: readonly [string, string][];
  readonly a: readonly [string, string][];
}

describe('diff depth', () => {
  it('chains without a gap and leads from a snapshot to the book of today', async () => {
    const socket = await client.open('/ws/btcusdt@depth@100ms');
    await stepUntil(socket, () => socket.messages.length >= 2);
    const snapshot = (await client.get('/api/v3/depth', { symbol: 'BTCUSDT', limit: 5_000 })).json;
    const lastUpdateId = Number(snapshot['lastUpdateId']);
    const updates = (): DepthUpdate[] => socket.messages as unknown as DepthUpdate[];
    await stepUntil(socket, () => updates().length >= 6 && updates().at(-1)!.u > lastUpdateId);
    const end = (await client.get('/api/v3/depth', { symbol: 'BTCUSDT', limit: 5_000 })).json;
    await socket.until(() => updates().at(-1)!.u >= Number(end['lastUpdateId']));

    for (let n = 1; n < updates().length; n += 1) expect(updates()[n]!.U).toBe(updates()[n - 1]!.u + 1);
    const rest = updates().filter(({ u }) => u > lastUpdateId);
    expect(rest[0]!.U).toBeLessThanOrEqual(lastUpdateId + 1);
    expect(updates().at(-1)!.u).toBe(end['lastUpdateId']);
    for (const side of ['bids', 'asks'] as const) {
      const book = new Map(snapshot[side] as [string, string][]);
      for (const update of rest) for (const [price, quantity] of side === 'bids' ? update.b : update.a) apply(book, price, quantity);
      const expected = new Map(end[side] as [string, string][]);
      for (const [price, quantity] of expected) expect(book.get(price)).toBe(quantity);
    }
  });

  it('says that a level is gone with a quantity of zero', async () => {
    const socket = await client.open('/ws/ltcusdt@depth@100ms');
    await client.order({ symbol: 'LTCUSDT', type: 'LIMIT', timeInForce: 'GTC', quantity: '5.123', price: '40.07', newClientOrderId: 'o' });
    await client.signed('DELETE', '/api/v3/order', { symbol: 'LTCUSDT', origClientOrderId: 'o' });
    const isGone = ({ b }: Frame): boolean => JSON.stringify(b).includes('["40.07000000","0.00000000"]');
    expect(await socket.find(isGone)).toMatchObject({ e: 'depthUpdate', s: 'LTCUSDT', a: [] });
  });
});

function apply(book: Map<string, string>, price: string, quantity: string): void {
  if (quantity === '0.00000000') book.delete(price);
  else book.set(price, quantity);
}

describe('other streams', () => {
  it('tell each trade and its aggregate', async () => {
    const socket = await client.open('/stream?streams=btcusdt@trade/btcusdt@aggTrade/btcusdt@bookTicker');
    await client.order({ type: 'MARKET', quantity: '1' });
    const trade = await socket.find((message) => message['stream'] === 'btcusdt@trade');
    expect(trade['data']).toEqual({
      e: 'trade',
      E: clock.nowMs(),
      s: 'BTCUSDT',
      t: expect.any(Number),
      p: expect.any(String),
      q: expect.any(String),
      T: clock.nowMs(),
      m: false,
      M: true,
    });
    const aggregate = await socket.find((message) => message['stream'] === 'btcusdt@aggTrade');
    expect(Object.keys(aggregate['data'] as Frame)).toEqual(['e', 'E', 's', 'a', 'p', 'q', 'f', 'l', 'T', 'm', 'M']);
    const best = await socket.find((message) => message['stream'] === 'btcusdt@bookTicker');
    expect(Object.keys(best['data'] as Frame)).toEqual(['u', 's', 'b', 'B', 'a', 'A']);
  });

  it('show the best levels of the book, without a name of their own', async () => {
    const socket = await client.open('/ws/btcusdt@depth5@100ms');
    await socket.until(() => socket.messages.length > 0);
    expect(socket.messages[0]).toEqual({ lastUpdateId: expect.any(Number), bids: expect.any(Array), asks: expect.any(Array) });
    expect(socket.messages[0]!['bids']).toHaveLength(5);
  });

  it.each([
    ['btcusdt@kline_1s', 'kline'],
    ['btcusdt@miniTicker', '24hrMiniTicker'],
    ['btcusdt@ticker', '24hrTicker'],
  ])('send %s regularly', async (name, type) => {
    const socket = await client.open(`/ws/${name}`);
    expect(await socket.find((message) => message['e'] === type)).toMatchObject({ s: 'BTCUSDT' });
  });

  it('send all mini tickers as an array', async () => {
    const socket = await client.open('/ws/!miniTicker@arr');
    await socket.until(() => socket.texts.length > 0);
    expect(JSON.parse(socket.texts[0]!)).toEqual(expect.arrayContaining([expect.objectContaining({ e: '24hrMiniTicker', s: 'ETHUSDT' })]));
  });
});

describe('control frames', () => {
  it('subscribe, list, unsubscribe and switch the wrapping', async () => {
    const socket = await client.open('/ws');
    expect(await socket.ask('1', 'SUBSCRIBE')).toMatchObject({ code: 2 });
    socket.send({ method: 'SUBSCRIBE', params: ['btcusdt@depth5@100ms', 'nope@trade'], id: 7 });
    expect(await socket.find((message) => message['id'] === 7)).toEqual({ result: null, id: 7 });
    socket.send({ method: 'LIST_SUBSCRIPTIONS', id: 8 });
    expect(await socket.find((message) => message['id'] === 8)).toEqual({ result: ['btcusdt@depth5@100ms', 'nope@trade'], id: 8 });
    socket.send({ method: 'SET_PROPERTY', params: ['combined', true], id: 9 });
    await step(3);
    expect(await socket.find((message) => 'stream' in message)).toHaveProperty('data.bids');
    socket.send({ method: 'UNSUBSCRIBE', params: ['btcusdt@depth5@100ms'], id: 10 });
    expect(await socket.find((message) => message['id'] === 10)).toEqual({ result: null, id: 10 });
  });

  it.each([
    [{ method: 'GET_PROPERTY', params: ['colour'], id: 1 }, 0],
    [{ method: 'SET_PROPERTY', params: ['combined', 'yes'], id: 1 }, 1],
    [{ method: 'DANCE', id: 1 }, 2],
    ['{', 3],
  ])('refuse %o with code %i', async (frame, code) => {
    const socket = await client.open('/ws');
    socket.send(frame);
    expect(await socket.find((message) => 'code' in message)).toMatchObject({ code });
  });

  it('close the connection with 1008 at the sixth frame of a second', async () => {
    const socket = await client.open('/ws');
    for (let id = 1; id <= 6; id += 1) socket.send({ method: 'LIST_SUBSCRIPTIONS', id });
    await socket.until(() => socket.closed !== null);
    expect(socket.closed).toEqual({ code: 1008, reason: 'Too many requests' });
    const { json } = await client.control('GET', '/ledger?account=binance-sim');
    expect(json['rateLimitViolations']).toMatchObject([{ limit: 'inbound-messages' }]);
  });
});

describe('keeping connections', () => {
  it('pings, and cuts off who does not answer', async () => {
    await simulator.close();
    ({ simulator, clock } = await startTestSimulator({ timings: { pingEveryMs: 20, pongWithinMs: 60 } }));
    client = new BinanceTestClient(simulator, () => clock.nowMs());
    const polite = await client.open('/ws');
    const { default: WebSocket } = await import('ws');
    const silent = new WebSocket(`ws://127.0.0.1:${simulator.port}/binance/ws`, { autoPong: false });
    const closed = new Promise<number>((resolve) => silent.on('close', resolve));
    expect(await closed).toBe(1006);
    expect(polite.closed).toBeNull();
  });

  it('ends a connection when its time is over', async () => {
    await simulator.close();
    ({ simulator, clock } = await startTestSimulator({ timings: { connectionLifeMs: 30 } }));
    client = new BinanceTestClient(simulator, () => clock.nowMs());
    const socket = await client.open('/ws-api/v3');
    await socket.until(() => socket.closed !== null);
    expect(socket.closed).toMatchObject({ code: 1001 });
  });
});
