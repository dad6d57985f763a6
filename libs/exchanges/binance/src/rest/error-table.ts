import type { VenueErrorCode } from '#libs/exchanges/contract';

/**
 * Which of Binance's codes mean what. A code stands here only when it proves that the request was not carried out:
 * everything that is not listed leaves a command's outcome unknown.
 * @see Binance `errors.md`, revision of 2026-07-21
 */
const REFUSALS: ReadonlyMap<number, VenueErrorCode> = new Map<number, VenueErrorCode>([
  [0, 'permission-denied'], // 451: restricted location.
  [-1002, 'auth-failed'],
  [-1003, 'rate-limited'],
  [-1013, 'invalid-request'],
  [-1015, 'order-rate-limited'],
  [-1016, 'venue-unavailable'],
  [-1021, 'clock-skew'],
  [-1022, 'auth-failed'],
  [-1034, 'rate-limited'],
  [-1111, 'filter-violation'],
  [-1112, 'insufficient-liquidity'],
  [-1121, 'invalid-symbol'],
  [-1122, 'invalid-symbol'],
  [-1125, 'stream-expired'],
  [-1151, 'invalid-symbol'],
  [-1220, 'invalid-symbol'],
  [-2010, 'invalid-request'],
  [-2011, 'order-not-found'],
  [-2013, 'order-not-found'],
  [-2014, 'auth-failed'],
  [-2015, 'permission-denied'],
  [-2016, 'market-closed'],
  [-2022, 'cancel-rejected'],
  [-2026, 'order-not-found'],
  [-2035, 'invalid-request'],
  [-2036, 'invalid-request'],
  [-2038, 'amend-rejected'],
  [-2039, 'invalid-request'],
  [-2042, 'invalid-request'],
  [-2043, 'invalid-request'],
  ...invalidRequests(
    -1014,
    -1020,
    -1100,
    -1101,
    -1102,
    -1103,
    -1104,
    -1105,
    -1106,
    -1108,
    -1114,
    -1115,
    -1116,
    -1117,
    -1118,
    -1119,
    -1120,
    -1127,
    -1128,
    -1130,
    -1134,
    -1135,
    -1145,
    -1158,
    -1159,
    -1160,
    -1161,
    -1162,
    -1163,
    -1164,
    -1165,
    -1166,
    -1167,
    -1168,
    -1196,
    -1197,
    -1198,
    -1199,
    -1210,
    -1211,
  ),
]);

/** Binance says itself that it does not know, or that it may still be working on it. */
const UNDECIDED: ReadonlyMap<number, VenueErrorCode> = new Map<number, VenueErrorCode>([
  [-1000, 'unknown-outcome'],
  [-1001, 'unknown-outcome'],
  [-1006, 'unknown-outcome'],
  [-1007, 'unknown-outcome'],
  [-1008, 'venue-unavailable'],
  [-2021, 'partial-outcome'],
]);

function invalidRequests(...codes: readonly number[]): [number, VenueErrorCode][] {
  return codes.map((code) => [code, 'invalid-request']);
}

/** -2010 and -2011 say what happened only in their text (`errors.md`, "Messages for -1010, -2010, -2011, -2038"). */
const BY_TEXT: readonly (readonly [pattern: RegExp, code: VenueErrorCode])[] = [
  [/insufficient balance/i, 'insufficient-funds'],
  [/duplicate order/i, 'duplicate-client-order-id'],
  [/immediately match and take/i, 'post-only-would-take'],
  [/trigger immediately/i, 'stop-would-trigger'],
  [/market is closed/i, 'market-closed'],
  [/not permitted|restricted for this account|may not place or cancel|action is disabled/i, 'permission-denied'],
  [/cancel restrictions/i, 'cancel-rejected'],
  [/liquidity/i, 'insufficient-liquidity'],
  [/zero or less/i, 'filter-violation'],
];

export interface Verdict {
  readonly code: VenueErrorCode;
  /** True only when the code proves that a command was not carried out. */
  readonly refused: boolean;
  readonly filter: string | null;
}

/** What Binance's code and text say, by the table alone. */
export function verdict(venueCode: number, message: string): Verdict {
  const filter = venueCode === -1013 ? /^Filter failure: ([A-Z_]{1,40})/.exec(message)?.[1] : undefined;
  if (filter !== undefined) return { code: 'filter-violation', refused: true, filter };
  if (venueCode === -1111) return { code: 'filter-violation', refused: true, filter: 'PRECISION' };
  if (venueCode === -1003 && /banned/i.test(message)) return { code: 'ip-banned', refused: true, filter: null };
  if (venueCode === -2010 || venueCode === -2011) {
    const code = BY_TEXT.find(([pattern]) => pattern.test(message))?.[1] ?? REFUSALS.get(venueCode)!;
    // A duplicate names an order that is open: it may be this very one, brought by a request that arrived twice.
    return { code, refused: code !== 'duplicate-client-order-id', filter: null };
  }
  const refusal = REFUSALS.get(venueCode);
  if (refusal !== undefined) return { code: refusal, refused: true, filter: null };
  return { code: UNDECIDED.get(venueCode) ?? 'unknown-outcome', refused: false, filter: null };
}

/** Our own words for each kind of failure: nothing that a venue or a proxy wrote gets into a message. */
export const DESCRIPTIONS: Readonly<Record<VenueErrorCode, string>> = {
  'auth-failed': 'the venue did not accept the key or its signature',
  'permission-denied': 'the key or the account may not do this at the venue',
  'clock-skew': 'the timestamp was outside the window that the venue accepts',
  'rate-limited': 'the venue asked for fewer requests',
  'ip-banned': 'the venue has banned this address for a while',
  'order-rate-limited': 'the venue asked for fewer new orders',
  'invalid-request': 'the venue did not accept the request as it was',
  'invalid-symbol': 'the venue has no such market, or does not trade it now',
  'filter-violation': 'a filter of the market was violated',
  'insufficient-funds': 'the account has not enough funds',
  'insufficient-liquidity': 'the book does not hold enough to fill this',
  'duplicate-client-order-id': 'an open order has this client order id already',
  'post-only-would-take': 'the order would have taken liquidity at once',
  'stop-would-trigger': 'the stop would have triggered at once',
  'market-closed': 'the market is closed',
  'order-not-found': 'the venue knows no such open order',
  'cancel-rejected': 'the venue did not cancel the order',
  'amend-rejected': 'the venue did not amend the order',
  'partial-outcome': 'one half was carried out, the other was not',
  'unsupported-by-venue': 'the venue cannot do this',
  'stream-expired': 'the stream has expired',
  'unknown-outcome': 'it is not known whether the venue carried it out',
  'venue-unavailable': 'the venue cannot be reached, or cannot answer now',
  'unreadable-answer': 'the answer could not be read',
};
