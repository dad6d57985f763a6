import { describe, expect, it } from 'vitest';
import { decimal } from '#libs/kernel';
import { CRASH_POINTS, type CrashPoint } from '#libs/orders';
import { GatewayWorld, TAKER, isOrderPost } from './support/gateway-world.js';

/** Where a cancel, an amend or a second sending passes: no part of placing an order. */
const ELSEWHERE = /^(cancel|amend)\.|resolver\.resubmitted/;
const SUBMIT_POINTS = CRASH_POINTS.filter((point) => !ELSEWHERE.test(point));

/** Begins an order that fills at once and one that rests, dies at that point, comes back, and waits until all is known. */
async function diedAt(point: CrashPoint, isLost: boolean): Promise<{ world: GatewayWorld; hasDied: boolean }> {
  let isArmed = false;
  let hasDied = false;
  const world = await GatewayWorld.open({
    diesAt: (passed) => {
      if (!isArmed || hasDied || passed !== point) return false;
      hasDied = true;
      return true;
    },
  });
  world.offer(decimal('0.01'));
  isArmed = true;
  if (isLost) world.faults.force('request-lost', { when: isOrderPost });
  void world.submit({ ...TAKER, clientOrderId: 'first' });
  void world.submit({ price: decimal('50000'), clientOrderId: 'second' });
  await world.runFor(60_000);
  // What is passed only when an account is taken over is passed at the restart.
  if (!hasDied) {
    world.begin();
    await world.runFor(60_000);
  }
  isArmed = false;
  await world.restart();
  await world.runFor(120_000);
  return { world, hasDied };
}

describe('after a process has died and come back', () => {
  it.each(SUBMIT_POINTS)('[lesson 6] no order is lost, doubled or guessed, where it died at %s', async (point) => {
    // An outcome is looked for, and an absence concluded, only about what has not arrived.
    const { world, hasDied } = await diedAt(point, point.startsWith('resolver.') || point === 'order.outcome-unknown');
    if (point !== 'order.refused') expect(hasDied).toBe(true);
    const ours = world.orders();
    expect(ours.map(({ status }) => status).filter((status) => status === 'unknown' || status === 'pending-new')).toEqual([]);
    for (const order of world.atVenue()) {
      const known = ours.find(({ venueOrderId }) => venueOrderId === String(order.orderId));
      expect(known?.filledQuantity.toFixed(), `order ${order.orderId} of the venue is known`).toBe(order.filledQuantity.toFixed());
    }
    const alive = ours.filter(({ venueOrderId }) => venueOrderId !== null);
    expect(alive).toHaveLength(world.atVenue().length);
    expect(new Set(world.atVenue().map(({ clientOrderId }) => clientOrderId)).size).toBe(world.atVenue().length);
    expect(world.bookedFills()).toEqual(world.venueFills());
  });

  it('[lesson 6] takes no new order before it knows what became of the earlier ones', async () => {
    const world = await GatewayWorld.open();
    world.faults.force('response-lost', { when: isOrderPost });
    void world.submit();
    await world.until(() => world.atVenue().length === 1);
    world.begin();
    const refused: string[] = [];
    while (!world.replica.holds('main')) {
      const answer = await world.tryPlace();
      if ('code' in answer) refused.push(answer.code);
      expect(world.posts()).toBe(1);
      await world.runFor(20);
    }
    expect(refused.length).toBeGreaterThan(3);
    expect(world.orders().map(({ status }) => status)).toEqual(['new']);
  });

  it('[lesson 10] books nothing twice over ten restarts: same fills, same events', async () => {
    const world = await GatewayWorld.open();
    world.offer(decimal('0.02'));
    const { id } = await world.place({ quantity: decimal('0.05') });
    world.faults.force('frame-dropped', { times: 2 });
    world.sell(decimal('0.01'));
    await world.runFor(40_000);
    const fills = world.bookedFills();
    const events = world.eventTypes(id);
    expect(fills).toEqual(world.venueFills());
    expect(fills.length).toBeGreaterThan(1);
    for (let turn = 0; turn < 10; turn += 1) {
      await world.restart();
      await world.runFor(35_000);
      expect(world.bookedFills()).toEqual(fills);
      expect(world.eventTypes(id)).toEqual(events);
    }
  });

  it('[lesson 39] has the position that its fills make, also of fills that came while it was away, of old orders and of new ones', async () => {
    const world = await GatewayWorld.open();
    const { id: old } = await world.place({ quantity: decimal('0.05') });
    world.sell(decimal('0.01'));
    await world.runFor(1_000);
    world.kill();
    world.sell(decimal('0.02'));
    await world.restart();
    await world.runFor(40_000);
    expect([world.position(), world.order(old).status]).toEqual(['0.03', 'partially-filled']);
    world.kill();
    world.sell(decimal('0.02'));
    await world.restart();
    world.offer(decimal('0.01'));
    await world.place(TAKER);
    await world.runFor(40_000);
    expect([world.order(old).status, world.position()]).toEqual(['filled', world.venuePosition()]);
    expect(world.bookedFills()).toEqual(world.venueFills());
  });
});
