import { describe, expect, it } from 'vitest';
import { decimal } from '#libs/kernel';
import { CONNECT_FAULTS } from '../../apps/simulation/src/network/fault-plan.js';
import { GatewayWorld, TAKER, isOrderDelete, isOrderPost } from './support/gateway-world.js';

const SWEEP_MS = 35_000;

/** A resting order that is met in so many pieces, each far enough from the next to be a message of its own. */
async function restingAndMet(world: GatewayWorld, pieces: number): Promise<string> {
  const { id } = await world.place({ quantity: decimal('0.01').times(decimal(String(pieces))) });
  for (let piece = 0; piece < pieces; piece += 1) {
    world.sell(decimal('0.01'));
    await world.runFor(50);
  }
  return id;
}

function expectAgreement(world: GatewayWorld): void {
  expect(world.bookedFills()).toEqual(world.venueFills());
  expect(world.position()).toBe(world.venuePosition());
}

describe('fills', () => {
  it('[lesson 12] counts a fill once where every message comes twice, the answer brings it too, and a sweep shows it again', async () => {
    const world = await GatewayWorld.open({ chances: { 'frame-duplicated': 1 } });
    world.offer(decimal('0.02'));
    const { id } = await world.place({ ...TAKER, quantity: decimal('0.02') });
    const resting = await restingAndMet(world, 5);
    await world.runFor(2 * SWEEP_MS);
    expect(world.faults.struck.get('frame-duplicated')).toBeGreaterThan(5);
    expect([world.order(id).status, world.order(resting).status]).toEqual(['filled', 'filled']);
    expect([world.order(id).filledQuantity.toFixed(), world.order(resting).filledQuantity.toFixed()]).toEqual(['0.02', '0.05']);
    expectAgreement(world);
    const quantities = world.story(resting).filter((status) => status === 'partially-filled');
    expect(quantities.length, 'each fill is one step').toBeLessThanOrEqual(4);
  });

  it('[lesson 12] counts a fill once where the stream brings it before the answer, and after it', async () => {
    const world = await GatewayWorld.open();
    world.offer();
    world.faults.force('ack-after-events', { when: isOrderPost });
    const first = await world.place(TAKER);
    world.faults.force('frame-delayed', { times: 10 });
    const second = await world.place(TAKER);
    await world.runFor(20_000);
    for (const { id } of [first, second]) expect(world.order(id)).toMatchObject({ status: 'filled' });
    expectAgreement(world);
  });

  it('[lesson 13] keeps what is said about an order that memory does not hold: a fill in the first moment after a restart is booked', async () => {
    const world = await GatewayWorld.open();
    const { id } = await world.place();
    for (const afterMs of [0, 5, 20, 60, 200]) {
      const restarted = world.restart();
      world.world.time.world.scheduler.after(afterMs, () => world.sell(decimal('0.001')));
      await restarted;
    }
    await world.runFor(SWEEP_MS);
    expect(world.order(id).filledQuantity.toFixed()).toBe('0.005');
    expectAgreement(world);
  });

  it('[lesson 13] books a fill of a market that is not loaded yet: it is the order that says which market it was', async () => {
    const world = await GatewayWorld.open();
    const { id } = await world.place();
    const { venue } = world.world;
    const answer = venue.http.bind(venue);
    let isLoadable = false;
    venue.http = (call, replica) => {
      const answered = answer(call, replica);
      if (isLoadable || call.path !== '/api/v3/exchangeInfo') return answered;
      return { ...answered, reply: { ...answered.reply, status: 503, body: '{}' } };
    };
    world.begin();
    await world.runFor(20_000);
    expect(world.replica.parts.sessions.get('main')!.exchange.instruments()).toEqual([]);
    world.sell(decimal('0.004'));
    await world.runFor(2_000);
    expect(world.order(id).filledQuantity.toFixed()).toBe('0.004');
    isLoadable = true;
    await world.runFor(2 * SWEEP_MS);
    expect(world.order(id)).toMatchObject({ status: 'partially-filled', terms: { symbol: 'BTC/USDT' } });
    expectAgreement(world);
  });

  it('[lesson 15] reaches the last partial fill and the end of each order though a third of all frames is lost', async () => {
    for (const seed of [1, 2, 3]) {
      const world = await GatewayWorld.open({ seed, chances: { 'frame-dropped': 0.33 } });
      const ids = [];
      for (let order = 0; order < 4; order += 1) ids.push(await restingAndMet(world, 4));
      await world.runFor(2 * SWEEP_MS);
      expect(world.faults.struck.get('frame-dropped')).toBeGreaterThan(0);
      expect(ids.map((id) => world.order(id).status)).toEqual(ids.map(() => 'filled'));
      expectAgreement(world);
    }
  });

  it('[lesson 16] finds the one fill that a healthy stream did not bring', async () => {
    const world = await GatewayWorld.open();
    const { id } = await world.place();
    world.faults.force('frame-dropped', { times: 3 });
    world.sell(decimal('0.004'));
    await world.runFor(1_000);
    expect(world.order(id).filledQuantity.toFixed()).toBe('0');
    await world.runFor(SWEEP_MS);
    expect(world.order(id)).toMatchObject({ status: 'partially-filled' });
    expect(world.order(id).filledQuantity.toFixed()).toBe('0.004');
    expectAgreement(world);
  });

  it.each([...CONNECT_FAULTS, 'socket-cut'] as const)(
    '[lesson 17] has every fill of a burst in which the stream was cut: %s',
    async (fault) => {
      const world = await GatewayWorld.open();
      const { id } = await world.place({ quantity: decimal('0.1') });
      world.faults.force('socket-cut');
      world.faults.force(fault, { times: 2 });
      for (let piece = 0; piece < 10; piece += 1) {
        world.sell(decimal('0.01'));
        await world.runFor(100);
      }
      expect(await world.settled(id)).toMatchObject({ status: 'filled' });
      expectAgreement(world);
    },
  );

  it.each(['stream-ended', 'socket-half-open', 'socket-silent'] as const)(
    '[lesson 24] has the fill that fell into the end of its subscription: %s',
    async (fault) => {
      const world = await GatewayWorld.open();
      const { id } = await world.place();
      world.faults.force(fault);
      world.sell(decimal('0.004'));
      await world.runFor(20);
      world.sell(decimal('0.006'));
      expect(await world.settled(id)).toMatchObject({ status: 'filled' });
      expect(world.faults.struck.get(fault)).toBe(1);
      expectAgreement(world);
    },
  );

  it('[lesson 38] ends as filled where the fill overtakes the cancel, whatever became of the answer to the cancel', async () => {
    for (const fault of [null, 'response-lost', 'request-lost', 'ack-after-events'] as const) {
      const world = await GatewayWorld.open();
      const { id } = await world.place();
      if (fault !== null) world.faults.force(fault, { when: isOrderDelete });
      const canceled = world.cancel(id);
      world.sell(decimal('0.01'));
      await canceled;
      await world.settled(id);
      await world.runFor(SWEEP_MS);
      expect(world.order(id).status, String(fault)).toBe('filled');
      expectAgreement(world);
    }
  });

  it('[lesson 38] books the fill that comes after the venue has confirmed the cancel, and says that there is a position', async () => {
    const world = await GatewayWorld.open();
    const { id } = await world.place();
    world.faults.force('fill-after-cancel', { when: isOrderDelete });
    expect(await world.cancel(id)).toMatchObject({ ok: true, value: { status: 'canceled' } });
    await world.runFor(SWEEP_MS);
    expect(world.atVenue()[0]!.filledQuantity.gt(decimal('0'))).toBe(true);
    expect(world.order(id).filledQuantity.toFixed()).toBe(world.atVenue()[0]!.filledQuantity.toFixed());
    expectAgreement(world);
  });

  it('[lesson 40] takes over the quantity to which the venue has lowered an order by itself, as an event, and is full at that', async () => {
    const world = await GatewayWorld.open();
    const { id } = await world.place();
    const { venue } = world.world;
    const { orderId, clientOrderId } = world.atVenue()[0]!;
    const named = { account: 'main', symbol: 'BTC/USDT', orderId, clientOrderId: null };
    expect(venue.exchange.amend(named, decimal('0.004'), clientOrderId, venue.nowMs).ok).toBe(true);
    await world.runFor(SWEEP_MS);
    expect(world.order(id).quantity?.toFixed()).toBe('0.004');
    expect(world.eventTypes(id).at(-1)).toBe('reported');
    world.sell(decimal('0.004'));
    expect(await world.settled(id)).toMatchObject({ status: 'filled' });
    expectAgreement(world);
  });
});
