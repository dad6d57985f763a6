import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decimal, sum } from '#libs/kernel';
import { eventually, startGateway } from './support/running-gateway.js';
import type { RunningGateway } from './support/running-gateway.js';

const LIMIT = { account: 'binance-sim', symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.010', price: '50000.00' };
const MARKET = { account: 'binance-sim', symbol: 'BTC/USDT', side: 'buy', type: 'market', quantity: '0.002' };
const ORDER_POST = { method: 'POST', path: '/api/v3/order' };

/** Longer than the venue may still accept, work on and hide a request: the horizon of ORDER-SAFETY. */
const HORIZON_MS = 60_000;

/** Anything else rejects: a fault that was not planted would make the test mean nothing. */
const isSuccess = ({ status }: { status: number }): boolean => status < 300;

describe('an order whose answer does not come', () => {
  let gateway: RunningGateway;
  let made = 0;
  beforeAll(async () => {
    gateway = await startGateway({ BREAKWATER_ORDERS_ACK_TIMEOUT_MS: '1500', BREAKWATER_ORDERS_RECV_WINDOW_MS: '2000' });
  });
  afterAll(() => gateway?.close());
  afterEach(async () => {
    await gateway.sim.delete('/_sim/faults').ok(isSuccess);
  });

  const fault = (body: object) =>
    gateway.sim
      .post('/_sim/faults')
      .send({ venue: 'binance', count: 1, ...body })
      .ok(isSuccess);
  const place = (body: object) => gateway.http.post('/v1/orders').send({ ...body, clientOrderId: `fault-${(made += 1)}` });
  const order = async (id: string) =>
    (await gateway.http.get(`/v1/orders/${id}`)).body as {
      status: string;
      filledQuantity: string;
      venueOrderId: string;
      rejectReason: { code: string } | null;
    };
  /** A market order may take several price levels: the sum counts, and no trade twice. */
  const fillsOf = async (id: string) => {
    const fills = (await gateway.http.get(`/v1/fills?orderId=${id}`)).body.data as { venueTradeId: string; quantity: string }[];
    const distinct = new Set(fills.map((fill) => fill.venueTradeId)).size === fills.length;
    return { quantity: sum(fills.map((fill) => decimal(fill.quantity))).toFixed(), distinct };
  };
  const atVenue = async () => (await gateway.sim.get('/_sim/ledger?account=binance-sim')).body.orders as { venueOrderId: string }[];

  it.each([
    ['is dropped after the venue took the order', { kind: 'drop-response', match: ORDER_POST }],
    ['is garbage', { kind: 'garbage', match: ORDER_POST }],
    ['is cut short', { kind: 'truncate', match: ORDER_POST }],
    ['is a 503 after the venue took the order', { kind: 'http-status', status: 503, executed: true, match: ORDER_POST }],
  ])('[lesson 1] is found out where it %s: one order, never a second', async (_name, what) => {
    const before = (await atVenue()).length;
    await fault(what);
    const placed = await place(MARKET);
    expect([201, 202]).toContain(placed.status);
    const settled = await eventually(
      () => order(placed.body.id),
      ({ status }) => status === 'filled',
    );
    expect(settled.filledQuantity).toBe('0.002');
    expect(await atVenue()).toHaveLength(before + 1);
    expect(await fillsOf(placed.body.id)).toEqual({ quantity: '0.002', distinct: true });
  });

  it('answers 202 while the venue is slow, and settles when it speaks', async () => {
    await fault({ kind: 'delay', delayMs: 2_500, match: ORDER_POST });
    const placed = await place(LIMIT).expect(202);
    expect(['pending-new', 'unknown']).toContain(placed.body.status);
    await eventually(
      () => order(placed.body.id),
      ({ status }) => status !== 'pending-new' && status !== 'unknown',
      HORIZON_MS,
    );
  }, 90_000);

  it('[lesson 4] is proven absent, with evidence, where the request never arrived; and sent again only where the client asked for it', async () => {
    const before = (await atVenue()).length;
    await fault({ kind: 'drop-request', count: 2, match: ORDER_POST });
    const wanted = await place({ ...LIMIT, onNotCreated: 'resubmit' }).expect(202);
    const placed = await place(LIMIT).expect(202);
    expect((await order(placed.body.id)).status).toBe('unknown');
    const settled = await eventually(
      () => order(placed.body.id),
      ({ status }) => status === 'rejected',
      HORIZON_MS,
    );
    expect(settled.rejectReason).toMatchObject({ code: 'not-created' });
    const again = await eventually(
      () => order(wanted.body.id),
      ({ status }) => status === 'new',
    );
    expect(again.rejectReason).toBeNull();
    expect(await atVenue()).toHaveLength(before + 1);
    const story = (await gateway.http.get(`/v1/orders/${wanted.body.id}/events`)).body.data as { type: string }[];
    expect(story.map(({ type }) => type)).toEqual(['submitted', 'outcome-unknown', 'not-created', 'permitted', 'reported']);
    const events = (await gateway.http.get(`/v1/orders/${placed.body.id}/events`)).body.data as {
      type: string;
      data: { evidence: { horizonMs: number; negatives: { atMs: number; family: string }[] } };
    }[];
    const { evidence } = events.at(-1)!.data;
    expect(evidence.negatives.length).toBeGreaterThanOrEqual(3);
    expect(new Set(evidence.negatives.map((negative) => negative.family)).size).toBeGreaterThanOrEqual(2);
    expect(evidence.negatives.every((negative) => negative.atMs > evidence.horizonMs)).toBe(true);
  }, 90_000);

  it('[lesson 12] books a fill once though the stream tells it twice, and not at all by the stream where that loses it', async () => {
    await fault({ kind: 'duplicate-event', count: 10 });
    const twice = await place(MARKET).expect(201);
    await fault({ kind: 'drop-event', count: 10 });
    const dropped = await place(MARKET).expect(201);
    for (const { body } of [twice, dropped]) {
      const settled = await eventually(
        () => order(body.id),
        ({ status }) => status === 'filled',
      );
      expect(settled.filledQuantity).toBe('0.002');
      expect(await fillsOf(body.id)).toEqual({ quantity: '0.002', distinct: true });
    }
  });

  it('catches up with what happened while the stream was cut', async () => {
    const { body: resting } = await place({ ...LIMIT, price: '63000' }).expect(201);
    await fault({ kind: 'disconnect-ws' });
    const id = await gateway.http.delete(`/v1/orders/${resting.id}`);
    expect([200, 202, 409]).toContain(id.status);
    await eventually(
      () => order(resting.id),
      ({ status }) => status === 'canceled' || status === 'filled',
    );
  });

  it("resolves a cancel whose answer is lost by the venue's own records", async () => {
    const { body: resting } = await place(LIMIT).expect(201);
    await fault({ kind: 'drop-response', match: { method: 'DELETE', path: '/api/v3/order' } });
    await gateway.http.delete(`/v1/orders/${resting.id}`);
    await eventually(
      () => order(resting.id),
      ({ status }) => status === 'canceled',
    );
  });
});
