import { errorFromCode, parseCancelReplace, UnreadableAnswer, type ToSymbol } from '#libs/exchanges/binance';
import { parseLosslessJson } from '#libs/exchanges/transport';
import { isSpotPath, readerOfPath, readerOfShape, type Reader } from './binance-readers.js';
import { differenceFrom } from './binance-expected.js';
import { failed, PASSED, refused, textOf, type CaseFields, type Verdict } from './case-file.js';

/** An HTTP answer: by its path where it is known, else by what it holds. */
export function judgeHttpAnswer(fields: CaseFields, raw: string, toSymbol: ToSymbol): Verdict {
  const path = textOf(fields, 'path') ?? pathOf(textOf(fields, 'url'));
  if (path !== null && !isSpotPath(path)) return refused(`not-spot-trading-endpoint: ${path}`);
  let value: unknown;
  try {
    value = parseLosslessJson(raw);
  } catch {
    return refused('not-json');
  }
  const error = judgeError(value, toSymbol);
  if (error !== null) return error;
  if (path === null) return judgeByShape(value, fields['expected'], toSymbol);
  const reader = readerOfPath(path);
  return reader === null ? refused(`endpoint-not-used: ${path}`) : read(reader, value, fields['expected'], toSymbol);
}

function pathOf(url: string | null): string | null {
  return url === null || !URL.canParse(url) ? null : new URL(url).pathname;
}

/** An answer of which nobody says what was asked. */
export function judgeByShape(value: unknown, expected: unknown, toSymbol: ToSymbol): Verdict {
  const reader = readerOfShape(value);
  return reader === null ? refused('unknown-shape') : read(reader, value, expected, toSymbol);
}

function read(reader: Reader, value: unknown, expected: unknown, toSymbol: ToSymbol): Verdict {
  try {
    const parsed = reader(value, toSymbol);
    const difference = differenceFrom(expected, parsed);
    return difference === null ? PASSED : failed(difference);
  } catch (error) {
    if (error instanceof UnreadableAnswer) return refused(`unreadable-answer: ${error.message}`);
    throw error;
  }
}

/** A refusal by the venue: its code must be one that the adapter knows. `null` where the answer is none. */
export function judgeError(value: unknown, toSymbol: ToSymbol, status = 400): Verdict | null {
  if (typeof value !== 'object' || value === null) return null;
  const { code, msg, data } = value as { code?: unknown; msg?: unknown; data?: unknown };
  if (typeof code !== 'number' || code > 0 || typeof msg !== 'string') return null;
  const error = errorFromCode('command', { status, code, message: msg, retryAfter: null }, 0);
  if (error.code === 'unknown-outcome' && !UNDECIDED.has(code)) return refused(`unknown-error-code: ${code}`);
  if (data !== undefined && (code === -2021 || code === -2022)) return read(parseCancelReplace, data, undefined, toSymbol);
  return PASSED;
}

/** Codes by which Binance says itself that it does not know: we know them, and know nothing more. */
const UNDECIDED: ReadonlySet<number> = new Set([-1000, -1001, -1006, -1007]);
