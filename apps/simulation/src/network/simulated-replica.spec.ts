import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decimal, decimalText } from '#libs/kernel';
import type { AccountEvent } from '#libs/exchanges/contract';
import type { FaultChances } from './fault-plan.js';
import { createReplica } from './replica.js';
import { createSimWorld } from './sim-world.js';
import { placeCommand, SEND } from './testing/joined-world.js';

const real = { now: Date.now, random: Math.random };

/** Whatever reaches for real time or real chance fails the test. */
beforeEach(() => {
  const forbidden = (name: string) => () => {
    throw new Error(`${name} was used in virtual time`);
  };
  vi.stubGlobal('setTimeout', forbidden('setTimeout'));
  vi.stubGlobal('setInterval', forbidden('setInterval'));
  vi.stubGlobal('performance', { now: forbidden('performance.now') });
  Date.now = forbidden('Date.now');
  Math.random = forbidden('Math.random');
});

afterEach(() => {
  Date.now = real.now;
  Math.random = real.random;
  vi.unstubAllGlobals();
});

/** A replica places, is filled, asks, cancels, while the world does what the chances say. Errors are part of the story. */
async function story(seed: number, chances: FaultChances): Promise<{ digest: string; events: string[]; struck: number; tasks: number }> {
  const world = createSimWorld({ seed, chances });
  const { time, venue } = world;
  const replica = createReplica(world, { name: 'a' });
  const account = replica.account('main');
  const events: string[] = [];
  account.subscribe((event) => void events.push(JSON.stringify(event)));
  await time.settle(replica.exchange.start());
  const noted = (error: unknown): void => void events.push(String(error));
  for (let number = 0; number < 20; number += 1) {
    const venueClientId = account.venueClientId(replica.ids.uuid());
    await time.settle(Promise.resolve().then(() => account.send(account.prepare(placeCommand(venueClientId)), SEND))).catch(noted);
    venue.exchange.place(
      {
        ...{ account: 'other-side', clientOrderId: `o${number}`, symbol: 'BTC/USDT', side: 'sell', type: 'limit', timeInForce: 'IOC' },
        ...{ quantity: decimal('0.004'), quoteQuantity: null, price: decimal('60000'), stopPrice: null, icebergQuantity: null },
        ...{ expiresAtMs: null, postOnly: false, stpMode: 'none' },
      },
      venue.nowMs,
    );
    const reference = { symbol: 'BTC/USDT', venueClientId, venueOrderId: null };
    await time.settle(account.queryOrder(reference)).then((report) => void events.push(JSON.stringify(report)), noted);
    await time.settle(Promise.resolve().then(() => account.send(account.prepare({ kind: 'cancel', ...reference }), SEND))).catch(noted);
    await time.runFor(500);
  }
  await time.settle(replica.exchange.close());
  return {
    digest: world.tap.digest(),
    events,
    struck: [...world.faults.struck.values()].reduce((sum, one) => sum + one, 0),
    tasks: time.tasks,
  };
}

describe('the real adapter on virtual time', () => {
  it('starts, places, hears of it, is filled, asks, cancels, and agrees about the balances', async () => {
    const world = createSimWorld({ seed: 1, clockOffsetMs: 4_000 });
    const { time, venue, tap } = world;
    const replica = createReplica(world, { name: 'a', wallOffsetMs: -1_500 });
    const account = replica.account('main');
    const events: AccountEvent[] = [];
    account.subscribe((event) => void events.push(event));
    await time.settle(replica.exchange.start());
    expect(Math.abs(replica.exchange.status().clockOffsetMs! - 5_500)).toBeLessThan(12);
    await time.run(() => events.some((event) => event.kind === 'stream' && event.state === 'live'));
    const venueClientId = account.venueClientId(replica.ids.uuid());
    const prepared = account.prepare(placeCommand(venueClientId));
    const answer = await time.settle(account.send(prepared, SEND));
    expect(answer).toMatchObject({ status: 'new', venueClientId });
    expect(tap.commands()).toMatchObject([
      { replica: 'a', method: 'POST', hash: prepared.hash, clientOrderId: venueClientId, outcome: '200' },
    ]);
    const [record] = tap.commands();
    expect(record!.acceptedOrderId).toBe(answer.venueOrderId);
    expect(record!.timestamp).toBe(prepared.timestampMs);
    expect(record!.recvWindow).toBe(5_000);
    const order = venue.exchange.orders('main', null)[0]!;
    venue.exchange.forceFill(
      { account: 'main', symbol: 'BTC/USDT', orderId: order.orderId, clientOrderId: null },
      decimal('0.004'),
      decimal('60000'),
      venue.nowMs,
    );
    await time.run(() => events.some((event) => event.kind === 'order' && event.report.fills.length === 1));
    const reference = { symbol: 'BTC/USDT', venueClientId, venueOrderId: null };
    expect(await time.settle(account.queryOrder(reference))).toMatchObject({ status: 'partially-filled' });
    expect((await time.settle(account.fills({ symbol: 'BTC/USDT' }))).fills).toHaveLength(1);
    expect(await time.settle(account.send(account.prepare({ kind: 'cancel', ...reference }), SEND))).toMatchObject({
      status: 'canceled',
    });
    expect(await time.settle(account.openOrders(null))).toEqual([]);
    const balances = await time.settle(account.balances());
    expect(balances.map(({ asset, free }) => `${asset} ${decimalText(free)}`)).toEqual(
      venue.exchange.balances('main').map(({ asset, free }) => `${asset} ${decimalText(free)}`),
    );
    await time.settle(replica.exchange.close());
    await time.runFor(60_000);
    expect(replica.process.state).toBe('running');
  });

  it('joins its stream again after the line was cut, and hears what happens then', async () => {
    const world = createSimWorld({ seed: 2 });
    const { time, faults } = world;
    const replica = createReplica(world, { name: 'a' });
    const account = replica.account('main');
    const heard: string[] = [];
    account.subscribe((event) => void heard.push(event.kind === 'stream' ? event.state : event.kind));
    await time.settle(replica.exchange.start());
    await time.run(() => heard.includes('live'));
    faults.force('socket-cut');
    const send = (): Promise<unknown> =>
      time.settle(account.send(account.prepare(placeCommand(account.venueClientId(replica.ids.uuid()))), SEND));
    await send();
    await time.run(() => heard.includes('lost'), { untilMs: 60_000 });
    await time.run(() => heard.filter((word) => word === 'live').length === 2, { untilMs: 60_000 });
    heard.length = 0;
    await send();
    await time.run(() => heard.includes('order'), { untilMs: 60_000 });
    expect(heard).toContain('order');
    await time.settle(replica.exchange.close());
  });

  it('does the same in every run of a seed, whatever goes wrong, and something else with another seed', async () => {
    const chances: FaultChances = {
      'request-lost': 0.03,
      'response-lost': 0.03,
      'request-late': 0.02,
      duplicated: 0.03,
      'reset-after': 0.03,
      'html-502-after': 0.02,
      drip: 0.03,
      'accepted-5xx': 0.05,
      'ack-after-events': 0.1,
      'async-reject': 0.05,
      'fill-after-cancel': 0.1,
      lagging: 0.2,
      hiding: 0.1,
      'frame-dropped': 0.02,
      'frame-duplicated': 0.02,
      'frame-delayed': 0.05,
      'socket-cut': 0.02,
    };
    const first = await story(11, chances);
    expect(first.struck).toBeGreaterThan(10);
    expect(await story(11, chances)).toEqual(first);
    expect((await story(12, chances)).digest).not.toBe(first.digest);
  });
});
