import Big from 'big.js';

/**
 * An exact decimal number: every price, quantity, fee and balance is one, from the wire to the row and back.
 * `Big.strict` refuses JavaScript numbers, so that no binary float can slip in.
 */
export const Decimal = Big();
Decimal.strict = true;
Decimal.DP = 24;
// Text never takes an exponent, whoever makes it: `1e-8` is refused by venues and misread by people.
Decimal.NE = -1_000;
Decimal.PE = 1_000;

export type Decimal = Big;

/** Plain decimal text: digits, an optional sign and one point; no exponent, no white space. */
const DECIMAL_TEXT = /^-?\d{1,30}(?:\.\d{1,30})?$/;

export const ZERO: Decimal = new Decimal('0');
export const ONE: Decimal = new Decimal('1');

/** True for plain decimal text (`"0.010"`), false for exponents, `NaN`, empty text and anything that is not text. */
export function isDecimalText(value: unknown): value is string {
  return typeof value === 'string' && DECIMAL_TEXT.test(value);
}

/**
 * Reads plain decimal text.
 * @throws {RangeError} when the text is not a plain decimal; the message never repeats more than 40 characters of it.
 */
export function decimal(text: string): Decimal {
  if (!isDecimalText(text)) throw new RangeError(`not a decimal: ${JSON.stringify(String(text).slice(0, 40))}`);
  return new Decimal(text);
}

/** Plain text without exponent and without trailing zeros: the one form in which decimals leave us. */
export function decimalText(value: Decimal): string {
  return value.toFixed();
}

/** The sum of no numbers is zero. */
export function sum(values: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const value of values) total = total.plus(value);
  return total;
}

/** True when `value` is a whole multiple of `step`. A step of zero switches the rule off, as venues do. */
export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  return step.eq(ZERO) || value.mod(step).eq(ZERO);
}
