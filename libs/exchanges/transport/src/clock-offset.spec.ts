import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { ClockOffset } from './clock-offset.js';

const now = 1_700_000_000_000;
const sample = (atMs: number, roundTripMs: number, venueAheadMs: number, share = 0.5) => ({
  sentAtMs: atMs,
  receivedAtMs: atMs + roundTripMs,
  venueTimeMs: Math.floor(atMs + roundTripMs * share + venueAheadMs),
});

describe('ClockOffset', () => {
  it('knows nothing before the first sample', () => {
    expect(new ClockOffset().offsetMs).toBeNull();
  });

  it('believes the quickest sample, for the slow ones may lie by half their round trip', () => {
    const clock = new ClockOffset();
    clock.add(sample(now, 800, 250, 0.9));
    clock.add(sample(now + 1_000, 4, 250));
    clock.add(sample(now + 2_000, 600, 250, 0.1));
    expect(clock.offsetMs).toBe(250);
    expect(clock.errorMs).toBeLessThanOrEqual(4);
  });

  it('takes no sample that took too long, or whose time makes no sense', () => {
    const clock = new ClockOffset({ roundTripMaxMs: 500 });
    expect(clock.add(sample(now, 501, 0))).toBe(false);
    expect(clock.add({ sentAtMs: now, receivedAtMs: now - 1, venueTimeMs: now })).toBe(false);
    expect(clock.add({ sentAtMs: now, receivedAtMs: now + 1, venueTimeMs: Number.NaN })).toBe(false);
    expect(clock.offsetMs).toBeNull();
  });

  it('forgets the past as soon as a sample contradicts it: a clock was set', () => {
    const clock = new ClockOffset();
    clock.add(sample(now, 2, 0));
    clock.add(sample(now + 60_000, 100, 5_000));
    expect(clock.offsetMs).toBe(5_000);
  });

  it('never puts a timestamp ahead of the venue, nor takes a deadline for over too early, whatever the network did', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5_000, max: 5_000 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 1_500 }), fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1, maxLength: 30 }),
        (aheadMs, trips) => {
          const clock = new ClockOffset();
          let at = now;
          for (const [roundTripMs, share] of trips) {
            clock.add(sample(at, roundTripMs, aheadMs, share));
            at += 2_000;
          }
          const venueNow = at + aheadMs;
          expect(clock.venueTimeAtLeast(at)).toBeLessThanOrEqual(venueNow);
          expect(clock.monotonicAtMost(venueNow)).toBeGreaterThanOrEqual(at);
        },
      ),
    );
  });
});
