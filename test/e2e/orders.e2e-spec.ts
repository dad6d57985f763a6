import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decimal, sum } from '#libs/kernel';
import { startGateway } from './support/running-gateway.js';
import type { RunningGateway } from './support/running-gateway.js';

const LIMIT = { account: 'binance-sim', symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.010', price: '50000.00' };
const MARKET = { account: 'binance-sim', symbol: 'BTC/USDT', side: 'buy', type: 'market', quantity: '0.002' };

describe('trading through the gateway', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway?.close());

  const post = (body: object, headers: Record<string, string> = {}) => gateway.http.post('/v1/orders').set(headers).send(body);
  const venueOrders = async () =>
    (await gateway.sim.get('/_sim/ledger?account=binance-sim')).body as {
      orders: { venueOrderId: string; clientOrderId: string }[];
      fills: { venueTradeId: string }[];
    };

  it('fills a market order and shows order, fill, balance and history', async () => {
    const placed = await post(MARKET).expect(201);
    expect(placed.body).toMatchObject({
      status: 'filled',
      filledQuantity: '0.002',
      timeInForce: null,
      price: null,
      fees: [{ asset: 'BTC', amount: '0.000002' }],
    });
    const fills = await gateway.http.get(`/v1/fills?orderId=${placed.body.id}`).expect(200);
    expect(sum(fills.body.data.map((fill: { quantity: string }) => decimal(fill.quantity))).toFixed()).toBe('0.002');
    const events = await gateway.http.get(`/v1/orders/${placed.body.id}/events`).expect(200);
    expect(events.body.data.map((event: { type: string }) => event.type)).toEqual(['submitted', 'reported']);
    const balances = await gateway.http.get('/v1/accounts/binance-sim/balances').expect(200);
    expect(balances.body.data.find((balance: { asset: string }) => balance.asset === 'BTC')).toMatchObject({
      free: '20.001998',
      locked: '0',
    });
    const explained = await gateway.http.get(`/v1/orders/${placed.body.id}/explain`).expect(200);
    expect(explained.body.order).toEqual(placed.body);
  });

  it.each([
    ['limit', { ...LIMIT }, 'new'],
    ['post-only', { ...LIMIT, postOnly: true }, 'new'],
    ['stop-limit', { ...LIMIT, type: 'stop-limit', price: '90000', stopPrice: '89000' }, 'new'],
    ['stop-market', { ...MARKET, type: 'stop-market', stopPrice: '89000' }, 'new'],
    ['IOC without a match', { ...LIMIT, timeInForce: 'IOC' }, 'canceled'],
    ['FOK without a match', { ...LIMIT, timeInForce: 'FOK' }, 'canceled'],
    ['market by value', { ...MARKET, quantity: undefined, quoteQuantity: '100' }, 'filled'],
    ['marketable limit', { ...LIMIT, price: '70000', quantity: '0.001' }, 'filled'],
  ])('places a %s order', async (_name, body, status) => {
    const { body: order } = await post(body).expect(201);
    expect(order.status).toBe(status);
    expect(order.venueOrderId).toMatch(/^\d+$/);
  });

  it.each([
    ['a filter', { ...LIMIT, price: '50000.001' }, 'filter-violation'],
    ['the balance', { ...LIMIT, quantity: '100' }, 'insufficient-funds'],
    ['post-only that would take', { ...LIMIT, price: '70000', postOnly: true }, 'post-only-would-take'],
    ['a stop that would trigger', { ...LIMIT, type: 'stop-limit', price: '50000', stopPrice: '40000' }, 'stop-would-trigger'],
    ['good till date', { ...LIMIT, timeInForce: 'GTD', expiresAt: '2030-01-01T00:00:00Z' }, 'unsupported-by-venue'],
    ['reduce-only', { ...LIMIT, reduceOnly: true }, 'unsupported-by-venue'],
  ])('answers 422 to what is refused for %s, and keeps it as rejected', async (_name, body, code) => {
    const refused = await post(body)
      .expect(422)
      .expect('content-type', /problem\+json/);
    expect(refused.body).toMatchObject({ code, status: 422, orderId: expect.any(String), correlationId: expect.any(String) });
    const kept = await gateway.http.get(`/v1/orders/${refused.body.orderId}`).expect(200);
    expect(kept.body).toMatchObject({ status: 'rejected', rejectReason: { code } });
  });

  it.each([
    ['a JSON number for a decimal', { ...LIMIT, quantity: 0.01 }, '/quantity'],
    ['an unknown property', { ...LIMIT, qty: '1' }, '/qty'],
    ['a limit without a price', { ...LIMIT, price: undefined }, '/price'],
    ['a price on a market order', { ...MARKET, price: '1' }, '/price'],
    ['an exponent', { ...LIMIT, price: '5e4' }, '/price'],
    ['both quantities', { ...MARKET, quoteQuantity: '10' }, '/quoteQuantity'],
  ])('[lesson 34] answers 400 to %s and names the field', async (_name, body, path) => {
    const { body: problem } = await post(body).expect(400);
    expect(problem.errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  it('is safe to repeat by client order id: the same body is the same order, another is refused', async () => {
    const first = await post({ ...LIMIT, clientOrderId: 'again' }).expect(201);
    const second = await post({ ...LIMIT, quantity: '0.01', price: '50000', clientOrderId: 'again' })
      .expect(200)
      .expect('Idempotent-Replayed', 'true');
    expect(second.body.id).toBe(first.body.id);
    const other = await post({ ...LIMIT, quantity: '0.02', clientOrderId: 'again' }).expect(409);
    expect(other.body.code).toBe('idempotency-conflict');
  });

  it('is safe to repeat by Idempotency-Key, with or without a client order id', async () => {
    const first = await post(LIMIT, { 'Idempotency-Key': 'key-1' }).expect(201);
    expect((await post(LIMIT, { 'Idempotency-Key': 'key-1' }).expect(200)).body.id).toBe(first.body.id);
    expect((await post(MARKET, { 'Idempotency-Key': 'key-1' }).expect(409)).body.code).toBe('idempotency-conflict');
  });

  it('[lesson 37] makes one order at the venue out of 50 equal requests at once', async () => {
    const before = (await venueOrders()).orders.length;
    const answers = await Promise.all(Array.from({ length: 50 }, () => post({ ...LIMIT, clientOrderId: 'storm' })));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(49);
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect((await venueOrders()).orders).toHaveLength(before + 1);
  });

  it('cancels, once and for all', async () => {
    const { body: order } = await post(LIMIT).expect(201);
    expect((await gateway.http.delete(`/v1/orders/${order.id}`).expect(200)).body.status).toBe('canceled');
    expect((await gateway.http.delete(`/v1/orders/${order.id}`).expect(200)).body.status).toBe('canceled');
    const { body: filled } = await post(MARKET).expect(201);
    expect((await gateway.http.delete(`/v1/orders/${filled.id}`).expect(409)).body.code).toBe('order-not-cancelable');
    await gateway.http.delete('/v1/orders/018bcfe5-6800-7000-8000-000000000000').expect(404);
  });

  it('lowers a quantity in place, and refuses what the venue cannot do in place', async () => {
    const { body: order } = await post(LIMIT).expect(201);
    const amended = await gateway.http.patch(`/v1/orders/${order.id}`).send({ quantity: '0.004' }).expect(200);
    expect(amended.body).toMatchObject({ quantity: '0.004', status: 'new', venueOrderId: order.venueOrderId });
    for (const body of [{ quantity: '0.009' }, { price: '51000' }]) {
      expect((await gateway.http.patch(`/v1/orders/${order.id}`).send(body).expect(422)).body.code).toBe('unsupported-by-venue');
    }
  });

  it('answers a batch item by item, in the order sent', async () => {
    const { body } = await gateway.http
      .post('/v1/orders/batch')
      .send({ orders: [LIMIT, { ...LIMIT, price: '1.001' }, { nonsense: true }, MARKET] })
      .expect(200);
    expect(body.data.map((item: { status: unknown }) => item.status)).toEqual(['new', 422, 400, 'filled']);
  });

  it('previews without sending or keeping anything', async () => {
    const before = (await venueOrders()).orders.length;
    const { body } = await gateway.http
      .post('/v1/orders/preview')
      .send({ ...LIMIT, quantity: '0.0123456' })
      .expect(200);
    expect(body).toMatchObject({ acceptable: false, rounded: { quantity: '0.01234', price: '50000' } });
    expect((await venueOrders()).orders).toHaveLength(before);
  });

  it('cancels all that is open on one symbol and leaves the others', async () => {
    const { body: eth } = await post({ ...LIMIT, symbol: 'ETH/USDT', price: '1500', quantity: '0.1' }).expect(201);
    await post(LIMIT).expect(201);
    const { body } = await gateway.http.post('/v1/orders/cancel-all').send({ account: 'binance-sim', symbol: 'BTC/USDT' }).expect(200);
    expect(body.data.length).toBeGreaterThan(0);
    expect(new Set(body.data.map((order: { status: string }) => order.status))).toEqual(new Set(['canceled']));
    const open = await gateway.http.get('/v1/orders?status=open&account=binance-sim').expect(200);
    expect(open.body.data.map((order: { id: string }) => order.id)).toEqual([eth.id]);
  });

  it('pages through the blotter without losing or repeating an order', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await gateway.http.get(`/v1/orders?limit=7${cursor}`).expect(200);
      seen.push(...body.data.map((order: { id: string }) => order.id));
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(seen.toSorted().toReversed());
    await gateway.http.get('/v1/orders?cursor=nonsense').expect(400);
  });

  it('keeps an account to the keys that may use it', async () => {
    const { body: issued } = await gateway.http
      .post('/v1/admin/api-keys')
      .send({ name: 'other desk', scopes: ['orders:read', 'orders:write'], accounts: ['binance-sim-2'] })
      .expect(201);
    const { body: order } = await post(LIMIT).expect(201);
    const bearer = { Authorization: `Bearer ${issued.key}` };
    await gateway.http.get(`/v1/orders/${order.id}`).set(bearer).expect(404);
    await gateway.http.delete(`/v1/orders/${order.id}`).set(bearer).expect(404);
    expect((await post(LIMIT, bearer).expect(403)).body.code).toBe('forbidden');
    expect((await gateway.http.get('/v1/orders').set(bearer).expect(200)).body.data).toEqual([]);
  });

  it('finds everything again after a restart, with what happened meanwhile', async () => {
    const { body: resting } = await post({ ...LIMIT, clientOrderId: 'over-night' }).expect(201);
    const before = (await gateway.http.get('/v1/orders?limit=1000').expect(200)).body.data as { id: string; status: string }[];
    const fillsBefore = (await gateway.http.get('/v1/fills?limit=1000').expect(200)).body.data;
    await gateway.restart();
    expect((await gateway.http.get('/v1/orders?limit=1000').expect(200)).body.data).toEqual(before);
    expect((await gateway.http.get('/v1/fills?limit=1000').expect(200)).body.data).toEqual(fillsBefore);
    expect((await gateway.http.delete(`/v1/orders/${resting.id}`).expect(200)).body.status).toBe('canceled');
    expect((await post({ ...LIMIT, clientOrderId: 'over-night' }).expect(200)).body.id).toBe(resting.id);
  });

  it('says what the whole API can do', async () => {
    const { body } = await gateway.http.get('/openapi.json').expect(200);
    expect(body.openapi).toMatch(/^3\.1/);
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/v1/orders', '/v1/orders/{id}', '/v1/fills', '/v1/market/book', '/v1/accounts/{name}/balances']),
    );
  });
});
