import { isDecimalText, decimal, type Decimal } from '#libs/kernel';

/** An answer that lacks something we must know. The message names the field, never its value. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer';
}

/** A JSON object as it came: every field is read by one of the functions below, which check it. */
export type Raw = Readonly<Record<string, unknown>>;

/** Written by hand, not by a schema library: an order's answer is on the hot path, and each field is read once. */
export function object(value: unknown, what: string): Raw {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new UnreadableAnswer(`${what} is no object`);
  return value as Raw;
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new UnreadableAnswer(`${what} is no list`);
  return value;
}

export function text(raw: Raw, field: string): string {
  const value = raw[field];
  if (typeof value !== 'string' || value === '') throw new UnreadableAnswer(`${field} is no text`);
  return value;
}

export function optionalText(raw: Raw, field: string): string | null {
  const value = raw[field];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** An id as text: a number within 2^53, or the digits of a larger one. */
export function id(raw: Raw, field: string): string {
  const value = raw[field];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return `${value}`;
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return value;
  throw new UnreadableAnswer(`${field} is no id`);
}

/** Milliseconds since 1970. Microseconds are taken down to milliseconds: a venue may be asked for either. */
export function timeMs(raw: Raw, field: string): number {
  const time = optionalTimeMs(raw, field);
  if (time === null) throw new UnreadableAnswer(`${field} is no time`);
  return time;
}

const MICROSECONDS_FROM = 100_000_000_000_000;

export function optionalTimeMs(raw: Raw, field: string): number | null {
  const value = raw[field];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) return null;
  return value >= MICROSECONDS_FROM ? Math.floor(value / 1_000) : value;
}

export function boolean(raw: Raw, field: string): boolean {
  const value = raw[field];
  if (typeof value !== 'boolean') throw new UnreadableAnswer(`${field} is no yes or no`);
  return value;
}

/** Exact decimal of a text. Binance writes decimals as strings; a JSON number came through the lossless parser as text too. */
export function amount(raw: Raw, field: string): Decimal {
  const value = raw[field];
  if (isDecimalText(value)) return decimal(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return decimal(`${value}`);
  throw new UnreadableAnswer(`${field} is no decimal`);
}

export function optionalAmount(raw: Raw, field: string): Decimal | null {
  return raw[field] === undefined || raw[field] === null ? null : amount(raw, field);
}

/** Decimal text that is passed on as it came, checked. */
export function amountText(raw: Raw, field: string): string {
  const value = raw[field];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return `${value}`;
  if (!isDecimalText(value)) throw new UnreadableAnswer(`${field} is no decimal`);
  return value;
}

export function optionalAmountText(raw: Raw, field: string): string | null {
  return raw[field] === undefined || raw[field] === null ? null : amountText(raw, field);
}
