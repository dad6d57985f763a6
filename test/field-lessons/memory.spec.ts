import { describe, expect, it } from 'vitest';
import { ManualClock, decimal } from '#libs/kernel';
import { NoCrashPoints, LiveOrders, SilentOrderLog, type OrderState } from '#libs/orders';
import { nextState, observeReport, testFill, testOrder, testReport, testTerms } from '#testing/orders';
import { GatewayWorld } from './support/gateway-world.js';

/** More than twice what may stay. */
const ENDED = 50_000;
const KEPT_MAX = 22_000;

function filledOrder(): OrderState {
  const terms = testTerms();
  const report = testReport(terms, { status: 'filled', filledQuantity: decimal('1'), fills: [testFill(terms, 't', '1')] });
  const order = testOrder(terms);
  return nextState(order, observeReport(order, report, 'stream').event!);
}

describe('what is kept in memory', () => {
  it('[lesson 42] are the newest of the orders that have ended, and not all there ever were', () => {
    const nothing = { onConflict: () => undefined };
    const live = new LiveOrders(
      nothing as never,
      nothing as never,
      new ManualClock(0),
      nothing as never,
      nothing as never,
      nothing as never,
      new NoCrashPoints(),
      new SilentOrderLog(),
    );
    const ids: string[] = [];
    for (let made = 0; made < ENDED; made += 1) {
      const state = filledOrder();
      live.adopt(state);
      ids.push(state.terms.id);
    }
    const kept = ids.filter((id) => live.get(id) !== undefined);
    expect(kept.length).toBeLessThanOrEqual(KEPT_MAX);
    expect(kept.at(-1)).toBe(ids.at(-1));
    expect(live.open(null)).toEqual([]);
  });

  it('[lesson 41] [lesson 42] a burst of two thousand fills is booked to the last one, and nothing of it waits afterwards', async () => {
    const world = await GatewayWorld.open();
    const ids: string[] = [];
    for (let order = 0; order < 20; order += 1) ids.push((await world.place({ quantity: decimal('0.001') })).id);
    const big = await world.place({ quantity: decimal('2') });
    for (let piece = 0; piece < 2_000; piece += 1) world.sell(decimal('0.001'));
    await world.runFor(20_000);
    expect(world.bookedFills()).toEqual(world.venueFills());
    expect(world.bookedFills()).toHaveLength(2_000);
    expect(ids.map((id) => world.order(id).status)).toEqual(ids.map(() => 'filled'));
    expect(world.order(big.id).filledQuantity.toFixed()).toBe('1.98');
    expect([world.replica.parts.journal.backlog(), world.replica.parts.resolver.size()]).toEqual([0, 0]);
  });
});
