import { describe, expect, it } from 'vitest';
import { VenueError } from '#libs/exchanges/contract';
import type { FaultKind } from '../../apps/simulation/src/network/fault-plan.js';
import { createReplica } from '../../apps/simulation/src/network/replica.js';
import { createSimWorld, type SimWorld } from '../../apps/simulation/src/network/sim-world.js';
import { GatewayWorld, isOrderPost } from './support/gateway-world.js';

/** Names that the simulated network gives one address: containers behind one router. */
const BEHIND_ONE_ADDRESS = ['AaAaAa', 'AaAaBB', 'AaBBAa', 'AaBBBB', 'BBAaAa'];
const AT_ONCE = 4;

/** Every refusal of the venue that arrived, by status. */
function refusals(world: SimWorld): readonly number[] {
  return world.tap.records
    .flatMap(({ deliveries }) => deliveries.map(({ status }) => status))
    .filter((status) => status === 429 || status === 418);
}

describe('limits that several share', () => {
  it('[lesson 25] [lesson 26] five replicas behind one address take what the others used from the venue, and stop before a ban', async () => {
    const world = createSimWorld({ seed: 3, limits: 'venue' });
    const replicas = BEHIND_ONE_ADDRESS.map((name) => createReplica(world, { name }));
    const accounts = replicas.map((replica) => replica.account('main'));
    for (const { exchange } of replicas) await world.time.settle(exchange.start());
    let answered = 0;
    const ask = async (at: number): Promise<void> => {
      try {
        await accounts[at]!.openOrders(null);
        answered += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(VenueError);
      }
      replicas[at]!.process.scheduler.after(50, () => void ask(at));
    };
    for (const at of replicas.keys()) for (let one = 0; one < AT_ONCE; one += 1) void ask(at);
    await world.time.runFor(190_000);
    const addresses = new Set(world.tap.records.map(({ replica }) => replica));
    expect(addresses.size).toBe(5);
    expect(answered).toBeGreaterThan(150);
    // What was under way when the limit was reached may be refused, once; nobody goes on against it.
    expect(refusals(world).filter((status) => status === 418)).toEqual([]);
    expect(refusals(world).length).toBeLessThanOrEqual(replicas.length * AT_ONCE);
    expect(refusals(world).length).toBeLessThan(answered / 20);
  });

  it('[lesson 28] two accounts of one address draw on one pool: what one has used up, the other does not have', async () => {
    const world = createSimWorld({ seed: 4, limits: 'venue' });
    const replica = createReplica(world, { name: 'a' });
    const [first, second] = [replica.account('main'), replica.account('other-side')];
    await world.time.settle(replica.exchange.start());
    const isRefused = (account: typeof first) =>
      world.time.settle(
        account.openOrders(null).then(
          () => false,
          (error: VenueError) => error.code === 'rate-limited' && error.outcome === 'not-sent',
        ),
      );
    let used = 0;
    while (!(await isRefused(first))) used += 1;
    expect(used).toBeGreaterThan(10);
    expect(await isRefused(second)).toBe(true);
    expect(refusals(world)).toEqual([]);
  });
});

describe('a venue that asks for silence', () => {
  it.each<FaultKind>(['rate-limited', 'banned'])(
    '[lesson 27] is not written to again before the time that it named is over: %s',
    async (fault) => {
      const world = await GatewayWorld.open();
      world.faults.force(fault, { when: isOrderPost });
      const { tap, time } = world.world;
      expect(await world.tryPlace()).toMatchObject({ order: { status: 'rejected' } });
      const refused = tap.records.findLast(({ path }) => path === '/api/v3/order')!;
      const status = world.replica.parts.sessions.get('main')!.exchange.status();
      expect(status.silentUntilMs).not.toBeNull();
      const silentForMs = status.silentUntilMs! - world.world.venue.nowMs;
      expect(silentForMs).toBeGreaterThan(500);
      const refusedAtMs = time.elapsedMs;
      const asked = Array.from({ length: 20 }, () => world.submit());
      await world.runFor(silentForMs - 100);
      for (const answer of await time.settle(Promise.all(asked), { untilMs: time.elapsedMs + 10_000 })) {
        expect(answer).toMatchObject({ ok: false, error: { nothingSent: true } });
      }
      const written = tap.records.filter(({ atMs, number }) => number > refused.number && atMs < refusedAtMs + silentForMs - 50);
      expect(written.map((record) => record.line())).toEqual([]);
      await world.runFor(60_000);
      expect(await world.place()).toMatchObject({ order: { status: 'new' } });
    },
  );
});

describe('clocks that are wrong', () => {
  it.each([-3_000, 3_000])(
    '[lesson 29] a gateway whose clock is %i ms off, set in the middle or from the start, is understood',
    async (offMs) => {
      const world = await GatewayWorld.open({ clockOffsetMs: offMs });
      expect(await world.place()).toMatchObject({ order: { status: 'new' } });
      world.replica.process.jumpWallClock(offMs);
      expect(await world.place()).toMatchObject({ order: { status: 'new' } });
      world.replica.process.jumpWallClock(-offMs);
      expect(await world.place()).toMatchObject({ order: { status: 'new' } });
      expect(world.posts()).toBe(3);
    },
  );

  it.each([-3_000, 3_000])(
    '[lesson 29] a venue that sets its clock by %i ms refuses at most until it is asked for the time',
    async (byMs) => {
      const world = await GatewayWorld.open();
      world.world.venue.process.jumpWallClock(byMs);
      const first = await world.place();
      expect(['new', 'rejected']).toContain(first.order.status);
      if (first.order.status === 'rejected') expect(first.order.rejectReason).toMatchObject({ code: 'clock-skew' });
      await world.runFor(35_000);
      expect(await world.place()).toMatchObject({ order: { status: 'new' } });
      for (const record of world.world.tap.commands()) {
        const [delivery] = record.deliveries;
        if (delivery?.acceptedOrderId === null) continue;
        expect(record.timestamp! - delivery!.venueMs, 'accepted within the time that was signed').toBeLessThanOrEqual(1_000);
      }
    },
  );

  it('[lesson 29] a machine that was paused sends nothing of what it had signed before', async () => {
    let unwritten = 0;
    for (let seed = 1; seed <= 12; seed += 1) {
      const world = await GatewayWorld.open({ seed });
      const { process } = world.replica;
      // Only then is there a moment between signing and writing.
      world.faults.force('connect-slow', { when: isOrderPost });
      const submitted = world.submit();
      await world.until(() => world.orders().length === 1);
      // Before it hands the order to a connection, or while it waits for one.
      await world.runFor(seed % 2 === 0 ? 0 : 30);
      if (world.posts() > 0) continue;
      unwritten += 1;
      process.pause();
      world.world.time.world.scheduler.after(20_000, () => process.resume());
      await world.world.time.settle(submitted, { untilMs: world.world.time.elapsedMs + 60_000 });
      await world.runFor(120_000);
      const [order] = world.orders();
      expect([order!.status, world.atVenue().length, world.posts()], `seed ${seed}`).toEqual(['rejected', 0, 0]);
    }
    expect(unwritten).toBeGreaterThan(8);
  });
});
