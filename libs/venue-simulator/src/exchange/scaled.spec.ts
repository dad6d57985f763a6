import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal, decimalText } from '#libs/kernel';
import { divideUp, fromUnits, safeNumber, toSafeUnits, toUnits } from './scaled.js';

describe('whole units', () => {
  it('and decimals say the same, both ways', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 28n), 10n ** 28n), fc.nat(18), (units, decimals) => {
        expect(toUnits(fromUnits(units, decimals), decimals)).toBe(units);
      }),
    );
  });

  it('are the same as plain numbers wherever these are exact', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(8), (units, decimals) => {
        expect(toSafeUnits(fromUnits(units, decimals), decimals)).toBe(units);
      }),
    );
  });

  it.each([
    { text: '0.1', decimals: 0, units: undefined },
    { text: '0.10', decimals: 1, units: 1 },
    { text: '0', decimals: 8, units: 0 },
    { text: '-1.5', decimals: 1, units: -15 },
    { text: '90071992.54740992', decimals: 8, units: undefined },
    { text: '90071992.54740991', decimals: 8, units: 9_007_199_254_740_991 },
  ])('of $text with $decimals decimals are $units', ({ text, decimals, units }) => {
    expect(toSafeUnits(decimal(text), decimals)).toBe(units);
  });

  it('become plain text without exponent', () => {
    expect(decimalText(fromUnits(1n, 8))).toBe('0.00000001');
    expect(decimalText(fromUnits(-123n, 2))).toBe('-1.23');
  });

  it('refuse a number beyond the safe ones', () => {
    expect(() => safeNumber(9_007_199_254_740_992n)).toThrow('safe integer');
  });

  it('divide upwards', () => {
    expect([divideUp(0n, 7n), divideUp(7n, 7n), divideUp(8n, 7n)]).toEqual([0n, 1n, 2n]);
  });
});
