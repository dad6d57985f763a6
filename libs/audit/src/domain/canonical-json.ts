import { InvariantViolation } from '#libs/kernel';

/** What may stand in the data of an event. Amounts are text, so that no number is ever rounded; numbers are whole and safe. */
export type JsonValue = string | number | boolean | null | undefined | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Postgres keeps neither NUL nor half of a surrogate pair in text; an odd name must not stop an order. */
const SUSPECT = /[\0\ud800-\udfff]/;
const UNSTORABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * JSON with keys in order and without white space (RFC 8785 for our subset): equal values give equal bytes, also after a trip through
 * `jsonb`. Properties that are `undefined` are left out.
 * @throws {InvariantViolation} for a number that is not a safe integer.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'string') return JSON.stringify(storableText(value));
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'object')
    return Array.isArray(value) ? arrayText(value as readonly JsonValue[]) : objectText(value as { readonly [key: string]: JsonValue });
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new InvariantViolation('numbers in audit data are safe integers');
  return Object.is(value, -0) ? '0' : String(value);
}

/** The same text without what Postgres cannot store; each such character becomes U+FFFD. */
export function storableText(text: string): string {
  return SUSPECT.test(text) ? text.replace(UNSTORABLE, '\ufffd') : text;
}

function arrayText(items: readonly JsonValue[]): string {
  let text = '[';
  for (let index = 0; index < items.length; index += 1) text += (index === 0 ? '' : ',') + canonicalJson(items[index]);
  return `${text}]`;
}

function objectText(object: { readonly [key: string]: JsonValue }): string {
  const keys = Object.keys(object);
  if (!isSorted(keys)) keys.sort();
  let text = '{';
  for (const key of keys) {
    const value = object[key];
    if (value === undefined) continue;
    text += (text.length === 1 ? '' : ',') + keyText(key) + canonicalJson(value);
  }
  return `${text}}`;
}

function isSorted(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index += 1) if (keys[index - 1]! > keys[index]!) return false;
  return true;
}

const KEY_TEXTS_MAX = 1_000;
/** The same few names in every event: quoted once. */
const keyTexts = new Map<string, string>();

function keyText(key: string): string {
  const known = keyTexts.get(key);
  if (known !== undefined) return known;
  const text = `${JSON.stringify(storableText(key))}:`;
  if (keyTexts.size < KEY_TEXTS_MAX) keyTexts.set(key, text);
  return text;
}
