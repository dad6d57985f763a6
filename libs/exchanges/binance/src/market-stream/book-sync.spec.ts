import { describe, expect, it } from 'vitest';
import { BookSync, KEPT_EVENTS_MAX } from './book-sync.js';
import { nextAfter, sequenceOf, type SequenceId } from './sequence.js';

type Step =
  | { readonly event: readonly [SequenceId, SequenceId]; readonly is: 'keep' | 'apply' | 'drop' | 'gap' }
  | { readonly snapshot: SequenceId; readonly is: 'live' | 'too-old' | 'behind'; readonly applies?: readonly string[] };

const event = (first: SequenceId, last: SequenceId, is: 'keep' | 'apply' | 'drop' | 'gap'): Step => ({ event: [first, last], is });
const snapshot = (at: SequenceId, is: 'live' | 'too-old' | 'behind', ...applies: string[]): Step => ({ snapshot: at, is, applies });

function play(steps: readonly Step[]): BookSync<string> {
  const sync = new BookSync<string>();
  for (const step of steps) {
    if ('event' in step) {
      const [first, last] = step.event;
      expect(
        sync.offer(first, last, () => `${first}-${last}`),
        `event ${first}-${last}`,
      ).toBe(step.is);
    } else {
      expect(sync.accept(step.snapshot), `snapshot ${step.snapshot}`).toBe(step.is);
      if (step.is === 'live') expect(sync.takeKept(), `after snapshot ${step.snapshot}`).toEqual(step.applies);
    }
  }
  return sync;
}

/** Each case is one rule of the venue's procedure, or a way in which the world departs from it. */
const RULES: readonly [rule: string, steps: readonly Step[], live: boolean, sequence: SequenceId | null][] = [
  ['keeps events until a snapshot comes', [event(1, 5, 'keep'), event(6, 9, 'keep')], false, null],
  ['drops kept events that are not newer than the snapshot', [event(1, 5, 'keep'), event(6, 9, 'keep'), snapshot(9, 'live')], true, 9],
  ['applies the event that straddles the snapshot', [event(1, 5, 'keep'), event(6, 9, 'keep'), snapshot(7, 'live', '6-9')], true, 9],
  ['applies the event that follows the snapshot exactly', [event(6, 9, 'keep'), snapshot(5, 'live', '6-9')], true, 9],
  ['asks for another snapshot when it is older than the first event', [event(6, 9, 'keep'), snapshot(4, 'too-old')], false, null],
  [
    'keeps the events for that other snapshot',
    [event(6, 9, 'keep'), snapshot(4, 'too-old'), event(10, 12, 'keep'), snapshot(8, 'live', '6-9', '10-12')],
    true,
    12,
  ],
  ['takes a snapshot before any event', [snapshot(5, 'live'), event(4, 5, 'drop'), event(5, 7, 'apply'), event(8, 8, 'apply')], true, 8],
  ['sees the gap between a snapshot and a first event that comes late', [snapshot(5, 'live'), event(7, 9, 'gap')], false, null],
  ['applies events that join up', [snapshot(5, 'live'), event(6, 7, 'apply'), event(8, 20, 'apply')], true, 20],
  ['drops a duplicate', [snapshot(5, 'live'), event(6, 7, 'apply'), event(6, 7, 'drop')], true, 7],
  ['applies an overlap, since quantities are absolute', [snapshot(5, 'live'), event(6, 9, 'apply'), event(8, 12, 'apply')], true, 12],
  ['stops at a gap, at once', [snapshot(5, 'live'), event(6, 7, 'apply'), event(9, 12, 'gap')], false, null],
  ['sees a gap of one', [snapshot(5, 'live'), event(7, 7, 'gap')], false, null],
  [
    'rebuilds after a gap from the event that showed it',
    [snapshot(5, 'live'), event(9, 12, 'gap'), event(13, 14, 'keep'), snapshot(10, 'live', '9-12', '13-14')],
    true,
    14,
  ],
  ['does not rebuild from a snapshot before the gap', [snapshot(5, 'live'), event(9, 12, 'gap'), snapshot(7, 'too-old')], false, null],
  [
    'forgets what it kept before a gap, because no snapshot can bridge it',
    [event(1, 3, 'keep'), event(6, 9, 'keep'), snapshot(2, 'too-old'), snapshot(6, 'live', '6-9')],
    true,
    9,
  ],
  [
    'sees a late event as a gap and does not apply it out of order',
    [snapshot(5, 'live'), event(8, 9, 'gap'), event(6, 7, 'keep'), snapshot(9, 'live')],
    true,
    9,
  ],
  [
    'does not apply a kept duplicate over newer events',
    [event(1, 5, 'keep'), event(6, 9, 'keep'), event(1, 5, 'keep'), snapshot(0, 'live', '1-5', '6-9')],
    true,
    9,
  ],
  ['ignores a snapshot behind a live book', [snapshot(5, 'live'), event(6, 9, 'apply'), snapshot(7, 'behind')], true, 9],
  [
    'takes a newer snapshot in place of a live book',
    [snapshot(5, 'live'), event(6, 9, 'apply'), snapshot(20, 'live'), event(10, 20, 'drop'), event(21, 22, 'apply')],
    true,
    22,
  ],
  [
    'counts beyond 2^53',
    [
      snapshot(sequenceOf('9007199254740990'), 'live'),
      event(9_007_199_254_740_991, sequenceOf('9007199254740992'), 'apply'),
      event(9_007_199_254_740_993n, 9_007_199_254_740_994n, 'apply'),
      event(9_007_199_254_740_996n, 9_007_199_254_740_997n, 'gap'),
    ],
    false,
    null,
  ],
];

describe('the venue’s procedure for a local book', () => {
  it.each(RULES)('%s', (_rule, steps, live, sequence) => {
    const sync = play(steps);
    expect([sync.live, sync.sequence]).toEqual([live, sequence]);
  });

  it('counts what it dropped, before and after the snapshot', () => {
    const sync = play([
      event(1, 5, 'keep'),
      event(6, 9, 'keep'),
      snapshot(9, 'live'),
      event(8, 9, 'drop'),
      event(9, 12, 'apply'),
      event(9, 12, 'drop'),
    ]);
    expect([sync.dropped, sync.droppedSinceApplied]).toEqual([4, 1]);
  });

  it('proves nothing any more after invalidate', () => {
    const sync = play([snapshot(5, 'live'), event(6, 9, 'apply')]);
    sync.invalidate();
    expect([sync.live, sync.offer(10, 11, () => '')]).toEqual([false, 'keep']);
  });

  it('[lesson 42] keeps a bounded number of events, and the newest of them', () => {
    const sync = new BookSync<number>();
    for (let at = 1; at <= KEPT_EVENTS_MAX + 10; at += 1) sync.offer(at, at, () => at);
    expect(sync.accept(5)).toBe('too-old');
    expect(sync.accept(10)).toBe('live');
    expect(sync.takeKept().length).toBe(KEPT_EVENTS_MAX);
  });
});

describe('update ids', () => {
  it.each([
    ['0', 0],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', 9_007_199_254_740_992n],
  ])('reads %s exactly', (text, id) => {
    expect(sequenceOf(text)).toBe(id);
  });

  it.each(['', '-1', '1.0', '1e3', ' 1', 'x'])('refuses %j', (text) => {
    expect(() => sequenceOf(text)).toThrow(RangeError);
  });

  it('steps over 2^53', () => {
    expect([nextAfter(1), nextAfter(Number.MAX_SAFE_INTEGER), nextAfter(9_007_199_254_740_992n)]).toEqual([
      2,
      9_007_199_254_740_992n,
      9_007_199_254_740_993n,
    ]);
  });
});
