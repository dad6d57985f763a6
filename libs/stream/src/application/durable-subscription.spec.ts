import { describe, expect, it, vi } from 'vitest';
import { TimerScheduler } from '#libs/kernel';
import type { AccountTail } from './account-tail.js';
import { DurableSubscription } from './durable-subscription.js';
import { DurableTail, SequenceGap } from './durable-tail.js';
import type { Numbered } from './messages.js';
import { STREAM_LIMITS } from './stream-limits.js';
import type { Outlet } from './subscription.js';

const LIMITS = {
  ...STREAM_LIMITS,
  pageSize: 4,
  pagesKept: 2,
  socketBytesMax: 1_000,
  behindBytesMax: 4_000,
  ringBytesMax: 5_000,
  paceMs: 20,
  retryAfterMs: 5,
};
const BYTES = 100;

/** What is durable: `written` messages of 100 bytes. */
class Store {
  reads: number[] = [];
  written = 0;
  isAway = false;
  missing = new Set<number>();

  read = async (seq: number, limit: number): Promise<readonly Numbered[]> => {
    if (this.isAway) throw new Error('away');
    this.reads.push(seq);
    const seqs = Array.from({ length: this.written }, (_, index) => index + 1).filter((one) => one > seq && !this.missing.has(one));
    return seqs.slice(0, limit).map((one) => ({ seq: one, message: Buffer.from(String(one).padEnd(BYTES)) }));
  };
}

/** A socket that takes what it is told to take. */
class TestOutlet implements Outlet {
  readonly got: string[] = [];
  private waiting = 0;
  takesAll = true;

  send(message: Buffer): void {
    this.got.push(message.toString().trim());
    if (!this.takesAll) this.waiting += message.length;
  }

  waitingBytes(): number {
    return this.waiting;
  }

  take(): void {
    this.waiting = 0;
  }
}

class Client {
  readonly outlet = new TestOutlet();
  readonly subscription: DurableSubscription;
  verdict: 'kept-up' | 'too-slow' = 'kept-up';
  released = 0;

  constructor(tail: DurableTail, afterSeq: number, snapshot: string[] = []) {
    this.subscription = new DurableSubscription({
      channel: 'orders',
      lease: { tail: { of: () => tail } as unknown as AccountTail, release: () => (this.released += 1) },
      afterSeq,
      snapshot: snapshot.map((text) => Buffer.from(text)).values(),
      limits: LIMITS,
      scheduler: new TimerScheduler(),
      onNews: () => this.pump(),
    });
    this.pump();
  }

  pump(): void {
    this.verdict = this.subscription.pump(this.outlet);
  }
}

const numbers = (first: number, last: number): string[] => Array.from({ length: last - first + 1 }, (_, index) => String(first + index));

describe('a subscription to a numbered stream', () => {
  const start = (head = 0) => {
    const store = new Store();
    store.written = head;
    return { store, tail: new DurableTail(store.read, head, LIMITS, new TimerScheduler()) };
  };
  const write = async (store: Store, tail: DurableTail, count: number): Promise<void> => {
    store.written += count;
    await tail.advance(store.written);
  };

  it('begins with the snapshot and goes on with what follows it', async () => {
    const { store, tail } = start(7);
    const client = new Client(tail, 7, ['snapshot']);
    await write(store, tail, 3);
    expect(client.outlet.got).toEqual(['snapshot', '8', '9', '10']);
    expect(client.subscription.isSettled()).toBe(true);
  });

  it('reads and makes each message once, however many hear it', async () => {
    const { store, tail } = start();
    const clients = Array.from({ length: 5 }, () => new Client(tail, 0));
    await write(store, tail, 8);
    for (const { outlet } of clients) expect(outlet.got).toEqual(numbers(1, 8));
    expect(store.reads).toEqual([0, 4]);
  });

  it('replays from any number and joins the present without a gap or a repetition', async () => {
    const { store, tail } = start(50);
    const client = new Client(tail, 13);
    store.written += 10;
    await tail.advance(store.written);
    await vi.waitFor(() => expect(client.subscription.isSettled()).toBe(true));
    await write(store, tail, 2);
    expect(client.outlet.got).toEqual(numbers(14, 62));
  });

  it('shares the pages of a replay among those who replay the same', async () => {
    const { store, tail } = start(8);
    const clients = [new Client(tail, 0), new Client(tail, 2)];
    await vi.waitFor(() => expect(clients.every(({ subscription }) => subscription.isSettled())).toBe(true));
    expect(store.reads).toEqual([0, 4]);
  });

  it('holds a replay at what the socket takes, and never calls it slow', async () => {
    const { tail } = start(100);
    const client = new Client(tail, 0);
    client.outlet.takesAll = false;
    await vi.waitFor(() => expect(client.outlet.waitingBytes()).toBe(LIMITS.socketBytesMax));
    const sent = client.outlet.got.length;
    client.pump();
    expect(client.outlet.got.length).toBe(sent);
    expect(client.verdict).toBe('kept-up');
    client.outlet.takesAll = true;
    client.outlet.take();
    client.pump();
    await vi.waitFor(() => expect(client.subscription.isSettled()).toBe(true));
    expect(client.outlet.got).toEqual(numbers(1, 100));
  });

  it('calls a client too slow that is further behind than its bound, and holds no more than one socket for it', async () => {
    const { store, tail } = start();
    const slow = new Client(tail, 0);
    const fast = new Client(tail, 0);
    slow.outlet.takesAll = false;
    await write(store, tail, 30);
    expect([slow.verdict, slow.outlet.waitingBytes()]).toEqual(['kept-up', LIMITS.socketBytesMax]);
    await write(store, tail, 20);
    expect(slow.verdict).toBe('too-slow');
    expect(slow.outlet.waitingBytes()).toBe(LIMITS.socketBytesMax);
    expect([fast.verdict, fast.outlet.got]).toEqual(['kept-up', numbers(1, 50)]);
  });

  it('[lesson 18] stays where it is while the past cannot be read, and misses nothing afterwards', async () => {
    const { store, tail } = start(10);
    store.isAway = true;
    const client = new Client(tail, 0);
    await expect(tail.advance(11)).rejects.toThrow('away');
    expect(client.outlet.got).toEqual([]);
    store.isAway = false;
    await vi.waitFor(() => expect(client.subscription.isSettled()).toBe(true));
    expect(client.outlet.got).toEqual(numbers(1, 10));
  });

  it('[lesson 14] [lesson 18] stops before a gap instead of leaping over it', async () => {
    const { store, tail } = start();
    const client = new Client(tail, 0);
    store.missing.add(3);
    await expect(write(store, tail, 5)).rejects.toThrow(SequenceGap);
    expect(tail.ring.lastSeq).toBe(2);
    store.missing.clear();
    await tail.advance(5);
    expect(client.outlet.got).toEqual(numbers(1, 5));
  });

  it('reads nothing for nobody', async () => {
    const { store, tail } = start();
    await write(store, tail, 40);
    expect([store.reads, tail.ring.lastSeq]).toEqual([[], 40]);
  });

  it('lets go of its tail when it ends', () => {
    const { tail } = start();
    const client = new Client(tail, 0);
    client.subscription.close();
    expect(client.released).toBe(1);
  });
});
