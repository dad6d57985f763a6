import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReadinessState } from '#libs/health';
import { eventually, startGateway } from './support/running-gateway.js';
import type { RunningGateway } from './support/running-gateway.js';
import { StreamClient, bearer, refusedUpgrade, streamUrl } from './support/stream-client.js';
import type { StreamMessage } from './support/stream-client.js';

const ACCOUNT = 'binance-sim';
const LIMIT = { account: ACCOUNT, symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.010', price: '50000.00' };
const MARKET = { account: ACCOUNT, symbol: 'BTC/USDT', side: 'buy', type: 'market', quantity: '0.002' };

type Order = { id: string; status: string; version: number };
const orderOf = (message: StreamMessage): Order => message.data as Order;
const seqs = (messages: readonly StreamMessage[]): number[] => messages.map(({ seq }) => seq!);
const from = (first: number, count: number): number[] => Array.from({ length: count }, (_, index) => first + index);

describe('orders and fills on the stream', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway?.close());

  const post = async (body: object) => (await gateway.http.post('/v1/orders').send(body).expect(201)).body as Order;
  const subscribe = (channel: string, more: object = {}) => ({ op: 'subscribe', id: 1, channel, account: ACCOUNT, ...more });

  it('tells the life of an order, each state as REST shows it, and its fills', async () => {
    const client = await StreamClient.open(gateway);
    expect(await client.ask({ ...subscribe('orders'), id: 7 })).toEqual({ op: 'subscribed', id: 7, channel: 'orders', account: ACCOUNT });
    await client.ask({ ...subscribe('fills'), id: 8 });
    const snapshot = await client.first(({ channel, type }) => channel === 'orders' && type === 'snapshot');
    const order = await post(LIMIT);
    const canceled = (await gateway.http.delete(`/v1/orders/${order.id}`).expect(200)).body as Order;
    const bought = await post(MARKET);
    const filled = (message: StreamMessage): boolean => orderOf(message).id === bought.id && orderOf(message).status === 'filled';
    await client.until(() => client.of('orders').some((message) => message.type === 'update' && filled(message)));

    const updates = client.of('orders').slice(1);
    expect(seqs(updates)).toEqual(from(snapshot.seq! + 1, updates.length));
    const told = updates.map(orderOf).filter(({ id }) => id === order.id);
    expect(told.map(({ version }) => version)).toEqual(from(1, told.length));
    expect(told[0]!.status).toBe('pending-new');
    expect(told.find(({ version }) => version === order.version)).toEqual(order);
    expect(told.at(-1)).toEqual(canceled);

    await client.until(() => client.of('fills').length > 1);
    const rest = await gateway.http.get(`/v1/fills?orderId=${bought.id}`).expect(200);
    expect(
      client
        .of('fills')
        .slice(1)
        .map(({ data }) => data),
    ).toEqual(rest.body.data.toReversed());
    await client.close();
  });

  it('begins with the open orders, and the number after which updates follow', async () => {
    const order = await post(LIMIT);
    const early = await StreamClient.open(gateway);
    await early.ask(subscribe('orders', { since: 0 }));
    await early.until(() => early.of('orders').some((message) => orderOf(message).id === order.id && orderOf(message).status === 'new'));

    const client = await StreamClient.open(gateway);
    await client.ask(subscribe('orders'));
    const snapshot = await client.first(({ type }) => type === 'snapshot');
    expect(snapshot.data).toEqual((await gateway.http.get(`/v1/orders?account=${ACCOUNT}&status=open`)).body.data.toReversed());
    await gateway.http.delete(`/v1/orders/${order.id}`).expect(200);
    const next = await client.first(({ type }) => type === 'update');
    expect(next.seq).toBe(snapshot.seq! + 1);
    await Promise.all([client.close(), early.close()]);
  });

  it('numbers the events of many orders at once without a gap, the same for everyone', async () => {
    const [first, second] = await Promise.all([StreamClient.open(gateway), StreamClient.open(gateway)]);
    for (const client of [first, second]) await client.ask(subscribe('orders'));
    const orders = await Promise.all(
      Array.from({ length: 50 }, (_, index) => post(index % 2 === 0 ? { ...LIMIT, timeInForce: 'IOC' } : MARKET)),
    );
    const ids = new Set(orders.map(({ id }) => id));
    const ended = (client: StreamClient): number =>
      client.of('orders').filter((message) => message.type === 'update' && ['filled', 'canceled'].includes(orderOf(message).status)).length;
    await Promise.all([first, second].map((client) => client.until(() => ended(client) >= 50)));
    const updates = first.of('orders').slice(1);
    expect(seqs(updates)).toEqual(from(first.of('orders')[0]!.seq! + 1, updates.length));
    // The last news of an earlier test may come among them.
    expect(updates.map((message) => orderOf(message).id)).toEqual(expect.arrayContaining([...ids]));
    const events = updates.map((message) => `${orderOf(message).id} ${orderOf(message).version}`);
    expect(new Set(events).size).toBe(events.length);
    // Either may have heard the latest message already that the other is about to hear.
    const heard = new Map(updates.map((message) => [message.seq, message]));
    const both = second
      .of('orders')
      .slice(1)
      .filter(({ seq }) => heard.has(seq));
    expect(both.length).toBeGreaterThanOrEqual(50);
    expect(both).toEqual(both.map(({ seq }) => heard.get(seq)));
    await Promise.all([first.close(), second.close()]);
  });

  it('goes on after a restart from where a client was, each event exactly once', async () => {
    const before = await StreamClient.open(gateway);
    await before.ask(subscribe('orders', { since: 0 }));
    await before.ask({ ...subscribe('fills', { since: 0 }), id: 2 });
    const kept = await post(MARKET);
    await gateway.restart();
    await before.until(() => before.closed !== null);
    expect(before.closed).toMatchObject({ code: 1012, reason: expect.stringContaining('since') });
    // What was done just before the end was told before the end.
    expect(before.of('orders').map(orderOf)).toContainEqual(kept);

    const missed = await post(MARKET);
    const after = await StreamClient.open(gateway);
    await after.ask(subscribe('orders', { since: before.of('orders').length }));
    await after.ask({ ...subscribe('fills', { since: before.of('fills').length }), id: 2 });
    await after.until(() =>
      after.of('orders').some((message) => orderOf(message).id === missed.id && orderOf(message).status === 'filled'),
    );
    await after.until(() => after.of('fills').length > 0);
    for (const channel of ['orders', 'fills']) {
      const all = [...before.of(channel), ...after.of(channel)];
      expect(seqs(all)).toEqual(from(1, all.length));
    }
    const everything = await StreamClient.open(gateway);
    await everything.ask(subscribe('orders', { since: 0 }));
    const all = [...before.of('orders'), ...after.of('orders')];
    await everything.until(() => everything.of('orders').length >= all.length);
    expect(everything.of('orders').slice(0, all.length)).toEqual(all);
    await Promise.all([after.close(), everything.close()]);
  });

  it('goes on by itself after the database was away', async () => {
    const client = await StreamClient.open(gateway);
    await client.ask(subscribe('orders'));
    await client.first(({ type }) => type === 'snapshot');
    await gateway.database
      .database()
      .query(
        'test.cut',
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
    const placed = await eventually(
      () => gateway.http.post('/v1/orders').send(LIMIT),
      ({ status }) => status === 201,
    );
    const { id } = placed.body as Order;
    await client.until(() => client.of('orders').some((message) => message.type === 'update' && orderOf(message).id === id));
    expect(client.closed).toBeNull();
    expect(seqs(client.of('orders'))).toEqual(from(client.of('orders')[0]!.seq!, client.of('orders').length));
    await client.close();
  });

  it.each([
    ['a number of the future', { since: 1_000_000 }, 'in the future'],
    ['a number below nothing', { since: -1 }, '/since'],
    ['text for a number', { since: '1' }, '/since'],
  ])('refuses to begin at %s', async (_what, more, detail) => {
    const client = await StreamClient.open(gateway);
    const answer = await client.ask(subscribe('orders', more));
    expect(answer).toMatchObject({ op: 'error', id: 1, problem: { code: 'invalid-request', status: 400 } });
    expect(answer.problem!.detail).toContain(detail);
    await client.close();
  });
});

describe('who may use the stream', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway?.close());

  const issue = async (more: object) =>
    (
      await gateway.http
        .post('/v1/admin/api-keys')
        .send({ name: 'stream', scopes: ['orders:read'], ...more })
        .expect(201)
    ).body as {
      id: string;
      key: string;
    };

  it('takes the key in the first message where there was none in the header', async () => {
    const client = await StreamClient.open(gateway, {});
    expect(await client.ask({ id: 1, op: 'auth', key: gateway.key })).toEqual({ op: 'authenticated', id: 1 });
    expect(await client.ask({ id: 2, op: 'ping' })).toMatchObject({ op: 'pong', id: 2 });
    await client.close();
  });

  it.each([
    ['a wrong key', { op: 'auth', id: 1, key: 'bw_nonsense' }],
    ['another operation than auth', { op: 'ping', id: 1 }],
    ['a subscription', { op: 'subscribe', id: 1, channel: 'health' }],
  ])('closes a connection that begins with %s', async (_what, message) => {
    const client = await StreamClient.open(gateway, {});
    expect(await client.ask(message)).toMatchObject({ op: 'error', problem: { code: 'unauthenticated' } });
    await client.until(() => client.closed !== null);
    expect(client.closed!.code).toBe(4401);
  });

  it('closes a connection that shows no key in five seconds', async () => {
    const client = await StreamClient.open(gateway, {});
    await client.until(() => client.closed !== null, 7_000);
    expect(client.closed).toMatchObject({ code: 4401, reason: 'no key was shown in time' });
  });

  it.each([
    ['a key nobody has', bearer('bw_nonsense'), 401, 'unauthenticated'],
    ['another scheme', { headers: { Authorization: 'Basic abc' } }, 401, 'unauthenticated'],
    ['a web page that was not allowed', { origin: 'https://evil.example' }, 403, 'forbidden'],
  ])('answers an upgrade with %s as REST would', async (_what, options, status, code) => {
    expect(await refusedUpgrade(streamUrl(gateway.app), options)).toEqual({ status, code });
  });

  it('tells an ordinary request that it wants a WebSocket', async () => {
    const { body } = await gateway.http.get('/v1/stream').expect(426).expect('Upgrade', 'websocket');
    expect(body).toMatchObject({ code: 'invalid-request', detail: expect.stringContaining('WebSocket') });
  });

  it('lets ordinary requests alone that offer another upgrade', async () => {
    await gateway.http.get('/health/live').set('Connection', 'Upgrade').set('Upgrade', 'h2c').expect(200);
  });

  it('closes within a second when the key is revoked', async () => {
    const { id, key } = await issue({});
    const client = await StreamClient.open(gateway, bearer(key));
    await client.ask({ op: 'subscribe', id: 1, channel: 'orders', account: ACCOUNT });
    await gateway.http.delete(`/v1/admin/api-keys/${id}`).expect(200);
    await client.until(() => client.closed !== null, 1_000);
    expect(client.closed).toMatchObject({ code: 4401, reason: expect.stringContaining('revoked') });
  });

  it('closes within a second when the key expires', async () => {
    const { key } = await issue({ expiresAt: new Date(Date.now() + 1_500).toISOString() });
    const client = await StreamClient.open(gateway, bearer(key));
    await client.until(() => client.closed !== null, 2_500);
    expect(client.closed!.code).toBe(4401);
  });

  it('lets nobody in while the gateway shuts down', async () => {
    const another = await startGateway();
    another.app.get(ReadinessState).beginDrain();
    expect(await refusedUpgrade(streamUrl(another.app), bearer(another.key))).toEqual({ status: 503, code: 'draining' });
    await another.close();
  });

  it('gives no channel without its scope, and no account that the key may not use', async () => {
    const { key } = await issue({ accounts: ['another'] });
    const client = await StreamClient.open(gateway, bearer(key));
    const ask = (message: { readonly id: number; readonly [property: string]: unknown }) => client.ask({ ...message, op: 'subscribe' });
    expect(await ask({ id: 1, channel: 'balances', account: 'another' })).toMatchObject({ problem: { code: 'forbidden' } });
    expect(await ask({ id: 2, channel: 'orders', account: ACCOUNT })).toMatchObject({ problem: { code: 'forbidden' } });
    expect(await ask({ id: 3, channel: 'health' })).toMatchObject({ problem: { code: 'forbidden' } });
    expect(await ask({ id: 4, channel: 'orders', account: 'another' })).toMatchObject({ problem: { code: 'account-not-found' } });
    await client.close();
  });
});
