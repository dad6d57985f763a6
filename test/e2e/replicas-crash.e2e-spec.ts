import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from './support/running-gateway.js';
import { Replicas, restingOrder } from './support/replicas.js';
import type { Replica, ReplicaAnswer } from './support/replicas.js';

const TAKEOVER_MAX_MS = 25_000;
const PAUSED_MS = 15_000;
const ACCOUNT = 'binance-sim';

let replicas: Replicas;
let first: Replica;
let second: Replica;

beforeAll(async () => {
  replicas = await Replicas.open();
  first = await replicas.start();
  await eventually(() => first.serves(ACCOUNT), Boolean);
  second = await replicas.start();
}, 120_000);

afterAll(() => replicas?.close());

/** What a careful client does: repeats the same order until it knows its id. */
async function place(at: readonly Replica[], clientOrderId: string): Promise<string> {
  for (let attempt = 0; ; attempt += 1) {
    const replica = at[attempt % at.length]!;
    const answer = await replica
      .call('POST', '/v1/orders', { body: restingOrder(clientOrderId), withinMs: 8_000 })
      .catch((): ReplicaAnswer | null => null);
    if (answer !== null && answer.status < 300) return String(answer.body['id']);
    if (answer !== null) expect([503, 504], JSON.stringify(answer.body)).toContain(answer.status);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Begins twenty orders, lets `blow` strike in their middle, and waits until each is known. */
async function placeThrough(at: readonly Replica[], name: string, blow: () => void): Promise<Map<string, string>> {
  const placed = new Map<string, string>();
  const one = async (clientOrderId: string): Promise<void> => void placed.set(clientOrderId, await place(at, clientOrderId));
  const under = Array.from({ length: 10 }, (_, index) => one(`${name}-${index}`));
  await eventually(
    () => Promise.resolve(placed.size),
    (size) => size > 0,
  );
  const more = Array.from({ length: 10 }, (_, index) => one(`${name}-${index + 10}`));
  blow();
  await Promise.all([...under, ...more]);
  return placed;
}

/** The venue is the judge: each order once, under the id that the client was told. */
async function expectEachOnce(at: Replica, placed: ReadonlyMap<string, string>): Promise<void> {
  const list = async () =>
    (await at.call('GET', `/v1/orders?account=${ACCOUNT}&limit=1000`)).body['data'] as readonly {
      id: string;
      clientOrderId: string;
      venueOrderId: string | null;
      status: string;
    }[];
  const orders = await eventually(list, (all) => all.every(({ status }) => status !== 'unknown' && status !== 'pending-new'), 60_000);
  const ledger = await replicas.ledger();
  expect(new Set(ledger.orders.map(({ clientOrderId }) => clientOrderId)).size, 'nothing twice at the venue').toBe(ledger.orders.length);
  const sent = orders.filter(({ venueOrderId }) => venueOrderId !== null).map(({ venueOrderId }) => venueOrderId);
  expect(ledger.orders.map(({ venueOrderId }) => String(venueOrderId)).toSorted(), 'the venue has what we have').toEqual(
    sent.map(String).toSorted(),
  );
  for (const [clientOrderId, id] of placed)
    expect(
      orders.filter((order) => order.clientOrderId === clientOrderId).map((order) => order.id),
      clientOrderId,
    ).toEqual([id]);
}

it('goes on within 25 seconds after kill -9 of the holder, with each order once', async () => {
  let killedMs = 0;
  const placed = await placeThrough([first, second], 'kill', () => {
    first.process.kill('SIGKILL');
    killedMs = performance.now();
  });
  await eventually(() => second.serves(ACCOUNT), Boolean, TAKEOVER_MAX_MS);
  expect(performance.now() - killedMs).toBeLessThan(TAKEOVER_MAX_MS);
  expect(placed.size).toBe(20);
  await expectEachOnce(second, placed);
}, 120_000);

it('survives a holder that is paused for 15 seconds and wakes: it sends nothing more, and hands on what it is asked', async () => {
  const third = await replicas.start();
  const awake = new Promise<void>((resolve) => {
    setTimeout(() => {
      second.process.kill('SIGCONT');
      resolve();
    }, PAUSED_MS);
  });
  const pausedMs = performance.now();
  const placed = await placeThrough([second, third], 'pause', () => second.process.kill('SIGSTOP'));
  await eventually(() => third.serves(ACCOUNT), Boolean, TAKEOVER_MAX_MS);
  expect(performance.now() - pausedMs).toBeLessThan(TAKEOVER_MAX_MS);
  await awake;
  expect(await second.serves(ACCOUNT)).toBe(false);
  const late = await eventually(
    () => second.call('POST', '/v1/orders', { body: restingOrder('pause-late') }),
    ({ status }) => status < 300,
  );
  placed.set('pause-late', String(late.body['id']));
  expect(await third.serves(ACCOUNT), 'whoever took over keeps the account').toBe(true);
  await expectEachOnce(third, placed);
  const exited = once(third.process, 'exit');
  third.process.kill('SIGTERM');
  await exited;
  await eventually(() => second.serves(ACCOUNT), Boolean, TAKEOVER_MAX_MS);
}, 180_000);
