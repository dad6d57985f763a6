import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal, decimalText, isDecimalText, isMultipleOf, sum } from './decimal.js';

const text = fc
  .tuple(
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 10n ** 30n - 1n }),
    fc.bigInt({ min: 0n, max: 10n ** 30n - 1n }),
    fc.integer({ min: 1, max: 30 }),
  )
  .map(([negative, whole, fraction, digits]) => `${negative ? '-' : ''}${whole}.${fraction.toString().padStart(30, '0').slice(0, digits)}`);

describe('decimals', () => {
  it('come back to the last digit, without exponent, whatever makes text of them', () => {
    fc.assert(
      fc.property(text, (given) => {
        const value = decimal(given);
        expect(decimal(decimalText(value)).eq(value)).toBe(true);
        for (const out of [decimalText(value), String(value), JSON.parse(JSON.stringify(value)) as string]) expect(out).not.toMatch(/e/i);
        expect(
          given
            .replace(/\.?0*$/, '')
            .replace(/^-0$/, '0')
            .replace(/^-?$/, '0'),
        ).toBe(decimalText(value).replace(/^-0$/, '0'));
      }),
    );
  });

  it.each(['', ' 1', '1e5', 'NaN', '0x1', '1,5', '.5', '5.', '--1', '1'.repeat(31), 5, null, undefined])('refuse %j', (bad) => {
    expect(isDecimalText(bad)).toBe(false);
    expect(() => decimal(bad as string)).toThrow(RangeError);
  });

  it('refuse JavaScript numbers, because those have lost digits already', () => {
    expect(() => decimal('1').plus(0.1 as never)).toThrow();
  });

  it('know multiples of a step, and a step of zero allows everything', () => {
    expect(isMultipleOf(decimal('0.3'), decimal('0.1'))).toBe(true);
    expect(isMultipleOf(decimal('0.35'), decimal('0.1'))).toBe(false);
    expect(isMultipleOf(decimal('0.35'), decimal('0'))).toBe(true);
  });

  it('add up exactly', () => {
    expect(sum(Array.from({ length: 10 }, () => decimal('0.1'))).toFixed()).toBe('1');
  });
});
