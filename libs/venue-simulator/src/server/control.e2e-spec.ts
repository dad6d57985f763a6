import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '#libs/kernel';
import { BinanceTestClient, startTestSimulator } from '../testing.js';
import { startSimulator } from './start-simulator.js';
import type { RunningSimulator } from './start-simulator.js';

let simulator: RunningSimulator;
let clock: ManualClock;
let client: BinanceTestClient;

beforeEach(async () => {
  ({ simulator, clock } = await startTestSimulator());
  client = new BinanceTestClient(simulator, () => clock.nowMs());
});
afterEach(() => simulator.close());

describe('controls', () => {
  it('say what is here', async () => {
    expect((await client.send('GET', '/')).json).toMatchObject({ name: 'Breakwater venue simulator', venues: ['/binance/…'] });
    expect((await client.control('GET', '/health')).json).toMatchObject({ status: 'ok', seed: 7, limits: 'venue' });
    expect((await client.control('GET', '/nothing')).status).toBe(404);
  });

  it('list every account with its keys and balances', async () => {
    const { list } = await client.control('GET', '/accounts');
    expect(list).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ account: 'binance-sim', venue: 'binance', apiKey: expect.any(String), apiSecret: expect.any(String) }),
      ]),
    );
    expect(list[0]!['balances']).toEqual(expect.arrayContaining([{ asset: 'USDT', free: '1000000', locked: '0' }]));
  });

  it('tell the truth about an account', async () => {
    await client.limit({ newClientOrderId: 'rest' });
    await client.order({ type: 'MARKET', quantity: '0.01', newClientOrderId: 'fill' });
    const { json } = await client.control('GET', '/ledger?account=binance-sim');
    expect(json).toMatchObject({
      orders: [
        {
          clientOrderId: 'rest',
          symbol: 'BTC/USDT',
          side: 'buy',
          type: 'limit',
          status: 'new',
          quantity: '0.01',
          price: '60000',
          filledQuantity: '0',
        },
        { clientOrderId: 'fill', type: 'market', status: 'filled', filledQuantity: '0.01' },
      ],
      rateLimitViolations: [],
    });
    expect(json['fills']).toEqual(
      expect.arrayContaining([expect.objectContaining({ clientOrderId: 'fill', fee: { asset: 'BTC', amount: expect.any(String) } })]),
    );
    expect(await client.control('GET', '/ledger?account=nobody')).toMatchObject({ status: 400, json: { field: 'account' } });
  });

  it('start over with a seed: same requests, same answers, sockets cut', async () => {
    const run = async (): Promise<string> => {
      await client.control('POST', '/reset', { seed: 42 });
      const fresh = new BinanceTestClient(simulator, () => clock.nowMs());
      await client.control('POST', '/step', { steps: 20 });
      const placed = await fresh.limit();
      const filled = await fresh.order({ type: 'MARKET', quantity: '0.3' });
      const book = await fresh.get('/api/v3/depth', { symbol: 'ETHUSDT' });
      return placed.text + filled.text + book.text;
    };
    const socket = await client.open('/ws');
    const first = await run();
    expect(socket.closed?.code ?? (await socket.until(() => socket.closed !== null), socket.closed!.code)).toBe(1006);
    expect(await run()).toBe(first);
  });

  it('goes on with fresh ids when the process starts again without a seed', async () => {
    const one = await startSimulator({ port: 0, stepMs: 0, clock });
    const before = await new BinanceTestClient(one, () => clock.nowMs()).limit();
    await one.close();
    clock.advance(1);
    const two = await startSimulator({ port: 0, stepMs: 0, clock });
    const after = await new BinanceTestClient(two, () => clock.nowMs()).limit();
    await two.close();
    expect(Number(after.json['orderId'])).toBeGreaterThan(Number(before.json['orderId']));
  });

  it.each<[string, unknown, string]>([
    ['/faults', { kind: 'delay' }, 'venue'],
    ['/faults', { venue: 'binance', kind: 'nonsense' }, 'kind'],
    ['/faults', { venue: 'binance', kind: 'delay' }, 'delayMs'],
    ['/faults', { venue: 'binance', kind: 'http-status' }, 'status'],
    ['/faults', { venue: 'binance', kind: 'http-status', status: 99 }, 'status'],
    ['/faults', { venue: 'binance', kind: 'clock-skew' }, 'skewMs'],
    ['/faults', { venue: 'binance', kind: 'reset', probability: 2 }, 'probability'],
    ['/faults', { venue: 'binance', kind: 'reset', count: 0 }, 'count'],
    ['/faults', { venue: 'binance', kind: 'reset', match: { colour: 'red' } }, 'match.colour'],
    ['/faults', { venue: 'binance', kind: 'reset', match: { path: '' } }, 'match.path'],
    ['/faults', { venue: 'binance', kind: 'reset', colour: 'red' }, 'colour'],
    ['/faults', { venue: 'binance', kind: 'reset', executed: 'yes' }, 'executed'],
    ['/reset', { seed: -1 }, 'seed'],
    ['/reset', { seed: 1, limits: 'none' }, 'limits'],
    ['/deposit', { account: 'nobody', asset: 'USDT', amount: '1' }, 'account'],
    ['/deposit', { account: 'binance-sim', asset: 'usdt', amount: '1' }, 'asset'],
    ['/deposit', { account: 'binance-sim', asset: 'USDT', amount: '0' }, 'amount'],
    ['/deposit', { account: 'binance-sim', asset: 'USDT', amount: '0.000000001' }, 'amount'],
    ['/step', { steps: 0 }, 'steps'],
  ])('POST %s %o is refused by naming %s', async (path, body, field) => {
    const answer = await client.control('POST', path, body);
    expect(answer).toMatchObject({ status: 400, json: { field } });
    expect(answer.json['error']).toContain(field);
  });

  it('take one fault off by its id', async () => {
    const first = await client.control('POST', '/faults', { venue: 'binance', kind: 'reset', match: { path: 'x' } });
    await client.control('POST', '/faults', { venue: 'binance', kind: 'reset', match: { path: 'y' } });
    expect((await client.control('DELETE', `/faults?id=${String(first.json['id'])}`)).json).toEqual({ cleared: 1 });
    expect((await client.control('GET', '/faults')).json['faults']).toMatchObject([{ match: { path: 'y' } }]);
  });

  it('survive an error of our own: one request gets 500, the error is told, the next one is served', async () => {
    await simulator.close();
    const told: unknown[] = [];
    ({ simulator, clock } = await startTestSimulator({ onBug: (error) => told.push(error) }));
    client = new BinanceTestClient(simulator, () => clock.nowMs());
    const { exchange } = simulator.world();
    const real = exchange.depth.bind(exchange);
    exchange.depth = () => {
      throw new RangeError('planted');
    };
    expect(await client.get('/api/v3/depth', { symbol: 'BTCUSDT' })).toMatchObject({ status: 500, json: { code: -1001 } });
    const socket = await client.open('/ws-api/v3');
    socket.send({ id: 1, method: 'depth', params: { symbol: 'BTCUSDT' } });
    await socket.until(() => socket.closed !== null);
    expect(told).toEqual([new RangeError('planted'), new RangeError('planted')]);
    exchange.depth = real;
    expect((await client.get('/api/v3/depth', { symbol: 'BTCUSDT' })).status).toBe(200);
  });

  it('refuse a body that is too large', async () => {
    expect((await client.send('POST', '/_sim/reset', {}, 'x'.repeat(1_100_000))).status).toBe(413);
  });
});

describe('starting', () => {
  it('fails with the code of the system when the port is taken', async () => {
    await expect(startSimulator({ port: simulator.port, stepMs: 0 })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
