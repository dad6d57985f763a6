import { describe, expect, it, vi } from 'vitest';
import { TimerScheduler } from '#libs/kernel';
import type { FillUpdate, OrderFeed } from '#libs/orders';
import { testOrder } from '#testing/orders';
import { AccountTail } from './account-tail.js';
import type { Follower } from './durable-tail.js';
import { STREAM_LIMITS } from './stream-limits.js';

const LIMITS = { ...STREAM_LIMITS, pollEveryMs: 5, retryAfterMs: 5, pageSize: 2, paceMs: 60_000 };

/** A feed of one account whose heads the test moves. */
class TestFeed {
  readonly heads = { orders: 0, fills: 0 };
  isAway = false;

  readonly feed = {
    heads: async () => {
      if (this.isAway) throw new Error('away');
      return { ...this.heads };
    },
    ordersAfter: async (_account: string, seq: number, limit: number) =>
      this.after(this.heads.orders, seq, limit).map((one) => ({ seq: one, atMs: 0, state: testOrder() })),
    fillsAfter: async (_account: string, seq: number, limit: number) =>
      this.after(this.heads.fills, seq, limit).map((one) => ({ seq: one, atMs: 0, fill: FILL })),
  } as unknown as OrderFeed;

  private after(head: number, seq: number, limit: number): number[] {
    return Array.from({ length: Math.min(limit, head - seq) }, (_, index) => seq + index + 1);
  }
}

const FILL = {
  price: testOrder().filledQuantity,
  quantity: testOrder().filledQuantity,
  fee: null,
  venueTimeMs: 0,
  bookedAtMs: 0,
} as unknown as FillUpdate['fill'];

const follower = (hasTakenAll: boolean): Follower => ({ wake: vi.fn<() => void>(), hasTakenAll: () => hasTakenAll });

describe('the tail of an account', () => {
  const start = async (onRound: (account: string, error: unknown) => void = () => undefined) => {
    const source = new TestFeed();
    const tail = await AccountTail.start({ account: 'a', feed: source.feed, limits: LIMITS, scheduler: new TimerScheduler(), onRound });
    return { source, tail };
  };

  it('finds what other replicas wrote without being told', async () => {
    const { source, tail } = await start();
    tail.orders.follow(follower(true));
    source.heads.orders = 5;
    await vi.waitFor(() => expect(tail.orders.ring.lastSeq).toBe(5));
    tail.stop();
  });

  it('lets clients that are slow with orders hold up no fills', async () => {
    const { source, tail } = await start();
    tail.orders.follow(follower(false));
    tail.fills.follow(follower(true));
    Object.assign(source.heads, { orders: 10, fills: 1 });
    await vi.waitFor(() => expect(tail.orders.ring.lastSeq).toBe(2));
    source.heads.fills = 6;
    await vi.waitFor(() => expect(tail.fills.ring.lastSeq).toBe(6));
    expect(tail.orders.ring.lastSeq).toBe(2);
    tail.stop();
  });

  it('says once that the database is away, goes on when it is back, and says so', async () => {
    const said: boolean[] = [];
    const { source, tail } = await start((_account, error) => said.push(error === null));
    tail.orders.follow(follower(true));
    source.isAway = true;
    await vi.waitFor(() => expect(said).toEqual([false]));
    source.heads.orders = 3;
    source.isAway = false;
    await vi.waitFor(() => expect(tail.orders.ring.lastSeq).toBe(3));
    expect(said).toEqual([false, true]);
    tail.stop();
  });
});
