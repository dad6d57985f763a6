import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeText } from './clock.js';

describe('timeText', () => {
  it('writes what the platform writes, for any time', () => {
    const year9999 = 253_402_300_799_999;
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: year9999 }), (ms) => {
        expect(timeText(ms)).toBe(new Date(ms).toISOString());
      }),
      { numRuns: 2_000 },
    );
  });
});
