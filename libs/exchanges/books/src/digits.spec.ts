import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal } from '#libs/kernel';
import { compareDecimalTexts, digitsOfText, isPlainDecimal, isZeroText, textOfDigits } from './digits.js';

const digits = (min: number, max: number) => fc.stringMatching(new RegExp(`^[0-9]{${min},${max}}$`));
const plain = fc.oneof(
  digits(1, 20),
  fc.tuple(digits(1, 20), digits(1, 20)).map(([whole, fraction]) => `${whole}.${fraction}`),
);

describe('decimal text in numbers', () => {
  it('[lesson 33] gives back exactly the text it was read from, or says that it cannot', () => {
    fc.assert(
      fc.property(plain, (text) => {
        const held = digitsOfText(text);
        if (held !== null) expect(textOfDigits(...held)).toBe(text);
      }),
    );
  });

  it.each(['0', '0.0', '1', '61837.63000000', '0.00000001', '999999999999999.999999999999999', '10'])('holds %s', (text) => {
    expect(digitsOfText(text)).not.toBeNull();
  });

  it.each(['00', '01.5', '.5', '5.', '-1', '+1', '1e5', '', ' 1', '1,5', '1234567890123456', '0.1234567890123456'])(
    'refuses %j',
    (text) => {
      expect(digitsOfText(text)).toBeNull();
    },
  );

  it('compares as numbers do, for any number of digits', () => {
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        expect(Math.sign(compareDecimalTexts(a, b))).toBe(decimal(a).cmp(decimal(b)));
      }),
    );
  });

  it.each(['0', '0.00000000', '000.0'])('knows %s as zero', (text) => {
    expect(isZeroText(text)).toBe(true);
  });

  it.each(['0.00000001', '10', '0.10'])('knows %s as not zero', (text) => {
    expect(isZeroText(text)).toBe(false);
  });

  it.each([
    ['1.5', true],
    ['007', true],
    ['1.', false],
    ['.1', false],
    ['1e5', false],
    ['-1', false],
    ['', false],
  ])('finds %j plain: %s', (text, is) => {
    expect(isPlainDecimal(text)).toBe(is);
  });
});
