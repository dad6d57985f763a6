/**
 * How plain decimal text is held in numbers without losing a character: whole part, fraction read as an integer, and
 * how many digits the fraction had. `"61837.63000000"` is 61837, 63000000 and 8.
 */

/** More digits than this in the whole part or in the fraction are not held in numbers. Below 2^53 in any case. */
export const DIGITS_MAX = 15;

/** Powers of ten that a double holds exactly. */
export const POWER_OF_TEN: readonly number[] = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** Plain decimal text as venues write it: digits, and at most one point with digits on both sides. */
const PLAIN = /^\d+(?:\.\d+)?$/;
/** The same, and it can be rebuilt from numbers: no superfluous leading zero, no more digits than fit. */
const COMPACT = /^(0|[1-9]\d{0,14})(?:\.(\d{1,15}))?$/;
const ZERO = /^[0.]+$/;

export function isPlainDecimal(text: string): boolean {
  return PLAIN.test(text);
}

/** True for zero in any spelling: `0`, `0.00000000`, `000.0`. */
export function isZeroText(text: string): boolean {
  return ZERO.test(text);
}

/** The exact text again: the inverse of reading it. */
export function textOfDigits(whole: number, fraction: number, decimals: number): string {
  if (decimals === 0) return String(whole);
  return `${whole}.${String(fraction).padStart(decimals, '0')}`;
}

/** Whole part, fraction and decimals of compact text; `null` where the text cannot be rebuilt from numbers. */
export function digitsOfText(text: string): readonly [whole: number, fraction: number, decimals: number] | null {
  const match = COMPACT.exec(text);
  if (match === null) return null;
  const fraction = match[2];
  if (fraction === undefined) return [Number(match[1]), 0, 0];
  return [Number(match[1]), Number(fraction), fraction.length];
}

/** Which of two plain decimal texts is greater: negative, zero or positive. Exact for any number of digits. */
export function compareDecimalTexts(a: string, b: string): number {
  const [wholeA, fractionA] = comparable(a);
  const [wholeB, fractionB] = comparable(b);
  if (wholeA.length !== wholeB.length) return wholeA.length - wholeB.length;
  if (wholeA !== wholeB) return wholeA < wholeB ? -1 : 1;
  if (fractionA === fractionB) return 0;
  return fractionA < fractionB ? -1 : 1;
}

/** Without the zeros that mean nothing, so that text order of equal-length whole parts, then of fractions, is number order. */
function comparable(text: string): readonly [whole: string, fraction: string] {
  const point = text.indexOf('.');
  const whole = point < 0 ? text : text.slice(0, point);
  const fraction = point < 0 ? '' : text.slice(point + 1);
  return [whole.replace(/^0+/, ''), fraction.replace(/0+$/, '')];
}
