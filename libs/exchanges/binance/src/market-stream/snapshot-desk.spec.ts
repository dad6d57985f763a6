import { describe, expect, it } from 'vitest';
import { VenueError } from '#libs/exchanges/contract';
import { ManualClock } from '#libs/kernel';
import type { DepthSnapshot } from './frames.js';
import { MARKET_STREAM_LIMITS } from './limits.js';
import { SnapshotDesk, type FetchedDepth } from './snapshot-desk.js';

const ANSWER: FetchedDepth = { lastUpdateId: '7', bids: [['1', '2']], asks: [] };

function setUp(limits = {}) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const open: { answer: (depth: FetchedDepth) => void; fail: (error: Error) => void }[] = [];
  const fetchDepth = (symbol: string): Promise<FetchedDepth> => {
    asked.push(symbol);
    return new Promise((answer, fail) => open.push({ answer, fail }));
  };
  const desk = new SnapshotDesk(fetchDepth, clock, { ...MARKET_STREAM_LIMITS, ...limits }, () => 1);
  const got: DepthSnapshot[] = [];
  const request = (symbol: string, useful = true): boolean =>
    desk.request(symbol, 100, (snapshot) => snapshot !== null && got.push(snapshot) > 0 && useful);
  /** Settles the oldest open call, and lets what follows from it happen. */
  const settle = async (how: (one: (typeof open)[number]) => void): Promise<void> => {
    how(open.shift()!);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { clock, asked, desk, got, request, settle };
}

describe('snapshots', () => {
  it('are handed over with exact ids', async () => {
    const { got, request, settle } = setUp();
    request('A');
    await settle(({ answer }) => answer({ ...ANSWER, lastUpdateId: '9007199254740993' }));
    expect(got).toEqual([{ lastUpdateId: 9_007_199_254_740_993n, bids: [['1', '2']], asks: [] }]);
  });

  it('are asked for once at a time for a symbol, and few at once in all', () => {
    const { asked, request } = setUp({ snapshotsAtOnceMax: 2 });
    expect(['A', 'A', 'B', 'C'].map((symbol) => request(symbol))).toEqual([true, false, true, false]);
    expect(asked).toEqual(['A', 'B']);
  });

  it('wait longer after each failure, and after each useless answer', async () => {
    const { clock, request, settle } = setUp({ snapshotRetryFirstMs: 100, snapshotRetryMaxMs: 1_000 });
    const waits: number[] = [];
    for (const useless of [false, true, false, true, false]) {
      let waited = 0;
      while (!request('A', !useless)) {
        clock.advance(50);
        waited += 50;
      }
      waits.push(waited);
      await settle(({ answer, fail }) => (useless ? answer(ANSWER) : fail(new Error('down'))));
    }
    expect(waits).toEqual([0, 200, 400, 800, 1_000]);
  });

  it('wait as long as the venue asks', async () => {
    const { clock, request, settle } = setUp();
    request('A');
    await settle(({ fail }) =>
      fail(new VenueError('slow down', { venue: 'x', code: 'rate-limited', outcome: 'not-sent', retryAfterMs: 90_000 })),
    );
    clock.advance(89_999);
    expect(request('A')).toBe(false);
    clock.advance(1);
    expect(request('A')).toBe(true);
  });

  it('[lesson 32] are so many a minute, whatever breaks', async () => {
    const { clock, asked, request, settle } = setUp({ snapshotsPerMinuteMax: 5 });
    for (let at = 0; at < 50; at += 1) {
      if (request(`S${at}`)) await settle(({ answer }) => answer(ANSWER));
      clock.advance(1_000);
    }
    expect(asked).toHaveLength(5);
  });

  it('come slower for a book that breaks again and again', async () => {
    const { clock, asked, request, settle } = setUp({ snapshotsPerMinuteMax: 1_000 });
    for (let at = 0; at < 600; at += 1) {
      if (request('A')) await settle(({ answer }) => answer(ANSWER));
      clock.advance(100);
    }
    expect(asked.length).toBeLessThan(10);
  });

  it('that cannot be read count as failures', async () => {
    const { desk, got, request, settle } = setUp();
    request('A');
    await settle(({ answer }) => answer({ ...ANSWER, lastUpdateId: 'x' }));
    expect([desk.failed, got]).toEqual([1, []]);
  });
});
