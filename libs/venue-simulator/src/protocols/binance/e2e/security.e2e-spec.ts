import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManualClock } from '#libs/kernel';
import type { RunningSimulator } from '../../../server/index.js';
import { BinanceTestClient, startTestSimulator } from '../../../testing.js';

let simulator: RunningSimulator;
let clock: ManualClock;
let client: BinanceTestClient;

beforeAll(async () => {
  ({ simulator, clock } = await startTestSimulator());
  client = new BinanceTestClient(simulator, () => clock.nowMs());
});
afterAll(() => simulator.close());

const ACCOUNT = '/binance/api/v3/account';

describe('signed REST calls', () => {
  it('need a key: -2014 without, -2015 with an unknown one', async () => {
    const query = `timestamp=${clock.nowMs()}`;
    const signature = client.hmac(query);
    expect(await client.send('GET', `${ACCOUNT}?${query}&signature=${signature}`)).toMatchObject({ status: 401, json: { code: -2014 } });
    const unknown = { 'x-mbx-apikey': 'x'.repeat(64) };
    expect(await client.send('GET', `${ACCOUNT}?${query}&signature=${signature}`, unknown)).toMatchObject({
      status: 401,
      json: { code: -2015 },
    });
  });

  it('need a timestamp and a signature: -1102', async () => {
    const headers = { 'x-mbx-apikey': client.apiKey };
    expect(await client.send('GET', `${ACCOUNT}?signature=${client.hmac('')}`, headers)).toMatchObject({
      status: 400,
      json: { code: -1102 },
    });
    expect(await client.send('GET', `${ACCOUNT}?timestamp=${clock.nowMs()}`, headers)).toMatchObject({
      status: 400,
      json: { code: -1102, msg: "Mandatory parameter 'signature' was not sent, was empty/null, or malformed." },
    });
  });

  it('refuse a signature over other bytes: -1022', async () => {
    const query = `timestamp=${clock.nowMs()}`;
    const answer = await client.send('GET', `${ACCOUNT}?${query}&recvWindow=5000&signature=${client.hmac(query)}`, {
      'x-mbx-apikey': client.apiKey,
    });
    expect(answer).toMatchObject({ status: 400, json: { code: -1022, msg: 'Signature for this request is not valid.' } });
  });

  it('verify what was sent, percent-encoding included', async () => {
    const query = `timestamp=${clock.nowMs()}&omitZeroBalances=%74rue`;
    const answer = await client.send('GET', `${ACCOUNT}?${query}&signature=${client.hmac(query)}`, { 'x-mbx-apikey': client.apiKey });
    expect(answer.status).toBe(200);
  });

  it('refuse early and late timestamps: -1021', async () => {
    expect(await client.signed('GET', '/api/v3/account', { timestamp: clock.nowMs() + 1_000 })).toMatchObject({ json: { code: -1021 } });
    expect(await client.signed('GET', '/api/v3/account', { timestamp: clock.nowMs() - 5_001 })).toMatchObject({ json: { code: -1021 } });
    expect(await client.signed('GET', '/api/v3/account', { timestamp: clock.nowMs() + 999 })).toMatchObject({ status: 200 });
  });

  it('refuse a name that comes twice: -1101', async () => {
    expect(await client.signed('GET', '/api/v3/account', { 'recvWindow=1&recvWindow': 2 } as Record<string, number>)).toMatchObject({
      json: { code: -1101 },
    });
  });
});

describe('what is not served', () => {
  it('answers 410 for listenKeys', async () => {
    expect((await client.send('POST', '/binance/api/v3/userDataStream')).status).toBe(410);
  });

  it('answers -1020 for order lists', async () => {
    expect(await client.send('POST', '/binance/api/v3/orderList/oco')).toMatchObject({ status: 400, json: { code: -1020 } });
  });

  it('answers 404 for unknown paths and unknown venues', async () => {
    expect(await client.send('GET', '/binance/api/v3/nothing')).toMatchObject({ status: 404 });
    expect(await client.send('GET', '/nowhere/api')).toMatchObject({ status: 404, json: { error: 'nothing is served at /nowhere/api' } });
    await expect(client.open('/nothing')).rejects.toThrow('404');
  });
});
