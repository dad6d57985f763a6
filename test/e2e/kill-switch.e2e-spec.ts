import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startGateway } from './support/running-gateway.js';
import type { RunningGateway } from './support/running-gateway.js';
import { Replicas, restingOrder } from './support/replicas.js';
import type { Replica } from './support/replicas.js';

const ROUTE = '/v1/admin/kill-switch';
const ACCOUNT = 'binance-sim';

describe('the kill switch', () => {
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await startGateway();
  }, 120_000);
  afterAll(() => gateway?.close());

  const place = (clientOrderId: string) => gateway.http.post('/v1/orders').send(restingOrder(clientOrderId));
  const engage = (body: object) => gateway.http.post(ROUTE).send(body);

  it('refuses every new order in its scope once it is answered, sends nothing, and says why', async () => {
    const sentBefore = (await gateway.sim.get(`/_sim/ledger?account=${ACCOUNT}`)).body.orders.length as number;
    const engaged = await engage({ scope: `account:${ACCOUNT}`, reason: 'a drill' }).expect(201);
    expect(engaged.body).toMatchObject({ scope: `account:${ACCOUNT}`, reason: 'a drill', cancelOpenOrders: false });
    const refused = await place('k-1').expect(503);
    expect(refused.body.code).toBe('kill-switch-engaged');
    const other = await gateway.http.post('/v1/orders').send({ ...restingOrder('k-2'), account: 'binance-sim-2' });
    expect(other.status, 'another account trades on').toBe(201);
    const ledger = await gateway.sim.get(`/_sim/ledger?account=${ACCOUNT}`);
    expect(ledger.body.orders).toHaveLength(sentBefore);
    await engage({ scope: `account:${ACCOUNT}` }).expect(200);
    await gateway.http.delete(`${ROUTE}?scope=account:${ACCOUNT}`).expect(200);
    await place('k-1').expect(201);
  });

  it('stops a venue, and everything, and is lifted switch by switch', async () => {
    await engage({ scope: 'venue:binance' }).expect(201);
    await engage({ scope: 'all' }).expect(201);
    const listed = await gateway.http.get(ROUTE).expect(200);
    expect(listed.body.data.map(({ scope }: { scope: string }) => scope)).toEqual(['venue:binance', 'all']);
    const lifted = await gateway.http.delete(ROUTE).send({ scope: 'all' }).expect(200);
    expect(lifted.body).toMatchObject({ lifted: { scope: 'all' }, data: [{ scope: 'venue:binance' }] });
    await place('k-3').expect(503);
    await gateway.http.delete(`${ROUTE}?scope=venue:binance`).expect(200);
    await place('k-3').expect(201);
    expect((await gateway.http.delete(`${ROUTE}?scope=all`).expect(200)).body).toEqual({ lifted: null, data: [] });
  });

  it('lets cancels pass, and cancels what is open where it is asked to', async () => {
    const { body: order } = await place('k-4').expect(201);
    const { body: kept } = await place('k-5').expect(201);
    await engage({ scope: 'all' }).expect(201);
    await gateway.http.delete(`/v1/orders/${order.id}`).expect(200);
    expect((await gateway.http.get(`/v1/orders/${kept.id}`)).body.status).toBe('new');
    await engage({ scope: 'all', cancelOpenOrders: true }).expect(200);
    expect((await gateway.http.get('/v1/orders?status=open')).body.data).toEqual([]);
    await gateway.http.delete(`${ROUTE}?scope=all`).expect(200);
  });

  it('outlives a restart, stands in the status and in the audit trail', async () => {
    await engage({ scope: 'all', reason: 'the night' }).expect(201);
    await gateway.restart();
    await place('k-6').expect(503);
    const status = () => gateway.http.get('/v1/admin/status').then(({ body }) => body.killSwitches as unknown[]);
    expect(await eventually(status, (switches) => switches.length > 0)).toMatchObject([{ scope: 'all', reason: 'the night' }]);
    await gateway.http.delete(`${ROUTE}?scope=all`).expect(200);
    const trail = await gateway.http.get('/v1/admin/audit?type=kill-switch.lifted&limit=1').expect(200);
    expect(trail.body.data[0]).toMatchObject({
      subject: { kind: 'kill-switch', id: 'all' },
      data: { before: { reason: 'the night' }, after: null },
    });
    await place('k-6').expect(201);
  });

  it('takes no slip of the pen for a stop', async () => {
    expect((await engage({ scope: 'account:nobody' }).expect(404)).body.code).toBe('account-not-found');
    expect((await engage({ scope: 'venue:nowhere' }).expect(404)).body.code).toBe('venue-not-found');
    for (const body of [{}, { scope: 'everything' }, { scope: 'all', cancel: true }]) await engage(body).expect(400);
    await gateway.http.delete(ROUTE).expect(400);
    expect((await gateway.http.get(ROUTE)).body.data).toEqual([]);
  });

  it('obeys a key only for the accounts that it may use', async () => {
    const issued = await gateway.http
      .post('/v1/admin/api-keys')
      .send({ name: 'one account', scopes: ['admin:read', 'admin:write'], accounts: ['binance-sim-2'] })
      .expect(201);
    const bound = { Authorization: `Bearer ${issued.body.key as string}` };
    await eventually(
      () => gateway.http.get(ROUTE).set(bound),
      ({ status }) => status === 200,
    );
    await engage({ scope: 'all' }).set(bound).expect(403);
    await engage({ scope: `account:${ACCOUNT}` })
      .set(bound)
      .expect(403);
    await engage({ scope: 'account:binance-sim-2' }).set(bound).expect(201);
    await gateway.http.delete(`${ROUTE}?scope=all`).set(bound).expect(403);
    await gateway.http.delete(`${ROUTE}?scope=account:binance-sim-2`).set(bound).expect(200);
  });
});

describe('a kill switch over two replicas', () => {
  let replicas: Replicas;
  let holder: Replica;
  let other: Replica;

  beforeAll(async () => {
    replicas = await Replicas.open();
    holder = await replicas.start();
    await eventually(() => holder.serves(ACCOUNT), Boolean);
    other = await replicas.start();
  }, 120_000);
  afterAll(() => replicas?.close());

  it('stops a burst through both: no order is permitted after the answer, and what is open is canceled by its holder', async () => {
    let isAnswered = false;
    const burst = async (replica: Replica): Promise<void> => {
      for (let index = 0; !isAnswered; index += 1)
        await replica.call('POST', '/v1/orders', { body: restingOrder(`${replica.process.pid}-${index}`) });
    };
    const bursts = [holder, other, holder, other].map(burst);
    await eventually(
      async () => (await replicas.ledger()).orders.length,
      (count) => count > 20,
    );
    expect((await other.call('POST', ROUTE, { body: { scope: 'all', cancelOpenOrders: true } })).status).toBe(201);
    isAnswered = true;
    await Promise.all(bursts);
    const { length } = (await replicas.ledger()).orders;
    for (const replica of [holder, other])
      expect(await replica.call('POST', '/v1/orders', { body: restingOrder('after') })).toMatchObject({
        status: 503,
        body: { code: 'kill-switch-engaged' },
      });
    expect((await replicas.ledger()).orders).toHaveLength(length);
    const open = () => other.call('GET', `/v1/orders?status=open&account=${ACCOUNT}`).then(({ body }) => body['data'] as unknown[]);
    await eventually(open, (orders) => orders.length === 0, 15_000);
    await other.call('DELETE', `${ROUTE}?scope=all`);
    expect((await other.call('POST', '/v1/orders', { body: restingOrder('after') })).status).toBe(201);
  }, 60_000);
});
