import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway } from './support/running-gateway.js';
import type { RunningGateway } from './support/running-gateway.js';

const LIMIT = { account: 'binance-sim', symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.010', price: '50000.00' };
/** The simulated venue takes 100 orders in each window of 10 seconds, and a burst may fall into two of them. */
const BURST = 240;

describe('the budget of a venue', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await startGateway({}, 'venue');
  });
  afterAll(() => gateway?.close());

  const post = (clientOrderId: string) => gateway.http.post('/v1/orders').send({ ...LIMIT, clientOrderId });

  it('refuses at once what it cannot admit, keeps nothing of it, and breaks no limit of the venue', async () => {
    const answers = await Promise.all(Array.from({ length: BURST }, (_, index) => post(`burst-${index}`)));
    const refused = answers.filter((answer) => answer.status === 503);
    expect(answers.filter((answer) => answer.status === 201).length + refused.length).toBe(BURST);
    expect(refused.length).toBeGreaterThan(0);
    for (const { body, headers } of refused) {
      expect(body).toMatchObject({ code: 'order-rate-limited', retryAfterMs: expect.any(Number) });
      expect(body.orderId).toBeUndefined();
      expect(headers['retry-after']).toMatch(/^\d+$/);
    }
    const ledger = (await gateway.sim.get('/_sim/ledger?account=binance-sim')).body;
    expect(ledger.orders).toHaveLength(BURST - refused.length);
    expect(ledger.rateLimitViolations).toEqual([]);
  });

  it('still cancels when no new order is admitted', async () => {
    const { body } = await gateway.http.get('/v1/orders?status=open&limit=1').expect(200);
    expect((await gateway.http.delete(`/v1/orders/${body.data[0].id}`).expect(200)).body.status).toBe('canceled');
  });
});
