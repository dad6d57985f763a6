import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#libs/database';
import { startGateway } from './support/running-gateway.js';
import type { RunningGateway } from './support/running-gateway.js';
import { StreamClient, bearer, streamUrl } from './support/stream-client.js';
import { WebSocket } from 'ws';

const ACCOUNT = 'binance-sim';
const LIMIT = { account: ACCOUNT, symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.010', price: '50000.00' };
const UPDATES = 10_000;
const BATCH = 200;
const CLIENTS = 50;
const MIB = 1_048_576;

/** As the journal leaves them: events of one resting order, each with its number. */
const WRITE = `
  WITH versions AS (
    SELECT generate_series(last.version + 1, last.version + $2::int) AS version
    FROM (SELECT max(version) AS version FROM order_events WHERE order_id = $1) last
  ), events AS (
    INSERT INTO order_events (order_id, version, type, at, data)
    SELECT $1, version, 'cancel-unknown', now(), '{"reason":{"code":"unknown-outcome","message":"no answer","venueCode":null}}' FROM versions
  ), head AS (
    UPDATE stream_heads SET order_seq = order_seq + $2 WHERE account = $3 RETURNING order_seq - $2 AS before
  )
  INSERT INTO order_outbox (account, seq, order_id, version)
  SELECT $3, before + row_number() OVER (ORDER BY version), $1, version FROM versions, head`;

/** Keeps only what is needed to see whether something is missing: the numbers. */
class CountingClient {
  last: number;
  gaps = 0;
  count = 0;
  closed: number | null = null;
  readonly socket: WebSocket;

  constructor(
    gateway: RunningGateway,
    private readonly since: number,
  ) {
    this.last = since;
    this.socket = new WebSocket(streamUrl(gateway.app), bearer(gateway.key));
    this.socket.on('open', () =>
      this.socket.send(JSON.stringify({ op: 'subscribe', id: 1, channel: 'orders', account: ACCOUNT, since: this.since })),
    );
    this.socket.on('close', (code) => (this.closed = code));
    this.socket.on('message', (data: Buffer) => this.take(data));
  }

  private take(data: Buffer): void {
    // The number stands near the beginning; reading all of half a million messages would measure this test and not the gateway.
    const seq = /"seq":(\d+)/.exec(data.toString('latin1', 0, 80))?.[1];
    if (seq === undefined) return;
    const number = Number.parseInt(seq, 10);
    if (number !== this.last + 1) this.gaps += 1;
    this.last = number;
    this.count += 1;
  }
}

describe('many updates to many clients', () => {
  let gateway: RunningGateway;
  let database: Database;
  let orderId: string;
  let start: number;

  beforeAll(async () => {
    gateway = await startGateway();
    database = gateway.database.database();
    orderId = ((await gateway.http.post('/v1/orders').send(LIMIT).expect(201)).body as { id: string }).id;
    const client = await StreamClient.open(gateway);
    await client.ask({ op: 'subscribe', id: 1, channel: 'orders', account: ACCOUNT, since: 0 });
    await client.until(() => client.of('orders').some(({ data }) => (data as { status: string }).status === 'new'));
    start = client.of('orders').length;
    await client.close();
  });
  afterAll(() => gateway?.close());

  it('[lesson 14] gives all of them everything in order but the one that does not read, which is closed with 1013 and resumes with since', async () => {
    const clients = Array.from({ length: CLIENTS }, () => new CountingClient(gateway, start));
    const [slow, ...others] = clients as [CountingClient, ...CountingClient[]];
    await expect.poll(() => clients.every(({ socket }) => socket.readyState === WebSocket.OPEN)).toBe(true);
    const counters = async () => (await gateway.http.get('/metrics')).text;
    await expect.poll(counters, { timeout: 5_000 }).toContain(`breakwater_stream_subscriptions{channel="orders"} ${CLIENTS}`);
    slow.socket.pause();

    const before = rssMib();
    let peak = before;
    const began = performance.now();
    for (let written = 0; written < UPDATES; written += BATCH) {
      await database.query('test.write', WRITE, [orderId, BATCH, ACCOUNT]);
      peak = Math.max(peak, rssMib());
    }
    const end = start + UPDATES;
    await expect.poll(() => others.every(({ last }) => last === end), { timeout: 30_000, interval: 50 }).toBe(true);
    const seconds = (performance.now() - began) / 1_000;
    peak = Math.max(peak, rssMib());
    expect(others.map(({ gaps, closed }) => [gaps, closed])).toEqual(others.map(() => [0, null]));

    await expect.poll(counters, { timeout: 20_000 }).toContain('breakwater_stream_closes_total{code="1013"} 1');
    slow.socket.resume();
    await expect.poll(() => slow.closed, { timeout: 10_000 }).toBe(1_013);
    expect(slow.gaps).toBe(0);
    expect(slow.last).toBeLessThan(end);

    const resumed = new CountingClient(gateway, slow.last);
    await expect.poll(() => resumed.last, { timeout: 10_000 }).toBe(end);
    expect(resumed.gaps).toBe(0);
    expect(slow.count + resumed.count).toBe(UPDATES);
    process.stdout.write(
      `${UPDATES} updates to ${CLIENTS} clients in ${seconds.toFixed(1)} s; the slow one had ${slow.count}; RSS of gateway and clients ${before} MiB, at most ${peak - before} MiB more\n`,
    );
    // Both sides of 50 connections live in this process; without a bound the slow client alone would not show, all of them would be 400 MiB.
    expect(peak - before).toBeLessThan(200);
    for (const { socket } of [...others, resumed]) socket.close();
  }, 90_000);
});

function rssMib(): number {
  return Math.round(process.memoryUsage.rss() / MIB);
}
