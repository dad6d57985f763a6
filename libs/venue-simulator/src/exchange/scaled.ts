import { Decimal, invariant } from '#libs/kernel';

/**
 * Decimals as whole numbers of a small unit. Inside the engine prices are ticks and quantities are steps (plain numbers, checked to be
 * safe integers), amounts of money are bigints of 10^-8: exact, and far cheaper than decimal objects on every match.
 */

/** Digits after the point of every balance, quote amount and fee. */
export const ASSET_DECIMALS = 8;

const POWERS = Array.from({ length: 16 }, (_, n) => 10 ** n);
const FAST_DIGITS_MAX = 15;
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** 10^n as a bigint; n ≥ 0. */
export function tenTo(n: number): bigint {
  return 10n ** BigInt(n);
}

/** How many digits after the point the value really has; trailing zeros do not count. */
export function decimalPlaces(value: Decimal): number {
  return Math.max(0, value.c.length - 1 - value.e);
}

/** `value × 10^decimals`, or `undefined` when that is not whole. */
export function toUnits(value: Decimal, decimals: number): bigint | undefined {
  const zeros = decimals - (value.c.length - 1 - value.e);
  if (zeros < 0) return value.c.length === 1 && value.c[0] === 0 ? 0n : undefined;
  let digits = 0n;
  for (const digit of value.c) digits = digits * 10n + BigInt(digit);
  const units = digits * tenTo(zeros);
  return value.s < 0 ? -units : units;
}

/** As `toUnits`, as a plain number; `undefined` also when it is not a safe integer. */
export function toSafeUnits(value: Decimal, decimals: number): number | undefined {
  const length = value.c.length;
  const zeros = decimals - (length - 1 - value.e);
  if (zeros < 0) return length === 1 && value.c[0] === 0 ? 0 : undefined;
  if (length + zeros <= FAST_DIGITS_MAX) {
    let digits = 0;
    for (let i = 0; i < length; i += 1) digits = digits * 10 + value.c[i]!;
    const units = digits * POWERS[zeros]!;
    return value.s < 0 ? -units : units;
  }
  const units = toUnits(value, decimals);
  if (units === undefined || units > SAFE_MAX || units < -SAFE_MAX) return undefined;
  return Number(units);
}

/** The decimal `units × 10^-decimals`. */
export function fromUnits(units: bigint | number, decimals: number): Decimal {
  const negative = units < 0;
  const digits = (negative ? -units : units).toString().padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  const text = decimals === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return new Decimal(negative ? `-${text}` : text);
}

/** The bigint as a plain number; it must be a safe integer. */
export function safeNumber(value: bigint): number {
  invariant(value <= SAFE_MAX, 'value is a safe integer');
  invariant(value >= -SAFE_MAX, 'value is a safe integer');
  return Number(value);
}

/** a ÷ b, rounded up; both positive or zero, b above zero. */
export function divideUp(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}
