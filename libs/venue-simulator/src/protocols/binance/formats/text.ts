import type { Decimal } from '#libs/kernel';

const PLACES = 8;
/** Amounts are never rounded up in an account's favour. */
const ROUND_DOWN = 0;

export const ZERO8 = '0.00000000';

/** Binance's way to write a number: eight decimals, `"0.01000000"`. */
export function text8(value: Decimal): string {
  return value.c[0] === 0 ? ZERO8 : value.toFixed(PLACES, ROUND_DOWN);
}

/** The same where there may be none: Binance writes zero. */
export function text8OrZero(value: Decimal | null): string {
  return value === null ? ZERO8 : text8(value);
}
