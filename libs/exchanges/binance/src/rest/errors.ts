import { VenueError, type Outcome, type VenueErrorCode } from '#libs/exchanges/contract';
import { parseLosslessJson, TransportError } from '#libs/exchanges/transport';
import { DESCRIPTIONS, verdict } from './error-table.js';
import { UnreadableAnswer } from './responses.js';
import { BAN_MS_MAX, bannedUntilMs, retryAfterMs } from './retry-after.js';

export const VENUE = 'binance';

/** `command` changes something at the venue; `read` does not, so that nothing is at stake when its outcome is unknown. */
export type CallKind = 'command' | 'read';

/** What came back instead of success. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | null;
}

/** Binance's own code and text; `null` where the body is none of its JSON (a proxy's page, nothing at all). */
export function venueCodeOf(body: string): { readonly code: number; readonly message: string } | null {
  let raw: unknown;
  try {
    raw = parseLosslessJson(body);
  } catch {
    return null;
  }
  if (typeof raw !== 'object' || raw === null) return null;
  const { code, msg } = raw as { code?: unknown; msg?: unknown };
  return typeof code === 'number' && Number.isInteger(code) ? { code, message: typeof msg === 'string' ? msg : '' } : null;
}

/**
 * An HTTP answer that is no success, as a `VenueError`.
 * A command was refused only where Binance's own JSON, with a code of the allow-list, says so under a 4xx status;
 * after everything else (5xx, a page of HTML, a code that is new) its outcome is unknown.
 */
export function errorFromAnswer(kind: CallKind, answer: Refusal, nowMs: number): VenueError {
  const venue = venueCodeOf(answer.body);
  return venue === null ? withoutCode(kind, answer) : errorFromCode(kind, { ...answer, ...venue }, nowMs);
}

export interface CodedRefusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly retryAfter: string | null;
}

/** The same for a code that is read already: an error of the WebSocket API, or one half of a cancel-replace. */
export function errorFromCode(kind: CallKind, refusal: CodedRefusal, nowMs: number): VenueError {
  const { status } = refusal;
  const said = verdict(refusal.code, refusal.message);
  const definite = said.refused && status >= 400 && status < 500;
  const code = codeFor(kind, status, said.code);
  return makeError(code, definite ? 'refused' : undecided(kind, status), {
    venueCode: `${refusal.code}`,
    filter: said.filter,
    retryAfterMs: silenceMs(code, status, refusal.retryAfter, refusal.message, nowMs),
  });
}

function codeFor(kind: CallKind, status: number, said: VenueErrorCode): VenueErrorCode {
  if (status === 418) return 'ip-banned';
  if (said === 'unknown-outcome' && kind === 'read') return 'venue-unavailable';
  return said;
}

/** A read that failed is known to have changed nothing; where the venue answered at all, it said no. */
function undecided(kind: CallKind, status: number): Outcome {
  return kind === 'read' && status < 500 ? 'refused' : 'unknown';
}

/** 403: the firewall (HTML). 410, 451: page or nothing. 5xx: anything. None of them proves that a command was not carried out. */
function withoutCode(kind: CallKind, { status, retryAfter }: Refusal): VenueError {
  const code = codeOfStatus(kind, status);
  return makeError(code, undecided(kind, status), {
    venueCode: `HTTP ${status}`,
    filter: null,
    retryAfterMs: silenceMs(code, status, retryAfter, '', 0),
  });
}

function codeOfStatus(kind: CallKind, status: number): VenueErrorCode {
  switch (status) {
    case 403:
    case 429:
      return 'rate-limited';
    case 418:
      return 'ip-banned';
    case 410:
      return 'invalid-request';
    case 451:
      return 'permission-denied';
    default:
      return kind === 'read' ? 'venue-unavailable' : 'unknown-outcome';
  }
}

/** Whether a refusal says for how long to be silent, in its header or its text. */
export function namesItsSilence(answer: Refusal): boolean {
  return retryAfterMs(answer.retryAfter).ok || bannedUntilMs(answer.body) !== null;
}

/** Where nobody says for how long: short at first, for it may have been a proxy's mood; whoever guesses again waits longer each time. */
const SILENCE_MS: Readonly<Record<number, number>> = { 403: 10_000, 429: 5_000, 418: 30_000 };

function silenceMs(code: VenueErrorCode, status: number, header: string | null, message: string, nowMs: number): number | null {
  if (code !== 'rate-limited' && code !== 'ip-banned' && code !== 'order-rate-limited') return null;
  const asked = retryAfterMs(header);
  if (asked.ok) return asked.value;
  const untilMs = bannedUntilMs(message);
  if (untilMs !== null) return Math.min(Math.max(0, untilMs - nowMs), BAN_MS_MAX);
  return SILENCE_MS[status] ?? 5_000;
}

/** A request without a whole answer. */
export function errorFromTransport(kind: CallKind, error: TransportError): VenueError {
  if (error.outcome === 'not-sent')
    return makeError('venue-unavailable', 'not-sent', { venueCode: null, filter: null, retryAfterMs: null, detail: error.message });
  return makeError(kind === 'read' ? 'venue-unavailable' : 'unknown-outcome', 'unknown', {
    venueCode: null,
    filter: null,
    retryAfterMs: null,
    detail: error.message,
  });
}

/** A success that we cannot read: the command was received, and nothing more is known. */
export function errorFromUnreadable(error: UnreadableAnswer | SyntaxError): VenueError {
  return makeError('unreadable-answer', 'unknown', { venueCode: null, filter: null, retryAfterMs: null, detail: error.message });
}

/** Refused by ourselves before a byte was sent. */
export function notSent(code: VenueErrorCode, detail: string, retryAfter: number | null = null): VenueError {
  return makeError(code, 'not-sent', { venueCode: null, filter: null, retryAfterMs: retryAfter, detail });
}

interface Details {
  readonly venueCode: string | null;
  readonly filter: string | null;
  readonly retryAfterMs: number | null;
  /** Our own words only. */
  readonly detail?: string;
}

function makeError(code: VenueErrorCode, outcome: Outcome, details: Details): VenueError {
  const parts = [details.filter, details.venueCode, details.detail].filter((part) => part !== null && part !== undefined);
  const message = parts.length === 0 ? DESCRIPTIONS[code] : `${DESCRIPTIONS[code]} (${parts.join(', ')})`;
  return new VenueError(message, { venue: VENUE, code, outcome, ...details });
}

/** Turns whatever was thrown while an answer was read into a `VenueError`; bugs pass through. */
export function asVenueError(kind: CallKind, error: unknown): unknown {
  if (error instanceof TransportError) return errorFromTransport(kind, error);
  if (error instanceof UnreadableAnswer || error instanceof SyntaxError) return errorFromUnreadable(error);
  return error;
}
