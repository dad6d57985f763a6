import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MarketFrameReader } from './frame-reader.js';
import type { DepthSnapshot } from './frames.js';
import { SyncedBook } from './synced-book.js';

type Side = Map<number, number>;
type Sorted = (readonly [string, string])[];

const text = (ticks: number): string => `${Math.floor(ticks / 100)}.${String(ticks % 100).padStart(2, '0')}`;
const sorted = (side: Side, sign: number): Sorted =>
  [...side].sort(([a], [b]) => sign * (b - a)).map(([price, size]) => [text(price), String(size)]);

interface Change {
  readonly bid: boolean;
  readonly distance: number;
  readonly size: number;
}

/**
 * A venue that tells the truth: a book whose every change has an id, cut into events. It remembers the book at the end of
 * every event, so that any claim of any copy can be held against it.
 */
class TruthfulVenue {
  private readonly bids: Side = new Map();
  private readonly asks: Side = new Map();
  readonly history = new Map<string, { bids: Sorted; asks: Sorted }>();
  lastId = 100;

  constructor() {
    this.remember();
  }

  event(changes: readonly Change[]): Buffer {
    const touched = { b: new Map<string, string>(), a: new Map<string, string>() };
    const first = this.lastId + 1;
    for (const { bid, distance, size } of changes) {
      const price = bid ? 10_000 - distance : 10_001 + distance;
      const side = bid ? this.bids : this.asks;
      if (size === 0) side.delete(price);
      else side.set(price, size);
      (bid ? touched.b : touched.a).set(text(price), size === 0 ? '0.00' : String(size));
      this.lastId += 1;
      this.remember();
    }
    const data = { e: 'depthUpdate', E: this.lastId, s: 'BTCUSDT', U: first, u: this.lastId, b: [...touched.b], a: [...touched.a] };
    return Buffer.from(JSON.stringify({ stream: 'btcusdt@depth@100ms', data }));
  }

  snapshot(): DepthSnapshot {
    return { lastUpdateId: this.lastId, bids: sorted(this.bids, 1), asks: sorted(this.asks, -1) };
  }

  private remember(): void {
    this.history.set(String(this.lastId), { bids: sorted(this.bids, 1), asks: sorted(this.asks, -1) });
  }
}

const change = fc.record({ bid: fc.boolean(), distance: fc.nat(30), size: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 999 })) });
const step = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 6 }),
  /** What the network does with the event. */
  fate: fc.oneof(
    { weight: 12, arbitrary: fc.constant('arrive') },
    ...['lose', 'twice', 'late', 'again-later'].map((fate) => ({ weight: 1, arbitrary: fc.constant(fate) })),
  ),
  /** Whether a snapshot is taken now, and after how many further steps it arrives. */
  snapshot: fc.option(fc.nat(3), { freq: 4 }),
});

describe('a book that claims to be live', () => {
  it('is the venue’s at its sequence, whatever was lost, doubled or late', () => {
    let lived = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        const venue = new TruthfulVenue();
        const book = new SyncedBook();
        const reader = new MarketFrameReader();
        const deliver = (bytes: Buffer): void => {
          const frame = reader.read(bytes);
          expect(frame.kind).toBe('depth');
          if (frame.kind === 'depth') book.offer(frame, bytes);
          if (book.live) expect(book.top(1_000)).toEqual(venue.history.get(String(book.sequence)));
        };
        let held: Buffer[] = [];
        const answers: { due: number; snapshot: DepthSnapshot }[] = [];
        for (const [at, { changes, fate, snapshot }] of steps.entries()) {
          const bytes = venue.event(changes);
          if (fate === 'late') held.push(bytes);
          else if (fate !== 'lose') {
            deliver(bytes);
            if (fate === 'twice') deliver(bytes);
            for (const one of held) deliver(one);
            held = fate === 'again-later' ? [bytes] : [];
          }
          if (snapshot !== null) answers.push({ due: at + snapshot, snapshot: venue.snapshot() });
          for (const answer of answers.filter(({ due }) => due === at)) {
            book.accept(answer.snapshot);
            if (book.live) expect(book.top(1_000)).toEqual(venue.history.get(String(book.sequence)));
          }
          if (book.live) lived += 1;
        }
      }),
      { numRuns: 500 },
    );
    expect(lived).toBeGreaterThan(1_000);
  });

  it('[lesson 32] says so no longer after a single lost event in a thousand', () => {
    const venue = new TruthfulVenue();
    const book = new SyncedBook();
    const reader = new MarketFrameReader();
    book.accept(venue.snapshot());
    for (let at = 0; at < 1_000; at += 1) {
      const bytes = venue.event([{ bid: at % 2 === 0, distance: at % 20, size: (at * 7) % 5 }]);
      if (at === 500) continue;
      const frame = reader.read(bytes);
      if (frame.kind === 'depth') book.offer(frame, bytes);
      expect(book.live, `after event ${at}`).toBe(at < 500);
    }
    expect(book.accept(venue.snapshot())).toBe('live');
    expect(book.top(1_000)).toEqual(venue.history.get(String(book.sequence)));
  });
});
