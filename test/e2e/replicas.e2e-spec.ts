import { createHmac, hash } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from './support/running-gateway.js';
import { Replicas, restingOrder } from './support/replicas.js';
import type { Replica, ReplicaAnswer } from './support/replicas.js';

let replicas: Replicas;
let holder: Replica;
let other: Replica;

beforeAll(async () => {
  replicas = await Replicas.open();
  holder = await replicas.start();
  await eventually(() => holder.serves('binance-sim'), Boolean);
  other = await replicas.start();
}, 120_000);

afterAll(() => replicas?.close());

async function ordersAtVenue(): Promise<number> {
  return (await replicas.ledger()).orders.length;
}

it('takes an order at either replica, and knows it again at both', async () => {
  const first = await other.call('POST', '/v1/orders', { body: restingOrder('r-1'), headers: { 'X-Correlation-Id': 'c-77' } });
  expect(first.status).toBe(201);
  expect(first.headers.get('x-correlation-id')).toBe('c-77');
  expect(first.headers.get('content-type')).toMatch(/^application\/json/);
  for (const replica of [holder, other]) {
    const again = await replica.call('POST', '/v1/orders', { body: restingOrder('r-1') });
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body['id']).toBe(first.body['id']);
  }
  const events = await other.call('GET', `/v1/orders/${String(first.body['id'])}/events`);
  expect((events.body['data'] as { correlationId: string }[])[0]?.correlationId, 'the client’s own correlation id goes along').toBe('c-77');
});

it('gives an order without any key a key of its own before it hands it on', async () => {
  const before = await ordersAtVenue();
  const placed = await other.call('POST', '/v1/orders', { body: restingOrder() });
  expect(placed.status).toBe(201);
  expect(await ordersAtVenue()).toBe(before + 1);
});

it('hands the problems of the holder on as they are', async () => {
  const refused = await other.call('POST', '/v1/orders', { body: { ...restingOrder(), price: '0.001' } });
  expect(refused).toMatchObject({ status: 422, body: { code: 'filter-violation' } });
  expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect((await other.call('POST', '/v1/orders', { body: { ...restingOrder(), account: 'nobody' } })).body['code']).toBe(
    'account-not-found',
  );
});

it('amends nothing twice, cancels at either replica, and reads balances where they are known', async () => {
  const { body } = await other.call('POST', '/v1/orders', { body: restingOrder() });
  const route = `/v1/orders/${String(body['id'])}`;
  const amended = await other.call('PATCH', route, { body: { quantity: '0.0005' } });
  expect(amended.body).toHaveProperty(amended.status === 200 ? 'quantity' : 'code');
  expect(await other.call('DELETE', route)).toMatchObject({ status: 200, body: { status: 'canceled' } });
  expect(await holder.call('GET', route)).toMatchObject({ body: { status: 'canceled' } });
  const balances = await other.call('GET', '/v1/accounts/binance-sim/balances');
  expect(balances.status).toBe(200);
  expect(balances.body['data']).not.toEqual([]);
});

it('places each order of a batch once, and cancels all at the holder', async () => {
  const before = await ordersAtVenue();
  const orders = [restingOrder('b-1'), restingOrder(), { ...restingOrder(), quantity: 'x' }, { ...restingOrder(), account: 'nobody' }];
  const { status, body } = await other.call('POST', '/v1/orders/batch', { body: { orders } });
  expect(status).toBe(200);
  expect(body['data']).toMatchObject([{ status: 'new' }, { status: 'new' }, { code: 'invalid-request' }, { code: 'account-not-found' }]);
  expect(await ordersAtVenue()).toBe(before + 2);
  const canceled = await other.call('POST', '/v1/orders/cancel-all', { body: { account: 'binance-sim' } });
  expect((canceled.body['data'] as { status: string }[]).every((order) => order.status === 'canceled')).toBe(true);
  const open = await other.call('GET', '/v1/orders?status=open&account=binance-sim');
  expect(open.body['data']).toEqual([]);
});

it('tells at a glance who holds what', async () => {
  const leaseSeenBy = async (one: Replica) =>
    ((await one.call('GET', '/v1/admin/status')).body['leases'] as { account: string }[]).find(({ account }) => account === 'binance-sim');
  expect(await leaseSeenBy(holder)).toMatchObject({ isOurs: true, ready: true, url: holder.url, token: 1 });
  expect(await leaseSeenBy(other)).toMatchObject({ isOurs: false, ready: false, url: holder.url, token: null });
});

it('hands nothing on a second time: what comes with the mark of a replica is answered where it arrives', async () => {
  const before = await ordersAtVenue();
  const marked = await other.call('POST', '/v1/orders', { body: restingOrder(), headers: { 'X-Breakwater-Peer': 'forged' } });
  expect(marked).toMatchObject({ status: 503, body: { code: 'not-ready' } });
  expect(marked.headers.get('retry-after')).toBe('1');
  expect(await ordersAtVenue()).toBe(before);
});

it('believes the address of a client only from a replica', async () => {
  const issued = await holder.call('POST', '/v1/admin/api-keys', {
    body: { name: 'far', scopes: ['account:read'], allowedAddresses: ['10.1.2.3'] },
  });
  const authorization = `Bearer ${String(issued.body['key'])}`;
  const path = '/v1/accounts/binance-sim/positions';
  const { rows } = await replicas.database.database().query<{ secret: Buffer }>('test.secret', 'SELECT secret FROM cluster_secrets');
  const seal = (secret: Buffer): string => {
    const nowMs = Date.now();
    const text = JSON.stringify([nowMs, 'GET', path, '10.1.2.3', hash('sha256', authorization)]);
    return `${nowMs} 10.1.2.3 ${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const ask = (peer: Record<string, string>) => holder.call('GET', path, { headers: { authorization, ...peer } });
  await eventually(
    () => ask({}),
    ({ body }) => body['code'] === 'ip-blocked',
  );
  expect((await ask({ 'X-Breakwater-Peer': seal(Buffer.alloc(32)) })).body['code']).toBe('ip-blocked');
  expect((await ask({ 'X-Breakwater-Peer': seal(rows[0]!.secret) })).status).toBe(200);
});

it('hands the account over within two seconds when its holder stops, and every order it did not take was not sent', async () => {
  const before = await ordersAtVenue();
  const answers: ReplicaAnswer[] = [];
  let isStopped = false;
  const load = (async () => {
    for (let index = 0; !isStopped || index < 20; index += 1)
      answers.push(await other.call('POST', '/v1/orders', { body: restingOrder(`s-${index}`) }));
  })();
  await eventually(
    () => Promise.resolve(answers.length),
    (count) => count > 3,
  );
  holder.process.kill('SIGTERM');
  await once(holder.process, 'exit');
  const stoppedMs = performance.now();
  await eventually(() => other.serves('binance-sim'), Boolean);
  expect(performance.now() - stoppedMs).toBeLessThan(2_000);
  isStopped = true;
  await load;
  expect(holder.process.exitCode).toBe(0);
  const refused = answers.filter(({ status }) => status !== 201);
  expect(new Set(refused.map(({ status, body }) => `${status} ${String(body['code'])}`))).toEqual(
    new Set(refused.length === 0 ? [] : ['503 not-ready']),
  );
  expect(await ordersAtVenue()).toBe(before + answers.length - refused.length);
}, 60_000);
