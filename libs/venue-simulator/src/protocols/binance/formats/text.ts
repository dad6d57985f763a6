import type { Decimal } from '#libs/kernel';

const PLACES = 8;
/** Amounts are never rounded up in an account's favour. */
const ROUND_DOWN = 0;

export const ZERO8 = '0.00000000';

/** Binance's way to write a number: eight decimals, `"0.01000000"`. */
export function text8(value: Decimal): string {
  const { c: digits, e: exponent, s: sign } = value;
  if (digits[0] === 0) return ZERO8;
  if (sign < 0) return value.toFixed(PLACES, ROUND_DOWN);
  // Digit by digit: the library would copy, round and format in turn, and this is written several times per order.
  let text = exponent < 0 ? '0' : '';
  for (let i = 0; i <= exponent; i += 1) text += i < digits.length ? digits[i] : 0;
  text += '.';
  for (let i = exponent + 1; i <= exponent + PLACES; i += 1) text += i >= 0 && i < digits.length ? digits[i] : 0;
  return text;
}

/** An amount in units of 10^-8, never negative. */
export function unitsText8(units: bigint): string {
  const digits = units.toString();
  const whole = digits.length - PLACES;
  return whole > 0 ? `${digits.slice(0, whole)}.${digits.slice(whole)}` : `0.${digits.padStart(PLACES, '0')}`;
}

/** The same where there may be none: Binance writes zero. */
export function text8OrZero(value: Decimal | null): string {
  return value === null ? ZERO8 : text8(value);
}
