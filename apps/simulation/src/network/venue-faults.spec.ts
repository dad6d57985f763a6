import { describe, expect, it } from 'vitest';
import { decimal, decimalText } from '#libs/kernel';
import type { FaultKind } from './fault-plan.js';
import { createReplica } from './replica.js';
import { createSimWorld } from './sim-world.js';
import { JoinedWorld, placeCommand, SEND } from './testing/joined-world.js';

const QUERY = ({ method, path }: { readonly method: string; readonly path: string }): boolean =>
  method === 'GET' && path === '/api/v3/order';

function expectConserved({ world }: JoinedWorld): void {
  for (const { asset, deposited, accounts, makers, fees } of world.venue.exchange.totals()) {
    expect(decimalText(accounts.plus(makers).plus(fees)), asset).toBe(decimalText(deposited));
  }
}

describe('a venue that goes wrong with a command', () => {
  it.each<readonly [FaultKind, string, number]>([
    ['accepted-5xx', 'unknown', 1],
    ['refused-5xx', 'unknown', 0],
    ['accepted-1007', 'unknown', 1],
    ['refused-1007', 'unknown', 0],
    ['unknown-status', 'unknown', 1],
    ['rate-limited', 'refused', 0],
    ['banned', 'refused', 0],
  ])('%s: the sender learns "%s", and there are %i orders', async (fault, outcome, orders) => {
    const joined = await JoinedWorld.open();
    joined.world.faults.force(fault);
    expect(await joined.place()).toMatchObject({ outcome });
    await joined.world.time.runFor(1_000);
    expect(joined.orders()).toHaveLength(orders);
  });

  it('keeps a ban and a maintenance until their end, or until it is healed', async () => {
    for (const fault of ['banned', 'maintenance'] as const) {
      const joined = await JoinedWorld.open();
      const { world } = joined;
      world.faults.force(fault);
      await joined.place();
      expect(await joined.place()).toHaveProperty('outcome');
      expect(joined.orders()).toHaveLength(0);
      await world.time.runFor(150_000);
      expect(await joined.place()).toMatchObject({ status: 'new' });
    }
  });

  it('sends the events of an order before the answer', async () => {
    const joined = await JoinedWorld.open();
    const { world, events, account, replica } = joined;
    world.faults.force('ack-after-events');
    const sent = account.send(account.prepare(placeCommand(replica.ids.uuid())), SEND).catch((error: unknown) => error);
    await world.time.run(() => events.some(({ kind }) => kind === 'order'), { untilMs: world.time.elapsedMs + 100 });
    expect(events.some(({ kind }) => kind === 'order')).toBe(true);
    expect(world.tap.commands()[0]!.outcome).toBeNull();
    await world.time.settle(sent);
    expect(world.tap.commands()[0]!.outcome).not.toBeNull();
  });

  it('acknowledges an order and rejects it on the stream afterwards', async () => {
    const joined = await JoinedWorld.open();
    joined.world.faults.force('async-reject');
    expect(await joined.place()).toMatchObject({ status: 'new' });
    await joined.world.time.runFor(4_000);
    const report = joined.events.findLast((event) => event.kind === 'order');
    expect(report).toMatchObject({ report: { status: 'rejected' } });
    expect(joined.orders()[0]!.status).toBe('rejected');
    expectConserved(joined);
  });

  it('books a fill of an order that was cancelled, and pays for it', async () => {
    const joined = await JoinedWorld.open();
    await joined.place();
    joined.world.faults.force('fill-after-cancel', { when: ({ method }) => method === 'DELETE' });
    expect(await joined.cancel(joined.orders()[0]!)).toMatchObject({ status: 'canceled' });
    await joined.world.time.runFor(4_000);
    const [order] = joined.orders();
    expect(order!.status).toBe('canceled');
    expect(order!.filledQuantity.gt(decimal('0'))).toBe(true);
    expect(joined.events.some((event) => event.kind === 'order' && event.report.fills.length === 1)).toBe(true);
    expectConserved(joined);
  });

  it('fills more than was ordered, and pays for it', async () => {
    const joined = await JoinedWorld.open();
    joined.world.faults.force('overfill');
    await joined.place();
    joined.sell(decimal('0.01'));
    await joined.world.time.runFor(4_000);
    const [order] = joined.orders();
    expect(order!.status).toBe('filled');
    expect(order!.filledQuantity.gt(order!.originalQuantity)).toBe(true);
    expectConserved(joined);
  });

  it('takes a client id twice at the same time, where it does not care', async () => {
    const joined = await JoinedWorld.open();
    const { account, world } = joined;
    await joined.place();
    const again = { venueClientId: joined.orders()[0]!.clientOrderId };
    expect(await joined.place(again)).toMatchObject({ code: 'duplicate-client-order-id' });
    world.faults.force('client-id-reuse');
    expect(await joined.place(again)).toMatchObject({ status: 'new' });
    expect(joined.orders()).toHaveLength(2);
    expect((await world.time.settle(account.openOrders(null))).length).toBe(2);
  });
});

describe('a venue that shows the past', () => {
  it('does not know for a while what it has accepted, in any of its lists, and never for longer than its lag', async () => {
    const joined = await JoinedWorld.open({ lagMaxMs: 10_000 });
    const { world, account } = joined;
    await joined.place();
    const [order] = joined.orders();
    world.faults.force('hiding', { times: 40 });
    let missing = 0;
    for (let turn = 0; turn < 10; turn += 1) {
      if ((await joined.query(order!)) === null) missing += 1;
      if ((await world.time.settle(account.openOrders(null))).length === 0) missing += 1;
      if ((await world.time.settle(account.allOrders('BTC/USDT'))).length === 0) missing += 1;
    }
    expect(missing).toBeGreaterThan(10);
    await world.time.runFor(10_000);
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await joined.query(order!)).toMatchObject({ status: 'new' });
      expect(await world.time.settle(account.openOrders(null))).toHaveLength(1);
      expect(await world.time.settle(account.allOrders('BTC/USDT'))).toHaveLength(1);
    }
  });

  it('shows an order, its fills and the balances as they were, each in itself consistent', async () => {
    const joined = await JoinedWorld.open({ lagMaxMs: 10_000 });
    const { world, account } = joined;
    await joined.place();
    await world.time.runFor(60_000);
    const balanceTexts = async (): Promise<string> =>
      (await world.time.settle(account.balances()))
        .map(({ asset, free, locked }) => `${asset} ${decimalText(free)} ${decimalText(locked)}`)
        .join();
    const before = await balanceTexts();
    joined.sell(decimal('0.004'));
    const seen = new Set<string>();
    world.faults.force('lagging', { times: 60 });
    for (let turn = 0; turn < 20; turn += 1) {
      const report = await joined.query(joined.orders()[0]!);
      if (report === null || 'outcome' in report) throw new Error('an old order is always found');
      seen.add(`order ${report.status} ${decimalText(report.filledQuantity!)}`);
      seen.add(`fills ${(await world.time.settle(account.fills({ symbol: 'BTC/USDT' }))).fills.length}`);
      seen.add(`balances ${(await balanceTexts()) === before ? 'old' : 'new'}`);
    }
    expect([...seen].toSorted()).toEqual([
      'balances new',
      'balances old',
      'fills 0',
      'fills 1',
      'order new 0',
      'order partially-filled 0.004',
    ]);
  });

  it('does not understand itself: an unknown word in a read is no answer', async () => {
    const joined = await JoinedWorld.open();
    await joined.place();
    joined.world.faults.force('read-unknown-status', { times: 3, when: QUERY });
    expect(await joined.query(joined.orders()[0]!)).toMatchObject({ code: 'unreadable-answer' });
  });
});

describe('a clock of the venue', () => {
  it.each([-5_000, 5_000])('that is %i ms off is found out, and orders are accepted', async (clockOffsetMs) => {
    const joined = await JoinedWorld.open({ clockOffsetMs });
    expect(Math.abs(joined.replica.exchange.status().clockOffsetMs! - clockOffsetMs)).toBeLessThan(12);
    expect(await joined.place()).toMatchObject({ status: 'new' });
    const [record] = joined.world.tap.commands();
    expect(record!.timestamp).toBeLessThanOrEqual(record!.written.venueMs);
  });

  it('that jumps refuses what is signed by the old time', async () => {
    const joined = await JoinedWorld.open();
    joined.world.venue.process.jumpWallClock(20_000);
    expect(await joined.place()).toMatchObject({ outcome: 'refused', code: 'clock-skew' });
  });
});

describe('healing', () => {
  it('ends everything that goes wrong by chance, bans and partitions included', async () => {
    const joined = await JoinedWorld.open();
    const sick = createSimWorld({ seed: 5, chances: { 'request-lost': 1 } });
    const replica = createReplica(sick, { name: 'b' });
    await sick.time.settle(replica.exchange.start());
    expect(replica.exchange.status().state).toBe('down');
    sick.network.partition('b', 'both');
    sick.network.heal();
    await sick.time.runFor(120_000);
    expect(replica.exchange.status().state).toBe('up');
    joined.world.faults.force('banned');
    await joined.place();
    await joined.world.time.runFor(130_000);
    joined.world.network.heal();
    expect(await joined.place()).toMatchObject({ status: 'new' });
  });
});
