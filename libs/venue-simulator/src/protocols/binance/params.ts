import { decimal } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import { BinanceRefusal, illegalCharacters, invalidValue, missingParameter, refusal, tooPrecise } from './refusal.js';

const DECIMAL_LEGAL = '^([0-9]{1,20})(\\.[0-9]{1,20})?$';
const DECIMAL_PATTERN = /^([0-9]{1,20})(\.[0-9]{1,20})?$/;
const INTEGER_LEGAL = '^[0-9]{1,20}$';
const INTEGER_PATTERN = /^[0-9]{1,15}$/;
const FRACTION_DIGITS_MAX = 8;

/** The parameters of one request as text, however they came (query, form body or JSON). Readers refuse as Binance does. */
export class Params {
  constructor(private readonly values: ReadonlyMap<string, string>) {}

  has(name: string): boolean {
    return this.values.has(name);
  }

  names(): IterableIterator<string> {
    return this.values.keys();
  }

  /** As it came; empty when it was not sent. */
  raw(name: string): string {
    return this.values.get(name) ?? '';
  }

  /** `null` when it was not sent; sent but empty is refused. */
  text(name: string): string | null {
    const value = this.values.get(name);
    if (value === undefined) return null;
    if (value === '') throw new BinanceRefusal(-1105, `Parameter '${name}' was empty.`);
    return value;
  }

  required(name: string): string {
    const value = this.values.get(name);
    if (value === undefined || value === '') throw missingParameter(name);
    return value;
  }

  matching(name: string, pattern: RegExp, legal: string): string | null {
    const value = this.text(name);
    if (value !== null && !pattern.test(value)) throw illegalCharacters(name, legal);
    return value;
  }

  /** A plain decimal with at most 8 places. */
  decimal(name: string): Decimal | null {
    const text = this.matching(name, DECIMAL_PATTERN, DECIMAL_LEGAL);
    if (text === null) return null;
    const point = text.indexOf('.');
    if (point >= 0 && significantFraction(text, point) > FRACTION_DIGITS_MAX) throw tooPrecise(name);
    return decimal(text);
  }

  requiredDecimal(name: string): Decimal {
    const value = this.values.has(name) ? this.decimal(name) : null;
    if (value === null) throw missingParameter(name);
    return value;
  }

  integer(name: string): number | null {
    const text = this.matching(name, INTEGER_PATTERN, INTEGER_LEGAL);
    return text === null ? null : Number.parseInt(text, 10);
  }

  /** `limit` with its default and its maximum; above the maximum it is the maximum, below 1 it is refused. */
  limit(byDefault: number, max: number): number {
    const value = this.integer('limit');
    if (value === null) return byDefault;
    if (value < 1) throw invalidValue('limit');
    return Math.min(value, max);
  }

  /** A time in ms; Binance takes microseconds too. */
  timeMs(name: string): number | null {
    const value = this.integerText(name);
    if (value === null) return null;
    return value.length >= 16 ? Number.parseInt(value.slice(0, -3), 10) : Number.parseInt(value, 10);
  }

  boolean(name: string): boolean | null {
    const value = this.text(name);
    if (value === null) return null;
    if (value !== 'true' && value !== 'false') throw illegalCharacters(name, '^(true|false)$');
    return value === 'true';
  }

  /** One of a closed set; anything else is refused as an invalid value. */
  choice<T extends string>(name: string, allowed: readonly T[]): T | null {
    const value = this.text(name);
    if (value === null) return null;
    if (!(allowed as readonly string[]).includes(value)) throw invalidValue(name);
    return value as T;
  }

  /** Refuses names that the operation does not know, as -1104 does. */
  refuseUnknown(known: ReadonlySet<string>): void {
    let read = 0;
    for (const name of this.values.keys()) if (known.has(name)) read += 1;
    const sent = this.values.size;
    if (read < sent) {
      throw new BinanceRefusal(-1104, `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${sent}'.`);
    }
  }

  private integerText(name: string): string | null {
    return this.matching(name, /^[0-9]{1,17}$/, INTEGER_LEGAL);
  }
}

function significantFraction(text: string, point: number): number {
  let end = text.length;
  while (end > point + 1 && text.charCodeAt(end - 1) === 48) end -= 1;
  return end - point - 1;
}

/**
 * Reads percent-encoded `a=b&c=d` from the query and the body. A name in both keeps the query's value; a name twice in one
 * of them is refused.
 */
export function readUrlEncoded(query: string, body: string): Map<string, string> {
  const values = new Map<string, string>();
  readPart(query, values);
  if (values.size === 0) readPart(body, values);
  else if (body !== '') {
    const fromBody = new Map<string, string>();
    readPart(body, fromBody);
    for (const [name, value] of fromBody) if (!values.has(name)) values.set(name, value);
  }
  return values;
}

function readPart(text: string, into: Map<string, string>): void {
  const isPlain = !text.includes('%') && !text.includes('+');
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('&', start);
    if (end < 0) end = text.length;
    if (end > start) {
      const equals = text.indexOf('=', start);
      const split = equals < 0 || equals > end ? end : equals;
      const name = isPlain ? text.slice(start, split) : decode(text.slice(start, split));
      if (into.has(name)) throw refusal('duplicateParameter');
      const value = split === end ? '' : text.slice(split + 1, end);
      into.set(name, isPlain ? value : decode(value));
    }
    start = end + 1;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new BinanceRefusal(-1100, 'Illegal characters found in a parameter.');
  }
}

/** What was signed: the raw text of query and body as received, joined with nothing, without the `signature` pair. */
export function signedPayload(query: string, body: string): string {
  return withoutSignature(query) + withoutSignature(body);
}

function withoutSignature(text: string): string {
  const at = text.startsWith('signature=') ? 0 : text.indexOf('&signature=');
  if (at < 0) return text;
  const end = text.indexOf('&', at + 1);
  const rest = end < 0 ? '' : text.slice(end);
  return at === 0 ? rest.slice(1) : text.slice(0, at) + rest;
}
