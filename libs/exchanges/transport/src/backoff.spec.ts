import { describe, expect, it } from 'vitest';
import { Scheduler } from '#libs/kernel';
import { backoffMs } from './backoff.js';
import { retryRead } from './read-retry.js';

describe('backoffMs', () => {
  const options = { firstMs: 100, maxMs: 5_000, minMs: 10 };

  it('doubles its upper bound until the maximum, and never goes below the minimum', () => {
    expect([0, 1, 2, 10, 1_000].map((attempt) => backoffMs(attempt, options, () => 1))).toEqual([100, 200, 400, 5_000, 5_000]);
    expect(backoffMs(5, options, () => 0)).toBe(10);
  });
});

describe('retryRead', () => {
  const waits: number[] = [];
  class ImmediateScheduler extends Scheduler {
    after(delayMs: number, task: () => void): () => void {
      waits.push(delayMs);
      task();
      return () => undefined;
    }
  }
  const options = { retryable: (error: unknown) => error === 'passing', random: () => 1, scheduler: new ImmediateScheduler() };

  it('tries three times at most, and waits longer each time', async () => {
    let calls = 0;
    waits.length = 0;
    await expect(retryRead(async () => Promise.reject(((calls += 1), 'passing')), { ...options, attempts: 99 })).rejects.toBe('passing');
    expect(calls).toBe(3);
    expect(waits).toEqual([150, 300]);
  });

  it('does not repeat what would fail again', async () => {
    let calls = 0;
    await expect(retryRead(async () => Promise.reject(((calls += 1), 'lasting')), options)).rejects.toBe('lasting');
    expect(calls).toBe(1);
  });

  it('answers what the second attempt brought', async () => {
    let calls = 0;
    const answer = await retryRead(async () => ((calls += 1) === 1 ? Promise.reject('passing') : 'here'), options);
    expect(answer).toBe('here');
  });
});
