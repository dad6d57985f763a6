import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal } from '#libs/kernel';
import { text8, unitsText8 } from './text.js';

const whole = fc.bigInt({ min: 0n, max: 10n ** 15n });
const fraction = fc.bigInt({ min: 0n, max: 10n ** 12n - 1n });

describe('numbers with eight decimals', () => {
  it('are the value, with what is finer cut off', () => {
    fc.assert(
      fc.property(fc.boolean(), whole, fraction, fc.integer({ min: 1, max: 12 }), (negative, integer, rest, places) => {
        const value = decimal(`${negative ? '-' : ''}${integer}.${rest.toString().padStart(12, '0').slice(0, places)}`);
        expect(text8(value)).toBe(value.c[0] === 0 ? '0.00000000' : value.toFixed(8, 0));
      }),
    );
  });

  it.each([
    ['0.001', '0.00100000'],
    ['0.00000001', '0.00000001'],
    ['0.000000019', '0.00000001'],
    ['0.000000001', '0.00000000'],
    ['100', '100.00000000'],
    ['60000.5', '60000.50000000'],
  ])('%s is written %s', (value, text) => {
    expect(text8(decimal(value))).toBe(text);
  });

  it('are the same from whole units of the eighth decimal', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), (units) => {
        expect(unitsText8(units)).toBe(text8(decimal(units.toString()).times('0.00000001')));
      }),
    );
  });
});
