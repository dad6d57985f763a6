import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ensureAppRole,
  migrateUp,
  startEmbeddedPostgres,
  stopEmbeddedPostgres,
  withMigrations,
  type EmbeddedPostgres,
} from '#libs/database';
import { parentOf } from '#libs/processes';
import { eventually, startGateway } from './support/running-gateway.js';
import type { RunningGateway } from './support/running-gateway.js';

const ORDER_EVERY_MS = 25;
const DOWN_WITHIN_MS = 5_000;
const HEALED_WITHIN_MS = 5_000;
/** A connection and a statement, each with its whole time-out. */
const REFUSED_WITHIN_MS = 5_500;
const SETTLED_WITHIN_MS = 30_000;
/** What a client is told while nothing can be journaled, and once the account's lease has run out, which nobody could renew either. */
const NOT_SENT: ReadonlySet<string | undefined> = new Set(['database-unavailable', 'not-ready']);
const APP_PASSWORD = 'only-for-tests';

interface Order {
  readonly id: string;
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  readonly status: string;
  readonly filledQuantity: string;
}

interface Ledger {
  readonly orders: readonly { venueOrderId: string; clientOrderId: string; filledQuantity: string }[];
}

let folder: string;
let postgres: EmbeddedPostgres;
let gateway: RunningGateway;

/** A server of this spec alone: it is stopped, killed and frozen. */
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'breakwater-outage-'));
  postgres = await startEmbeddedPostgres({ folder: path.join(folder, 'postgres') });
  const url = await ensureAppRole(postgres.url, APP_PASSWORD);
  await withMigrations(postgres.url, migrateUp);
  gateway = await startGateway({ DATABASE_URL: url });
});

afterAll(async () => {
  await gateway?.close();
  await stopEmbeddedPostgres(path.join(folder, 'postgres'));
  rmSync(folder, { recursive: true, force: true });
});

async function startAgain(): Promise<void> {
  postgres = await startEmbeddedPostgres({ folder: path.join(folder, 'postgres'), port: postgres.port, samePort: true });
}

const statusOf = async (route: string) => (await gateway.http.get(route)).status;
const ready = (wished: 200 | 503, withinMs: number) =>
  eventually(
    () => statusOf('/health/ready'),
    (status) => status === wished,
    withinMs,
  );

async function ledger(): Promise<Ledger> {
  return (await gateway.sim.get('/_sim/ledger').query({ account: 'binance-sim' })).body as Ledger;
}

/** Orders whose fate the gateway does not know; `null` while it cannot be asked. */
async function unsettled(): Promise<readonly Order[] | null> {
  const orders = await blotter();
  return orders.length === 0 ? null : orders.filter(({ status }) => status === 'unknown' || status === 'pending-new');
}

async function blotter(): Promise<readonly Order[]> {
  const orders: Order[] = [];
  let cursor: string | null = null;
  do {
    const answer = await gateway.http.get('/v1/orders').query({ limit: 500, ...(cursor === null ? {} : { cursor }) });
    if (answer.status !== 200) return [];
    const page = answer.body as { data: Order[]; nextCursor: string | null };
    orders.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return orders;
}

let numbered = 0;
/** Every third order trades at once, the others rest far from the market. */
async function placeOne() {
  const index = (numbered += 1);
  const clientOrderId = `outage-${index}`;
  const common = { account: 'binance-sim', symbol: 'BTC/USDT', quantity: '0.001', clientOrderId };
  const body = index % 3 === 0 ? { ...common, side: 'buy', type: 'market' } : { ...common, side: 'buy', type: 'limit', price: '50000' };
  const answer = await gateway.http.post('/v1/orders').send(body);
  return { clientOrderId, status: answer.status, body: answer.body as Order & { code?: string } };
}

/** Orders in a steady stream until it is stopped, and what each client was told. */
class Load {
  readonly accepted = new Map<string, string>();
  readonly refused = new Map<string, string | undefined>();
  private readonly pending = new Set<Promise<void>>();
  private readonly timer = setInterval(() => this.place(), ORDER_EVERY_MS);

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.pending);
  }

  get waiting(): number {
    return this.pending.size;
  }

  private place(): void {
    const placed = placeOne().then(({ clientOrderId, status, body }) => {
      if (status < 300) this.accepted.set(clientOrderId, body.id);
      else this.refused.set(clientOrderId, body.code);
    });
    this.pending.add(placed);
    void placed.finally(() => this.pending.delete(placed));
  }
}

async function outage(load: Load, stop: () => Promise<void>, start: () => Promise<void>): Promise<void> {
  const before = load.accepted.size;
  await eventually(
    async () => load.accepted.size,
    (count) => count > before + 20,
  );
  await stop();
  await ready(503, DOWN_WITHIN_MS);
  expect(await statusOf('/health/live')).toBe(200);
  await eventually(
    async () => load.waiting,
    (count) => count <= 2,
  );
  const sent = (await ledger()).orders.length;
  const refused = load.refused.size;
  await eventually(
    async () => load.refused.size,
    (count) => count > refused + 20,
  );
  const askedMs = performance.now();
  const refusal = await placeOne();
  expect(refusal.status).toBe(503);
  expect(NOT_SENT).toContain(refusal.body.code);
  expect(performance.now() - askedMs).toBeLessThan(REFUSED_WITHIN_MS);
  expect(await statusOf('/v1/orders')).toBe(503);
  expect((await ledger()).orders, 'nothing is sent while the database is down').toHaveLength(sent);
  await start();
  const accepted = load.accepted.size;
  await eventually(
    async () => load.accepted.size,
    (count) => count > accepted + 10,
    HEALED_WITHIN_MS,
  );
  await ready(200, HEALED_WITHIN_MS);
  expect(await statusOf('/v1/orders')).toBe(200);
}

/** What the gateway, the venue and those who were told do not agree about, once nothing is open any more. */
async function differences(load: Load): Promise<string[]> {
  await eventually(unsettled, (open) => open !== null && open.length === 0, SETTLED_WITHIN_MS);
  const orders = await blotter();
  const truth = (await ledger()).orders;
  const byVenueId = new Map(orders.map((order) => [order.venueOrderId, order]));
  const byClientId = new Map(orders.map((order) => [order.clientOrderId, order]));
  const sent = orders.filter(({ venueOrderId }) => venueOrderId !== null);
  const found: string[] = [];
  if (new Set(truth.map(({ clientOrderId }) => clientOrderId)).size !== truth.length) found.push('an order is twice at the venue');
  if (sent.length !== truth.length) found.push(`${sent.length} orders of ours have been sent, the venue knows ${truth.length}`);
  for (const order of truth) {
    const filled = byVenueId.get(order.venueOrderId)?.filledQuantity;
    if (Number(filled) !== Number(order.filledQuantity))
      found.push(`${order.venueOrderId}: ${filled} filled, ${order.filledQuantity} at the venue`);
  }
  for (const [clientOrderId, id] of load.accepted)
    if (byClientId.get(clientOrderId)?.id !== id) found.push(`${clientOrderId}: accepted and forgotten`);
  for (const [clientOrderId, code] of load.refused) {
    if (!NOT_SENT.has(code)) found.push(`${clientOrderId}: refused with ${code}`);
    if ((byClientId.get(clientOrderId)?.venueOrderId ?? null) !== null) found.push(`${clientOrderId}: refused and sent`);
  }
  return found;
}

describe('a Postgres that goes away under load', () => {
  it('stops all sending, is told by readiness, heals by itself, and leaves gateway and venue in agreement', async () => {
    const load = new Load();
    await outage(load, () => postgres.stop(), startAgain);
    await outage(load, async () => void process.kill(postgres.pid, 'SIGKILL'), startAgain);
    await load.stop();
    expect(await differences(load)).toEqual([]);
  }, 120_000);

  it('is survived when one of its processes is killed and it recovers by itself', async () => {
    const load = new Load();
    await eventually(
      async () => load.accepted.size,
      (count) => count > 20,
    );
    process.kill(sessions()[0] ?? 0, 'SIGKILL');
    const accepted = load.accepted.size;
    await eventually(
      async () => load.accepted.size,
      (count) => count > accepted + 40,
      HEALED_WITHIN_MS,
    );
    await ready(200, HEALED_WITHIN_MS);
    await load.stop();
    expect(await differences(load)).toEqual([]);
  }, 60_000);

  it('is survived when it freezes: nothing waits longer than a statement may take, and it heals when it goes on', async () => {
    const load = new Load();
    let frozen: number[] = [];
    const freeze = async () => {
      // First the one that makes the others.
      process.kill(postgres.pid, 'SIGSTOP');
      frozen = [...sessions(), postgres.pid];
      for (const pid of frozen) process.kill(pid, 'SIGSTOP');
    };
    const goOn = async () => {
      for (const pid of frozen.splice(0)) process.kill(pid, 'SIGCONT');
    };
    try {
      await outage(load, freeze, goOn);
    } finally {
      await goOn();
    }
    await load.stop();
    expect(await differences(load)).toEqual([]);
  }, 60_000);
});

/** The server's processes that serve the gateway. */
function sessions(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && parentOf(pid) === postgres.pid)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('bw_app'));
}
