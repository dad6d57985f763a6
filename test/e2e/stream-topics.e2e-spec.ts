import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGateway } from './support/running-gateway.js';
import type { RunningGateway } from './support/running-gateway.js';
import { StreamClient } from './support/stream-client.js';

const ACCOUNT = 'binance-sim';
const MARKET = { venue: 'binance', symbol: 'BTC/USDT' };
const BUY = { account: ACCOUNT, symbol: 'BTC/USDT', side: 'buy', type: 'market', quantity: '0.002' };

describe('channels of which only the newest counts', () => {
  let gateway: RunningGateway;
  let client: StreamClient;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway?.close());
  beforeEach(async () => {
    client = await StreamClient.open(gateway);
    return () => client.close();
  });

  const numbersRise = (channel: string): void => {
    const seqs = client.of(channel).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  };

  it('tells the balances as REST does, and again when they change', async () => {
    await client.ask({ op: 'subscribe', id: 1, channel: 'balances', account: ACCOUNT });
    const first = await client.news('balances');
    expect(first).toMatchObject({ account: ACCOUNT, seq: 1, type: 'snapshot' });
    await gateway.http.post('/v1/orders').send(BUY).expect(201);
    await client.until(() => client.of('balances').length > 1);
    const rest = async () => (await gateway.http.get(`/v1/accounts/${ACCOUNT}/balances`)).body.data as unknown;
    await expect
      .poll(async () => [client.of('balances').at(-1)!.data, await rest()])
      .toSatisfy(([told, is]) => JSON.stringify(told) === JSON.stringify(is));
    expect(client.of('balances')[1]!.type).toBe('update');
    numbersRise('balances');
  });

  it('tells the book with its sequence and whether it can be trusted', async () => {
    await client.ask({ op: 'subscribe', id: 1, channel: 'book', ...MARKET, depth: 5 });
    await client.until(() => client.of('book').length > 1);
    const message = client.of('book').at(-1)!;
    expect(message).toMatchObject({ ...MARKET, data: { ...MARKET, stale: false, sequence: expect.stringMatching(/^\d+$/) } });
    expect((message.data as { bids: unknown[] }).bids.length).toBeLessThanOrEqual(5);
    numbersRise('book');
  });

  it('tells the ticker and the trades, each trade once', async () => {
    await client.ask({ op: 'subscribe', id: 1, channel: 'ticker', ...MARKET });
    await client.ask({ op: 'subscribe', id: 2, channel: 'trades', ...MARKET });
    expect(await client.news('ticker')).toMatchObject({ seq: 1, data: { ...MARKET } });
    await client.until(() => client.of('trades').length > 0);
    await gateway.http.post('/v1/orders').send(BUY).expect(201);
    await client.until(() => client.of('trades').length > 1);
    const ids = client.of('trades').flatMap(({ data }) => (data as { id: string }[]).map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('tells how the gateway and its venues stand', async () => {
    await client.ask({ op: 'subscribe', id: 1, channel: 'health' });
    const message = await client.news('health');
    expect(message.data).toMatchObject({ ready: true, draining: false, venues: [{ id: 'binance', state: 'up' }] });
  });

  it('tells nothing more after unsubscribing', async () => {
    const topic = { channel: 'book', ...MARKET };
    await client.ask({ op: 'subscribe', id: 1, ...topic });
    await client.until(() => client.of('book').length > 0);
    expect(await client.ask({ op: 'unsubscribe', id: 2, ...topic })).toMatchObject({ op: 'unsubscribed', id: 2, ...topic });
    const told = client.of('book').length;
    const other = await StreamClient.open(gateway);
    await other.ask({ op: 'subscribe', id: 1, ...topic });
    await other.until(() => other.of('book').length > 2);
    expect(client.of('book')).toHaveLength(told);
    await other.close();
  });
});

describe('input that is not as it should be', () => {
  let gateway: RunningGateway;
  let client: StreamClient;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway?.close());
  beforeEach(async () => {
    client = await StreamClient.open(gateway);
    return () => client.close();
  });

  it.each([
    ['no JSON', '{"op":', null, 'JSON'],
    ['no object', '[1]', null, 'JSON'],
    ['no operation', '{"id":3}', 3, '/op'],
    ['an operation that does not exist', '{"op":"subscribee","id":"a"}', 'a', 'did you mean "subscribe"?'],
    ['a channel that does not exist', '{"op":"subscribe","id":4,"channel":"order","account":"x"}', 4, 'did you mean "orders"?'],
    ['no account', '{"op":"subscribe","id":5,"channel":"orders"}', 5, '/account: is required'],
    ['a property too many', '{"op":"subscribe","id":6,"channel":"health","account":"x"}', 6, 'unknown property'],
    ['an id that is an object', '{"op":"ping","id":{}}', null, '/id'],
    ['a second key', '{"op":"auth","id":7,"key":"bw_x"}', 7, 'already'],
    ['what was never subscribed', '{"op":"unsubscribe","id":8,"channel":"health"}', 8, 'not subscribed'],
  ])('is answered with a problem and changes nothing: %s', async (_what, text, id, detail) => {
    client.send(text);
    const answer = await client.first(({ op }) => op === 'error');
    expect(answer).toMatchObject({ op: 'error', id, problem: { code: 'invalid-request', status: 400, type: expect.any(String) } });
    expect(answer.problem!.detail).toContain(detail);
    expect(await client.ask({ op: 'ping', id: 99 })).toMatchObject({ op: 'pong' });
  });

  it.each([
    ['an account that is not there', { channel: 'fills', account: 'nobody' }, 'account-not-found'],
    ['a venue that is not there', { channel: 'book', venue: 'mtgox', symbol: 'BTC/USDT' }, 'venue-not-found'],
    ['a market that is not there', { channel: 'book', venue: 'binance', symbol: 'NO/NO' }, 'instrument-not-found'],
  ])('names %s', async (_what, topic, code) => {
    expect(await client.ask({ op: 'subscribe', id: 1, ...topic })).toMatchObject({ op: 'error', id: 1, problem: { code } });
  });

  it('refuses the same subscription twice', async () => {
    await client.ask({ op: 'subscribe', id: 1, channel: 'health' });
    expect(await client.ask({ op: 'subscribe', id: 2, channel: 'health' })).toMatchObject({
      op: 'error',
      problem: { code: 'invalid-request' },
    });
  });

  it('closes a connection that sends too large a message, binary, or too many', async () => {
    const [large, binary, many] = await Promise.all([1, 2, 3].map(() => StreamClient.open(gateway)));
    large!.send('x'.repeat(20_000));
    binary!.socket.send(Buffer.from([1, 2, 3]));
    for (let index = 0; index < 1_000; index += 1) many!.send({ op: 'ping', id: index });
    for (const one of [large, binary, many]) await one!.until(() => one!.closed !== null);
    expect([large, binary, many].map((one) => one!.closed!.code)).toEqual([1009, 1003, 1008]);
  });

  it('counts connections, subscriptions and closes', async () => {
    await client.ask({ op: 'subscribe', id: 1, channel: 'health' });
    const { text } = await gateway.http.get('/metrics').expect(200);
    expect(text).toContain('breakwater_stream_connections 1');
    expect(text).toContain('breakwater_stream_subscriptions{channel="health"} 1');
    expect(text).toContain('breakwater_stream_closes_total{code="1008"} 1');
  });
});
