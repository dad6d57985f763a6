import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decimal } from '#libs/kernel';
import { eventually, startGateway } from './support/running-gateway.js';
import type { RunningGateway } from './support/running-gateway.js';

const ACCOUNT = 'binance-sim';

interface Row {
  readonly kind: string;
  readonly state: string;
  readonly subject: string;
  readonly ageMs: number;
  readonly repair: string | null;
}

describe('reconciliation in a running gateway', () => {
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  const reconcile = async () => (await gateway.http.post('/v1/admin/reconcile').send({ account: ACCOUNT }).expect(200)).body;
  const rows = async (): Promise<Row[]> => (await gateway.http.get(`/v1/admin/reconciliations?account=${ACCOUNT}`).expect(200)).body.data;

  /** Past the gateway: as somebody would on the venue's own page. */
  function placeByHand(clientOrderId: string): void {
    const { exchange, clock } = gateway.simulator.world();
    const placed = exchange.place(
      {
        account: ACCOUNT,
        clientOrderId,
        symbol: 'BTC/USDT',
        side: 'buy',
        type: 'limit',
        timeInForce: 'GTC',
        quantity: decimal('0.01'),
        quoteQuantity: null,
        price: decimal('50000'),
        stopPrice: null,
        icebergQuantity: null,
        expiresAtMs: null,
        postOnly: false,
        stpMode: 'none',
      },
      clock.nowMs(),
    );
    expect(placed.ok).toBe(true);
  }

  it('agrees with the venue after the start, and says so on demand', async () => {
    const run = await eventually(reconcile, ({ outcome }) => outcome === 'agreed', 20_000);
    expect(run).toMatchObject({ account: ACCOUNT, cause: 'demand' });
    expect((await rows()).filter(({ state }) => state === 'open')).toEqual([]);
    const { reconciliation } = (await gateway.http.get('/v1/admin/status').expect(200)).body;
    expect(reconciliation.openDiscrepancies).toEqual({});
    expect(reconciliation.lastRuns).toContainEqual(expect.objectContaining({ account: ACCOUNT, outcome: 'agreed' }));
  });

  it('shows an order that somebody else placed, and never touches it', async () => {
    placeByHand('somebody-else-1');
    const shown = await eventually(
      async () => (await gateway.http.get(`/v1/accounts/${ACCOUNT}/external-orders`).expect(200)).body.data as { venueClientId: string }[],
      (orders) => orders.some(({ venueClientId }) => venueClientId === 'somebody-else-1'),
    );
    expect(shown).toHaveLength(1);
    await gateway.http.post('/v1/orders/cancel-all').send({ account: ACCOUNT }).expect(200);
    await reconcile();
    const { exchange } = gateway.simulator.world();
    expect(exchange.openOrders(ACCOUNT, null).map(({ clientOrderId }) => clientOrderId)).toContain('somebody-else-1');
  });

  it('books a fill that no stream brought, and keeps what it repaired', async () => {
    await gateway.sim.post('/_sim/faults').send({ venue: 'binance', kind: 'drop-event', count: 20 }).expect(201);
    const order = { account: ACCOUNT, symbol: 'BTC/USDT', side: 'sell', type: 'market', quantity: '0.010' };
    const placed = await gateway.http.post('/v1/orders').send(order);
    await gateway.sim.delete('/_sim/faults').expect(200);
    await eventually(reconcile, ({ outcome }) => outcome === 'agreed', 20_000);
    const fills = (await gateway.http.get(`/v1/fills?orderId=${placed.body.id}`).expect(200)).body.data as { quantity: string }[];
    expect(fills.reduce((total, fill) => total.plus(fill.quantity), decimal('0')).toFixed()).toBe('0.01');
  });

  it('explains money that was paid in', async () => {
    const before = await eventually(reconcile, ({ outcome }) => outcome === 'agreed', 20_000);
    expect(before.outcome).toBe('agreed');
    await gateway.sim.post('/_sim/deposit').send({ account: ACCOUNT, asset: 'USDT', amount: '123.45' }).expect(200);
    await eventually(reconcile, ({ outcome }) => outcome === 'agreed', 20_000);
    const found = await gateway.database
      .database()
      .query<{ amount: string }>(
        'test.transfers',
        `SELECT amount FROM ledger_entries WHERE account = $1 AND kind = 'transfer' AND book = 'holdings'`,
        [ACCOUNT],
      );
    expect(found.rows.map(({ amount }) => decimal(amount).toFixed())).toEqual(['123.45']);
  });
});
