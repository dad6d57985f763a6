import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSimulator } from '#libs/venue-simulator';
import type { RunningSimulator } from '#libs/venue-simulator';
import { testDatabase } from '#testing/database';
import type { TestDatabase } from '#testing/database';
import { eventually } from './support/running-gateway.js';

const MAIN = path.resolve('dist/apps/gateway/src/main.js');
const ROUNDS = 4;
const ORDERS = 60;
const SETTLED_MS = 60_000;

interface Order {
  readonly id: string;
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  readonly status: string;
  readonly filledQuantity: string;
}

interface Gateway {
  readonly process: ChildProcess;
  readonly url: string;
}

interface Ledger {
  readonly orders: readonly { venueOrderId: string; clientOrderId: string; filledQuantity: string }[];
  readonly fills: readonly { venueTradeId: string }[];
}

let database: TestDatabase;
let simulator: RunningSimulator;
let home: string;

beforeAll(async () => {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: \`npm test\` builds it`);
  [database, simulator] = await Promise.all([testDatabase(), startSimulator({ port: 0, seed: 3, limits: 'unlimited' })]);
  home = mkdtempSync(path.join(tmpdir(), 'breakwater-kill-'));
});

afterAll(async () => {
  await simulator?.close();
  await database?.close();
  rmSync(home, { recursive: true, force: true });
});

async function startGateway(): Promise<Gateway> {
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    DATABASE_URL: database.appUrl,
    BREAKWATER_HOME: home,
    BREAKWATER_PORT: '0',
    BREAKWATER_SIMULATOR: 'external',
    BREAKWATER_SIMULATOR_PORT: String(simulator.port),
    BREAKWATER_ORDERS_RECV_WINDOW_MS: '2000',
    // As under `npm start`: who comes back under its name need not wait until the lease of its dead predecessor runs out.
    BREAKWATER_CLUSTER_INSTANCE_ID: 'kill',
    BREAKWATER_LOGGING_LEVEL: 'silent',
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return { process: child, url };
}

async function call<T>(gateway: Gateway, method: string, route: string, body?: object): Promise<{ status: number; body: T }> {
  const key = readFileSync(path.join(home, 'admin-key'), 'utf8').trim();
  const headers = { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const answer = await fetch(gateway.url + route, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as T };
}

/** Every third order trades at once, the others rest on either side, far from the market. */
function orderNumber(index: number, clientOrderId: string): object {
  const common = { account: 'binance-sim', symbol: 'BTC/USDT', side: index % 2 === 0 ? 'sell' : 'buy', quantity: '0.001', clientOrderId };
  if (index % 3 === 0) return { ...common, type: 'market' };
  return { ...common, type: 'limit', price: index % 2 === 0 ? '80000' : '50000' };
}

async function ledger(): Promise<Ledger> {
  const answer = await fetch(`http://127.0.0.1:${simulator.port}/_sim/ledger?account=binance-sim`);
  return (await answer.json()) as Ledger;
}

it('[lesson 6] agrees with the venue to the last order and fill after kill -9 in the middle of 60 orders, four times over', async () => {
  const told = new Map<string, string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const gateway = await startGateway();
    const posts = Array.from({ length: ORDERS }, async (_, index) => {
      const clientOrderId = `kill-${round}-${index}`;
      const { status, body } = await call<Order>(gateway, 'POST', '/v1/orders', orderNumber(index, clientOrderId));
      if (status < 300) told.set(clientOrderId, body.id);
      // A different number of answers each round: in the middle is where it hurts.
      if (told.size >= 5 + 12 * round) gateway.process.kill('SIGKILL');
    });
    await Promise.allSettled(posts);
    if (gateway.process.exitCode === null && gateway.process.signalCode === null) {
      gateway.process.kill('SIGKILL');
      await once(gateway.process, 'exit');
    }
  }
  const gateway = await startGateway();
  const blotter = async (): Promise<readonly Order[]> => (await call<{ data: Order[] }>(gateway, 'GET', '/v1/orders?limit=1000')).body.data;
  const orders = await eventually(
    blotter,
    (all) => all.every(({ status }) => status !== 'unknown' && status !== 'pending-new'),
    SETTLED_MS,
  );
  const truth = await ledger();
  const ours = new Map(orders.map((order) => [order.venueOrderId, order]));

  expect(truth.orders.length).toBeGreaterThan(ROUNDS);
  expect(new Set(truth.orders.map(({ clientOrderId }) => clientOrderId)).size, 'nothing twice at the venue').toBe(truth.orders.length);
  for (const order of truth.orders)
    expect(Number(ours.get(order.venueOrderId)?.filledQuantity), 'each order of the venue is ours, filled alike').toBe(
      Number(order.filledQuantity),
    );
  expect(
    orders.filter(({ venueOrderId }) => venueOrderId !== null),
    'and each of ours is at the venue',
  ).toHaveLength(truth.orders.length);
  for (const [clientOrderId, id] of told)
    expect(orders.find((order) => order.id === id)?.clientOrderId, 'nothing forgotten that a client was told').toBe(clientOrderId);
  const fills = await call<{ data: { venueTradeId: string }[] }>(gateway, 'GET', '/v1/fills?limit=1000');
  expect(fills.body.data.map((fill) => fill.venueTradeId).toSorted()).toEqual(
    truth.fills.map((fill) => String(fill.venueTradeId)).toSorted(),
  );

  gateway.process.kill('SIGTERM');
  expect(await once(gateway.process, 'exit')).toEqual([0, null]);
}, 180_000);
