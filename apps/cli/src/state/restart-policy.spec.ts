import { describe, expect, it } from 'vitest';
import { FAILURES_MAX, RestartPolicy } from './restart-policy.js';

describe('the restart policy', () => {
  it('starts again at once the first time, then after pauses that grow up to a bound', () => {
    const policy = new RestartPolicy();
    expect(Array.from({ length: 8 }, () => policy.failed(0))).toEqual([0, 250, 500, 1000, 2000, 4000, 4000, 4000]);
  });

  it('gives up after many failures in a row, however they were mixed', () => {
    const policy = new RestartPolicy();
    for (let failure = 0; failure < FAILURES_MAX; failure += 1) expect(policy.failed(failure % 2 === 0 ? 0 : 9999)).not.toBeNull();
    expect(policy.failed(0)).toBeNull();
  });

  it('forgets what was before a time in which all was well', () => {
    const policy = new RestartPolicy();
    for (let failure = 0; failure < FAILURES_MAX; failure += 1) policy.failed(0);
    expect(policy.failed(10_000)).toBe(0);
    expect(policy.failed(0)).toBe(250);
  });
});
