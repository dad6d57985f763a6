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

async function fault(body: Frame): Promise<void> {
  expect(await client.control('POST', '/faults', { venue: 'binance', ...body })).toMatchObject({ status: 201 });
}

const PLACE = { method: 'POST', path: '/api/v3/order' };
const openOrders = async (): Promise<number> => (await client.signed('GET', '/api/v3/openOrders', { symbol: 'BTCUSDT' })).list.length;

async function userData(): Promise<TestSocket> {
  const socket = await client.open('/ws-api/v3');
  await socket.ask('s', 'userDataStream.subscribe.signature', client.wsSigned());
  return socket;
}

const eventsOf = (socket: TestSocket): string[] =>
  socket.messages.flatMap((message) =>
    'event' in message ? [String((message['event'] as Frame)['x'] ?? (message['event'] as Frame)['e'])] : [],
  );

describe('REST faults', () => {
  it('drop-request: the order never arrives', async () => {
    await fault({ kind: 'drop-request', match: PLACE, count: 1 });
    await expect(client.limit()).rejects.toThrow();
    expect(await openOrders()).toBe(0);
    expect((await client.limit()).status).toBe(200);
  });

  it('drop-response: the order arrives and its answer is lost', async () => {
    await fault({ kind: 'drop-response', match: PLACE, count: 1 });
    await expect(client.limit()).rejects.toThrow();
    expect(await openOrders()).toBe(1);
  });

  it.each([
    [false, 0],
    [true, 1],
  ])('reset with executed=%s leaves %i orders', async (executed, count) => {
    await fault({ kind: 'reset', match: PLACE, count: 1, executed });
    await expect(client.limit()).rejects.toThrow();
    expect(await openOrders()).toBe(count);
  });

  it.each([
    [false, 0],
    [true, 1],
  ])('http-status 504 with executed=%s answers -1007 and leaves %i orders', async (executed, count) => {
    await fault({ kind: 'http-status', status: 504, match: PLACE, count: 1, executed });
    expect(await client.limit()).toMatchObject({ status: 504, json: { code: -1007 } });
    expect(await openOrders()).toBe(count);
  });

  it('http-status with a body of its own, such as a -2013 that is not true yet', async () => {
    await client.limit({ newClientOrderId: 'o' });
    await fault({
      kind: 'http-status',
      status: 400,
      body: '{"code":-2013,"msg":"Order does not exist."}',
      match: { method: 'GET', path: '/api/v3/order' },
      count: 2,
    });
    const ask = () => client.signed('GET', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'o' });
    expect(await ask()).toMatchObject({ json: { code: -2013 } });
    expect(await ask()).toMatchObject({ json: { code: -2013 } });
    expect(await ask()).toMatchObject({ status: 200 });
  });

  it('delay: the answer comes later', async () => {
    await fault({ kind: 'delay', delayMs: 40, match: PLACE, count: 1 });
    const startedMs = performance.now();
    expect((await client.limit()).status).toBe(200);
    expect(performance.now() - startedMs).toBeGreaterThan(35);
  });

  it('truncate: the order is placed and its answer breaks off', async () => {
    await fault({ kind: 'truncate', match: PLACE, count: 1 });
    await expect(client.limit()).rejects.toThrow();
    expect(await openOrders()).toBe(1);
  });

  it('garbage: the order is placed and its answer is nonsense', async () => {
    await fault({ kind: 'garbage', match: PLACE, count: 1 });
    const answer = await client.limit();
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({});
    expect(await openOrders()).toBe(1);
  });

  it('ban: 418 with Retry-After for everything, sockets cut, until it is over', async () => {
    const socket = await userData();
    await fault({ kind: 'ban', delayMs: 30_000 });
    expect(await client.get('/api/v3/ping')).toMatchObject({ status: 418, headers: { 'retry-after': '30' }, json: { code: -1003 } });
    await socket.until(() => socket.closed !== null);
    await expect(client.open('/ws')).rejects.toThrow('418');
    clock.advance(30_000);
    expect((await client.get('/api/v3/ping')).status).toBe(200);
  });

  it('maintenance: told on open sockets, then 503 and -1016', async () => {
    const socket = await client.open('/stream?streams=btcusdt@trade');
    await fault({ kind: 'maintenance' });
    expect(await socket.find((message) => message['stream'] === '!serverShutdown')).toMatchObject({ data: { e: 'serverShutdown' } });
    expect(await client.get('/api/v3/ping')).toMatchObject({ status: 503, json: { code: -1016 } });
    await expect(client.open('/ws-api/v3')).rejects.toThrow('503');
    await client.control('DELETE', '/faults');
    expect((await client.get('/api/v3/ping')).status).toBe(200);
  });

  it('clock-skew: the venue tells and checks another time', async () => {
    await fault({ kind: 'clock-skew', skewMs: 7_000 });
    expect((await client.get('/api/v3/time')).json['serverTime']).toBe(clock.nowMs() + 7_000);
    expect(await client.limit()).toMatchObject({ status: 400, json: { code: -1021 } });
    expect(await client.limit({ timestamp: clock.nowMs() + 7_000 })).toMatchObject({ status: 200 });
  });

  it('bad-checksum: accepted, and nothing here carries one', async () => {
    await fault({ kind: 'bad-checksum' });
    expect((await client.limit()).status).toBe(200);
  });

  it('narrows by account', async () => {
    await fault({ kind: 'http-status', status: 500, match: { account: 'binance-sim-2' } });
    expect((await client.limit()).status).toBe(200);
    const other = new BinanceTestClient(simulator, () => clock.nowMs(), 'binance-sim-2');
    expect(await other.limit()).toMatchObject({ status: 500, json: { code: -1001 } });
  });

  it('strikes with the same requests at every run with the same seed', async () => {
    const run = async (): Promise<string> => {
      await client.control('POST', '/reset', { seed: 11 });
      await fault({ kind: 'http-status', status: 500, probability: 0.5 });
      let hits = '';
      for (let n = 0; n < 20; n += 1) hits += (await client.get('/api/v3/ping')).status === 500 ? 'x' : '.';
      return hits;
    };
    const first = await run();
    expect(first).toContain('x');
    expect(first).toContain('.');
    expect(await run()).toBe(first);
  });
});

describe('WebSocket API faults', () => {
  const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '60000' };

  it.each([
    ['drop-request', { method: 'order.place' }, 0],
    ['drop-response', { path: 'order.place' }, 1],
    ['drop-response', PLACE, 1],
  ])('%s matched by %o gives no reply and leaves %i orders', async (kind, match, count) => {
    const socket = await client.open('/ws-api/v3');
    await fault({ kind, match, count: 1 });
    socket.send({ id: 'lost', method: 'order.place', params: client.wsSigned(order) });
    await socket.ask('after', 'ping');
    expect(socket.messages).toHaveLength(1);
    expect(await openOrders()).toBe(count);
  });

  it('http-status, ban and reset', async () => {
    const socket = await client.open('/ws-api/v3');
    await fault({ kind: 'http-status', status: 504, match: { method: 'order.place' }, count: 1, executed: true });
    expect(await socket.ask('a', 'order.place', client.wsSigned(order))).toMatchObject({ status: 504, error: { code: -1007 } });
    expect(await openOrders()).toBe(1);
    await fault({ kind: 'reset', match: { method: 'order.place' }, count: 1 });
    socket.send({ id: 'b', method: 'order.place', params: client.wsSigned(order) });
    await socket.until(() => socket.closed !== null);
    expect(await openOrders()).toBe(1);
  });

  it('delays a reply past the next one: match by id', async () => {
    const socket = await client.open('/ws-api/v3');
    await fault({ kind: 'delay', delayMs: 30, match: { method: 'time' }, count: 1 });
    socket.send({ id: 'slow', method: 'time' });
    socket.send({ id: 'fast', method: 'ping' });
    await socket.find((message) => message['id'] === 'slow');
    expect(socket.messages.map(({ id }) => id)).toEqual(['fast', 'slow']);
  });
});

describe('event faults', () => {
  it.each([
    ['drop-event', ['outboundAccountPosition', 'CANCELED', 'outboundAccountPosition']],
    ['duplicate-event', ['NEW', 'NEW', 'outboundAccountPosition', 'CANCELED', 'outboundAccountPosition']],
    ['reorder-events', ['outboundAccountPosition', 'NEW', 'CANCELED', 'outboundAccountPosition']],
  ])('%s', async (kind, expected) => {
    const socket = await userData();
    await fault({ kind, match: { method: 'executionReport' }, count: 1 });
    await client.limit({ newClientOrderId: 'o' });
    await client.signed('DELETE', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'o' });
    await socket.until(() => eventsOf(socket).length >= expected.length);
    await socket.ask('end', 'ping');
    expect(eventsOf(socket)).toEqual(expected);
  });

  it('disconnect-ws cuts the sockets that are open, once', async () => {
    const user = await userData();
    const market = await client.open('/ws/btcusdt@trade');
    await fault({ kind: 'disconnect-ws', match: { account: 'binance-sim' } });
    await user.until(() => user.closed !== null);
    expect(market.closed).toBeNull();
    expect((await userData()).closed).toBeNull();
  });

  it('disconnect-ws can wait for an event', async () => {
    const user = await userData();
    await fault({ kind: 'disconnect-ws', match: { method: 'executionReport' } });
    expect(user.closed).toBeNull();
    await client.limit();
    await user.until(() => user.closed !== null);
    expect(eventsOf(user)).toEqual([]);
  });

  it('stall-ws holds everything back until it is cleared', async () => {
    const socket = await userData();
    await fault({ kind: 'stall-ws', match: { path: '/ws-api/v3' } });
    const received = socket.messages.length;
    await client.limit();
    await client.get('/api/v3/ping');
    expect(socket.messages).toHaveLength(received);
    await client.control('DELETE', '/faults');
    await socket.until(() => eventsOf(socket).length === 2);
    expect(eventsOf(socket)).toEqual(['NEW', 'outboundAccountPosition']);
  });

  it('sequence-gap loses one depth update, and only that', async () => {
    const socket = await client.open('/ws/btcusdt@depth@100ms');
    const step = () => client.control('POST', '/step', { steps: 2 });
    await step();
    await socket.until(() => socket.messages.length === 1);
    await fault({ kind: 'sequence-gap', count: 1 });
    await step();
    const listed = async (): Promise<unknown> => (await client.control('GET', '/faults')).json['faults'];
    while (((await listed()) as unknown[]).length > 0) await client.get('/api/v3/ping');
    await step();
    await socket.until(() => socket.messages.length === 2);
    const [first, second] = socket.messages as unknown as { U: number; u: number }[];
    expect(second!.U).toBeGreaterThan(first!.u + 1);
  });

  it('garbage and truncate strike events only where the match names them', async () => {
    const socket = await userData();
    await fault({ kind: 'truncate', match: { method: 'executionReport' }, count: 1 });
    await client.limit();
    await socket.until(() => socket.texts.length === 3);
    expect(() => JSON.parse(socket.texts[1]!) as unknown).toThrow();
  });
});
