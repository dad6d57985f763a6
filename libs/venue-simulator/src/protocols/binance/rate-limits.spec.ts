import { describe, expect, it } from 'vitest';
import { RateLimits } from './rate-limits.js';

const MINUTE_MS = 60_000;
/** The beginning of a minute, of ten seconds and of five minutes. */
const START_MS = 1_699_999_800_000;
const ignore = (): void => undefined;

describe('request weight', () => {
  it('is full at 6000 and starts again at the next whole minute', () => {
    const limits = new RateLimits('venue', ignore);
    limits.admit('ip', 6_000, START_MS + 59_000, ignore);
    expect(limits.weightUsed('ip', START_MS + 59_999)).toBe(6_000);
    expect(limits.weightUsed('ip', START_MS + MINUTE_MS)).toBe(0);
  });

  it('refuses with 429, -1003 and the time to the end of the window', () => {
    const limits = new RateLimits('venue', ignore);
    const broken: unknown[] = [];
    limits.admit('ip', 6_000, START_MS, ignore);
    expect(() => limits.admit('ip', 1, START_MS + 20_000, (...violation) => broken.push(violation))).toThrow(
      expect.objectContaining({ code: -1003, status: 429, retryAfterMs: 40_000 }),
    );
    expect(broken).toEqual([['weight', 429]]);
  });

  it('is counted per address', () => {
    const limits = new RateLimits('venue', ignore);
    limits.admit('one', 6_000, START_MS, ignore);
    expect(() => limits.admit('other', 6_000, START_MS, ignore)).not.toThrow();
  });

  it('lets free requests through when it is used up', () => {
    const limits = new RateLimits('venue', ignore);
    limits.admit('ip', 6_000, START_MS, ignore);
    expect(() => limits.admit('ip', 0, START_MS, ignore)).not.toThrow();
  });

  it('is lifted in unlimited mode', () => {
    const limits = new RateLimits('unlimited', ignore);
    for (let n = 0; n < 100; n += 1) limits.admit('ip', 6_000, START_MS, ignore);
    expect(limits.limits.weight).toBe(1_000_000_000);
  });
});

/** Goes on until the ban; answers its end, ms. */
function provokeBan(limits: RateLimits, fromMs: number): number {
  limits.charge('ip', 6_000, fromMs);
  for (let n = 0; n < 100; n += 1) {
    try {
      limits.admit('ip', 1, fromMs, ignore);
    } catch (error) {
      const { status, message } = error as { status: number; message: string };
      if (status === 418) return Number.parseInt(/until (\d+)/.exec(message)?.[1] ?? '0', 10);
    }
  }
  return 0;
}

describe('bans', () => {
  it('come after going on while limited, last two minutes, and then twice as long', () => {
    const banned: string[] = [];
    const limits = new RateLimits('venue', (ip) => banned.push(ip));
    const first = provokeBan(limits, START_MS);
    expect(first - START_MS).toBe(120_000);
    expect(() => limits.admit('ip', 0, first - 1, ignore)).toThrow(expect.objectContaining({ status: 418, code: -1003, retryAfterMs: 1 }));
    expect(() => limits.admit('ip', 1, first, ignore)).not.toThrow();
    expect(provokeBan(limits, first) - first).toBe(240_000);
    expect(banned).toEqual(['ip', 'ip']);
  });

  it('do not come when every refusal is followed by waiting', () => {
    const limits = new RateLimits('venue', ignore);
    for (let minute = 0; minute < 50; minute += 1) {
      limits.charge('ip', 6_000, START_MS + minute * MINUTE_MS);
      expect(() => limits.admit('ip', 1, START_MS + minute * MINUTE_MS, ignore)).toThrow(expect.objectContaining({ status: 429 }));
    }
  });
});

describe('order counts', () => {
  it('refuse the 101st order of ten seconds with -1015', () => {
    const limits = new RateLimits('venue', ignore);
    limits.countOrders('a', 100, START_MS);
    expect(() => limits.requireOrderSlot('a', START_MS + 4_000, ignore)).toThrow(
      expect.objectContaining({
        code: -1015,
        status: 429,
        message: 'Too many new orders; current limit is 100 orders per 10 SECOND.',
        retryAfterMs: 6_000,
      }),
    );
    expect(() => limits.requireOrderSlot('a', START_MS + 10_000, ignore)).not.toThrow();
  });

  it('give back and never go below zero', () => {
    const limits = new RateLimits('venue', ignore);
    limits.countOrders('a', 3, START_MS);
    limits.countOrders('a', -5, START_MS);
    expect(limits.ordersUsed('a', START_MS)).toEqual({ tenSeconds: 0, day: 0 });
  });
});
