import { describe, expect, it, vi } from 'vitest';
import { TimerScheduler } from '#libs/kernel';
import { NewestSubscription } from './newest-subscription.js';
import { NewestState } from './polled-source.js';
import { STREAM_LIMITS } from './stream-limits.js';
import { TradesSource } from './trades-source.js';

const TOPIC = { channel: 'book', venue: 'v', symbol: 'A/B', depth: 5 } as const;

class Client {
  readonly got: Record<string, unknown>[] = [];
  waiting = 0;
  readonly subscription: NewestSubscription;

  constructor(readonly source: NewestState | TradesSource) {
    this.subscription = new NewestSubscription({
      topic: TOPIC,
      source,
      limits: STREAM_LIMITS,
      onNews: () => this.pump(),
      onClose: () => undefined,
    });
  }

  pump(): void {
    this.subscription.pump({
      send: (message) => void this.got.push(JSON.parse(message.toString()) as Record<string, unknown>),
      waitingBytes: () => this.waiting,
    });
  }
}

describe('a subscription of which only the newest counts', () => {
  const scheduler = new TimerScheduler();

  it('gives a slow client the newest state when it has room again, numbered without a gap', async () => {
    let now = 1;
    const client = new Client(new NewestState(scheduler, 1, async () => ({ mark: String(now), data: { now }, atMs: 0 })));
    await vi.waitFor(() => expect(client.got).toHaveLength(1));
    client.waiting = STREAM_LIMITS.marketSocketBytesMax;
    const seen = client.source.version;
    now = 2;
    await vi.waitFor(() => expect(client.source.version).toBe(seen + 1));
    now = 3;
    await vi.waitFor(() => expect(client.source.version).toBe(seen + 2));
    client.waiting = 0;
    client.pump();
    client.subscription.close();
    expect(client.got.map(({ seq, type, data }) => [seq, type, data])).toEqual([
      [1, 'snapshot', { now: 1 }],
      [2, 'update', { now: 3 }],
    ]);
    expect(client.got[0]).not.toHaveProperty('depth');
  });

  it('keeps the last state while nothing can be had, and looks only while somebody hears', async () => {
    let looks = 0;
    const source = new NewestState(scheduler, 1, async () => {
      looks += 1;
      if (looks > 1) throw new Error('away');
      return { mark: 'a', data: 1, atMs: 0 };
    });
    const client = new Client(source);
    await vi.waitFor(() => expect(looks).toBeGreaterThan(3));
    expect(client.got).toHaveLength(1);
    client.subscription.close();
    expect(source.isHeard).toBe(false);
  });

  it('tells each trade once, and late clients the newest ones', async () => {
    const trades = [1, 2].map(trade);
    const source = new TradesSource(
      scheduler,
      1,
      async () => trades.slice(-2),
      () => 0,
    );
    const client = new Client(source);
    await vi.waitFor(() => expect(client.got).toHaveLength(1));
    trades.push(trade(3));
    await vi.waitFor(() => expect(client.got).toHaveLength(2));
    const late = new Client(source);
    late.pump();
    const ids = (one: Client): unknown[] => one.got.map(({ data }) => (data as { id: string }[]).map(({ id }) => id));
    expect(ids(client)).toEqual([['1', '2'], ['3']]);
    expect(ids(late)).toEqual([['1', '2', '3']]);
    for (const one of [client, late]) one.subscription.close();
  });
});

function trade(id: number) {
  return { symbol: 'A/B', venueTradeId: String(id), price: '1', quantity: '1', side: 'buy' as const, venueTimeMs: 0 };
}
