import { describe, expect, it, vi } from 'vitest';
import { SystemClock, TimerScheduler } from '#libs/kernel';
import type { MarketTrade } from '#libs/model';
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

  it('tells each trade once, asked for or streamed, and late clients the newest ones', async () => {
    const asked = [1, 2].map(trade);
    let asks = 0;
    let say: (heard: MarketTrade | 'missed') => void = () => undefined;
    const closed = vi.fn<() => void>();
    const limits = { tradesEveryMs: 1, tradesAskedEveryMs: 1 };
    const source = new TradesSource(scheduler, limits, new SystemClock(), {
      ask: async () => {
        asks += 1;
        return asked.slice(-2);
      },
      watch: (listener) => {
        say = listener;
        return { close: closed };
      },
    });
    const client = new Client(source);
    await vi.waitFor(() => expect(client.got).toHaveLength(1));
    for (const id of [2, 3]) say(trade(id));
    await vi.waitFor(() => expect(client.got).toHaveLength(2));
    expect(asks).toBe(1);
    asked.push(trade(4), trade(5));
    say('missed');
    await vi.waitFor(() => expect(client.got).toHaveLength(3));
    const late = new Client(source);
    late.pump();
    const ids = (one: Client): unknown[] => one.got.map(({ data }) => (data as { id: string }[]).map(({ id }) => id));
    expect(ids(client)).toEqual([['1', '2'], ['3'], ['4', '5']]);
    expect(ids(late)).toEqual([['1', '2', '3', '4', '5']]);
    for (const one of [client, late]) one.subscription.close();
    expect(closed).toHaveBeenCalledOnce();
  });

  it('asks for trades again and again where they are not streamed', async () => {
    let id = 0;
    const limits = { tradesEveryMs: 1, tradesAskedEveryMs: 1 };
    const source = new TradesSource(scheduler, limits, new SystemClock(), {
      ask: async () => [trade((id += 1))],
      watch: () => null,
    });
    const client = new Client(source);
    await vi.waitFor(() => expect(client.got.length).toBeGreaterThan(2));
    client.subscription.close();
  });
});

function trade(id: number) {
  return { symbol: 'A/B', venueTradeId: String(id), price: '1', quantity: '1', side: 'buy' as const, venueTimeMs: 0 };
}
