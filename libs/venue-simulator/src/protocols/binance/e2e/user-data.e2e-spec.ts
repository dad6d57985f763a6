import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '#libs/kernel';
import type { RunningSimulator } from '../../../server/index.js';
import { BinanceTestClient, startTestSimulator } from '../../../testing.js';
import type { Frame, TestSocket } from '../../../testing.js';

let simulator: RunningSimulator;
let clock: ManualClock;
let client: BinanceTestClient;
let socket: TestSocket;

beforeEach(async () => {
  ({ simulator, clock } = await startTestSimulator());
  client = new BinanceTestClient(simulator, () => clock.nowMs());
  socket = await client.open('/ws-api/v3');
});
afterEach(() => simulator.close());

const events = (): Frame[] => socket.messages.filter((message) => 'event' in message).map((message) => message['event'] as Frame);
const reports = (): Frame[] => events().filter((event) => event['e'] === 'executionReport');

async function subscribe(): Promise<void> {
  expect(await socket.ask('sub', 'userDataStream.subscribe.signature', client.wsSigned())).toMatchObject({
    status: 200,
    result: { subscriptionId: 0 },
  });
}

describe('user data', () => {
  it('reports NEW with the balances after it', async () => {
    await subscribe();
    await client.limit({ newClientOrderId: 'gw-1' });
    await socket.until(() => events().length >= 2);
    expect(events()[0]).toMatchObject({
      e: 'executionReport',
      s: 'BTCUSDT',
      c: 'gw-1',
      C: '',
      x: 'NEW',
      X: 'NEW',
      S: 'BUY',
      o: 'LIMIT',
      f: 'GTC',
      q: '0.01000000',
      p: '60000.00000000',
      r: 'NONE',
      t: -1,
      N: null,
      w: true,
      l: '0.00000000',
      z: '0.00000000',
      V: 'EXPIRE_MAKER',
      g: -1,
      I: expect.any(Number),
    });
    expect(events()[1]).toMatchObject({ e: 'outboundAccountPosition', B: [{ a: 'USDT', f: '999400.00000000', l: '600.00000000' }] });
    expect(Object.keys(socket.messages.at(-1)!)).toEqual(['subscriptionId', 'event']);
  });

  it('reports a market order as NEW, then each TRADE, in order', async () => {
    await subscribe();
    await client.order({ type: 'MARKET', quantity: '0.5', newClientOrderId: 'm' });
    await socket.until(() => reports().at(-1)?.['X'] === 'FILLED' && events().at(-1)?.['e'] === 'outboundAccountPosition');
    const kinds = reports().map(({ x }) => x);
    expect(kinds[0]).toBe('NEW');
    expect(new Set(kinds.slice(1))).toEqual(new Set(['TRADE']));
    expect(reports().at(-1)).toMatchObject({
      x: 'TRADE',
      X: 'FILLED',
      z: '0.50000000',
      N: 'BTC',
      m: false,
      w: false,
      t: expect.any(Number),
    });
    const executions = reports().map(({ I }) => Number(I));
    expect(executions).toEqual([...executions].sort((a, b) => a - b));
  });

  it('swaps the ids on a cancellation: c is the cancel, C the order', async () => {
    await subscribe();
    await client.limit({ newClientOrderId: 'mine' });
    await client.signed('DELETE', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'mine', newClientOrderId: 'cancel-1' });
    await socket.until(() => reports().length === 2);
    expect(reports()[1]).toMatchObject({ x: 'CANCELED', X: 'CANCELED', c: 'cancel-1', C: 'mine', l: '0.00000000', w: false });
  });

  it('reports an amendment as REPLACED with the new and the old id', async () => {
    await subscribe();
    await client.limit({ newClientOrderId: 'old' });
    await client.signed('PUT', '/api/v3/order/amend/keepPriority', {
      symbol: 'BTCUSDT',
      origClientOrderId: 'old',
      newClientOrderId: 'new',
      newQty: '0.004',
    });
    await socket.until(() => reports().length === 2);
    expect(reports()[1]).toMatchObject({ x: 'REPLACED', X: 'NEW', c: 'new', C: 'old', q: '0.00400000' });
  });

  it('reports the rest of an IOC as EXPIRED with its reason', async () => {
    await subscribe();
    await client.limit({ timeInForce: 'IOC' });
    await socket.until(() => reports().length === 2);
    expect(reports()[1]).toMatchObject({ x: 'EXPIRED', X: 'EXPIRED', eR: 'UNFILLED_IOC_QUANTITY_EXPIRED' });
  });

  it('reports a deposit', async () => {
    await subscribe();
    await client.control('POST', '/deposit', { account: 'binance-sim', asset: 'USDT', amount: '12.5' });
    await socket.find((message) => (message['event'] as Frame | undefined)?.['e'] === 'balanceUpdate');
    expect(events()).toContainEqual(expect.objectContaining({ e: 'balanceUpdate', a: 'USDT', d: '12.50000000' }));
  });

  it('keeps accounts apart', async () => {
    await subscribe();
    const other = new BinanceTestClient(simulator, () => clock.nowMs(), 'binance-sim-2');
    await other.limit();
    await client.limit({ newClientOrderId: 'mine' });
    await socket.until(() => reports().length > 0);
    expect(reports()[0]).toMatchObject({ c: 'mine' });
  });

  it('subscribes an account once per connection, and ends with unsubscribe', async () => {
    await subscribe();
    expect(await socket.ask('again', 'userDataStream.subscribe.signature', client.wsSigned())).toMatchObject({
      status: 400,
      error: { code: -2035 },
    });
    expect(await socket.ask('list', 'session.subscriptions')).toMatchObject({ result: [{ subscriptionId: 0 }] });
    expect(await socket.ask('none', 'userDataStream.unsubscribe', { subscriptionId: 9 })).toMatchObject({
      status: 400,
      error: { code: -2036 },
    });
    expect(await socket.ask('end', 'userDataStream.unsubscribe')).toMatchObject({ status: 200, result: {} });
    await client.limit();
    await socket.ask('after', 'ping');
    expect(events()).toEqual([]);
    expect(await socket.ask('anew', 'userDataStream.subscribe.signature', client.wsSigned())).toMatchObject({
      result: { subscriptionId: 1 },
    });
  });
});

describe('sessions', () => {
  it('log on with Ed25519 only; then key and signature may be left out, the timestamp not', async () => {
    expect(await socket.ask('h', 'session.logon', client.wsSigned())).toMatchObject({ status: 400, error: { code: -4056 } });
    expect(await socket.ask('s0', 'userDataStream.subscribe')).toMatchObject({ status: 401, error: { code: -1002 } });
    expect(await socket.ask('l', 'session.logon', client.wsSigned({}, 'ed25519'))).toMatchObject({
      status: 200,
      result: { apiKey: client.apiKey, returnRateLimits: true, userDataStream: false, serverTime: clock.nowMs() },
    });
    const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '60000' };
    expect(await socket.ask('o1', 'order.place', order)).toMatchObject({ status: 400, error: { code: -1102 } });
    expect(await socket.ask('o2', 'order.place', { ...order, timestamp: clock.nowMs() })).toMatchObject({
      status: 200,
      result: { status: 'NEW' },
    });
    expect(await socket.ask('s1', 'userDataStream.subscribe')).toMatchObject({ result: { subscriptionId: 0 } });
    expect(await socket.ask('out', 'session.logout')).toMatchObject({ result: { apiKey: null } });
    expect(await socket.ask('o3', 'order.place', { ...order, timestamp: clock.nowMs() })).toMatchObject({ error: { code: -1102 } });
  });
});

describe('WebSocket API requests', () => {
  it('place, ask, replace and cancel orders with the same answers as REST', async () => {
    const params = {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.01',
      price: '60000',
      newClientOrderId: 'ws-1',
    };
    const placed = await socket.ask('p', 'order.place', client.wsSigned(params));
    expect(placed).toMatchObject({
      status: 200,
      result: { clientOrderId: 'ws-1', status: 'NEW', fills: [] },
      rateLimits: [
        { rateLimitType: 'ORDERS', interval: 'SECOND', count: 1 },
        { rateLimitType: 'ORDERS', interval: 'DAY', count: 1 },
        { rateLimitType: 'REQUEST_WEIGHT', count: 2 },
      ],
    });
    const named = { symbol: 'BTCUSDT', origClientOrderId: 'ws-1' };
    expect(await socket.ask('q', 'order.status', client.wsSigned(named))).toMatchObject({ result: { status: 'NEW' } });
    expect(
      await socket.ask(
        'r',
        'order.cancelReplace',
        client.wsSigned({ ...params, newClientOrderId: 'ws-2', cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrigClientOrderId: 'nope' }),
      ),
    ).toMatchObject({
      status: 400,
      error: { code: -2022, data: { cancelResult: 'FAILURE', newOrderResponse: null } },
    });
    expect(await socket.ask('c', 'order.cancel', client.wsSigned(named))).toMatchObject({ result: { status: 'CANCELED' } });
    expect(await socket.ask('c2', 'order.cancel', client.wsSigned(named))).toMatchObject({ status: 400, error: { code: -2011 } });
  });

  it('verify the sorted, unencoded payload', async () => {
    const params = { ...client.wsSigned({ symbol: 'BTCUSDT' }), symbol: 'ETHUSDT' };
    expect(await socket.ask('x', 'openOrders.status', params)).toMatchObject({ status: 400, error: { code: -1022 } });
  });

  it('take numbers, arrays and flags as JSON', async () => {
    expect(await socket.ask('d', 'depth', { symbol: 'BTCUSDT', limit: 5 })).toMatchObject({
      status: 200,
      result: { lastUpdateId: expect.any(Number) },
    });
    expect(await socket.ask('e', 'exchangeInfo', { symbols: ['BTCUSDT', 'ETHUSDT'] })).toMatchObject({ status: 200 });
    const quiet = await socket.ask('f', 'ping', { returnRateLimits: false });
    expect(quiet).toEqual({ id: 'f', status: 200, result: {} });
  });

  it.each([
    ['{', null, -1135],
    ['{"id":1,"params":{}}', 1, -1102],
    ['{"id":"bad id!","method":"ping"}', null, -1100],
    ['{"id":2,"method":"no.such"}', 2, -1020],
    ['{"id":3,"method":"orderList.place"}', 3, -1020],
    ['{"id":4,"method":"userDataStream.start"}', 4, -1020],
    ['{"id":5,"method":"depth","params":{"symbol":"NOPE"}}', 5, -1121],
  ])('refuse %s', async (frame, id, code) => {
    socket.send(frame);
    await socket.until(() => socket.messages.length > 0);
    expect(socket.messages[0]).toMatchObject({ id, error: { code } });
  });

  it('can leave the rate limits out of every reply of a connection', async () => {
    const quiet = await client.open('/ws-api/v3?returnRateLimits=false');
    expect(await quiet.ask('p', 'ping')).not.toHaveProperty('rateLimits');
    expect(await quiet.ask('q', 'ping', { returnRateLimits: true })).toHaveProperty('rateLimits');
  });
});
