import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningSimulator } from '../../../server/index.js';
import { BinanceTestClient, startTestSimulator } from '../../../testing.js';

let simulator: RunningSimulator;
let client: BinanceTestClient;

beforeEach(async () => {
  const started = await startTestSimulator();
  simulator = started.simulator;
  client = new BinanceTestClient(simulator, () => started.clock.nowMs());
});
afterEach(() => simulator.close());

const NEW = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '60000' };
const replace = (params: Record<string, string>) => client.signed('POST', '/api/v3/order/cancelReplace', { ...NEW, ...params });
const openCount = async (): Promise<number> => (await client.signed('GET', '/api/v3/openOrders', { symbol: 'BTCUSDT' })).list.length;

/** Uses the order budget of these ten seconds up, and leaves one order open. */
async function useUpOrders(): Promise<void> {
  await client.limit({ newClientOrderId: 'old' });
  for (let n = 1; n < 100; n += 1) await client.limit({ timeInForce: 'IOC' });
}

describe('cancel-replace', () => {
  it('answers 200 when both halves succeed', async () => {
    await client.limit({ newClientOrderId: 'old' });
    const answer = await replace({ cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrigClientOrderId: 'old', newClientOrderId: 'new' });
    expect(answer).toMatchObject({
      status: 200,
      json: {
        cancelResult: 'SUCCESS',
        newOrderResult: 'SUCCESS',
        cancelResponse: { origClientOrderId: 'old', status: 'CANCELED' },
        newOrderResponse: { clientOrderId: 'new', status: 'NEW' },
      },
    });
  });

  it('answers 400 and -2022 with NOT_ATTEMPTED when the cancel fails and that stops it', async () => {
    const answer = await replace({ cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrigClientOrderId: 'none' });
    expect(answer).toMatchObject({
      status: 400,
      json: {
        code: -2022,
        data: { cancelResult: 'FAILURE', newOrderResult: 'NOT_ATTEMPTED', cancelResponse: { code: -2011 }, newOrderResponse: null },
      },
    });
    expect(await openCount()).toBe(0);
  });

  it('answers 409 and -2021 when the cancel fails and the new order is placed all the same', async () => {
    const answer = await replace({ cancelReplaceMode: 'ALLOW_FAILURE', cancelOrigClientOrderId: 'none' });
    expect(answer).toMatchObject({ status: 409, json: { code: -2021, data: { cancelResult: 'FAILURE', newOrderResult: 'SUCCESS' } } });
    expect(await openCount()).toBe(1);
  });

  it('answers 409 and -2021 when the cancel succeeds and the new order is refused', async () => {
    await client.limit({ newClientOrderId: 'old' });
    const answer = await replace({ cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrigClientOrderId: 'old', quantity: '100' });
    expect(answer).toMatchObject({
      status: 409,
      json: {
        code: -2021,
        msg: 'Order cancel-replace partially failed.',
        data: { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE', newOrderResponse: { code: -2010 } },
      },
    });
    expect(await openCount()).toBe(0);
  });

  it('answers 400 and -2022 when both halves fail', async () => {
    const answer = await replace({ cancelReplaceMode: 'ALLOW_FAILURE', cancelOrigClientOrderId: 'none', quantity: '100' });
    expect(answer).toMatchObject({
      status: 400,
      json: { code: -2022, msg: 'Order cancel-replace failed.', data: { cancelResult: 'FAILURE', newOrderResult: 'FAILURE' } },
    });
  });

  it('checks filters before it cancels anything', async () => {
    await client.limit({ newClientOrderId: 'old' });
    const answer = await replace({ cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrigClientOrderId: 'old', price: '60000.001' });
    expect(answer.status).toBe(400);
    expect(await openCount()).toBe(1);
  });

  it('needs a mode and something to cancel', async () => {
    expect(await replace({ cancelOrigClientOrderId: 'x' })).toMatchObject({ status: 400, json: { code: -1102 } });
    expect(await replace({ cancelReplaceMode: 'ALLOW_FAILURE' })).toMatchObject({ status: 400, json: { code: -1102 } });
  });

  it('cancels nothing when the order budget is used up, and says so with a plain -1015', async () => {
    await useUpOrders();
    const answer = await replace({ cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrigClientOrderId: 'old' });
    expect(answer).toMatchObject({ status: 429, json: { code: -1015 } });
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(await openCount()).toBe(1);
  });

  it.each([
    ['STOP_ON_FAILURE', 'old', 429, -2021, 0],
    ['ALLOW_FAILURE', 'old', 409, -2021, 0],
    ['ALLOW_FAILURE', 'none', 400, -2022, 1],
  ])(
    'with CANCEL_ONLY and a used-up budget, %s of %s answers %i',
    async (cancelReplaceMode, cancelOrigClientOrderId, status, code, stillOpen) => {
      await useUpOrders();
      const answer = await replace({ cancelReplaceMode, cancelOrigClientOrderId, orderRateLimitExceededMode: 'CANCEL_ONLY' });
      expect(answer).toMatchObject({ status, json: { code, data: { newOrderResult: 'FAILURE', newOrderResponse: { code: -1015 } } } });
      expect(await openCount()).toBe(stillOpen);
    },
  );
});
