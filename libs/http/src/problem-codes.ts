import type { VenueErrorCode } from '#libs/exchanges/contract';

interface ProblemKind {
  /** The HTTP status it answers with, unless the thrower knows a better one. */
  readonly status: number;
  /** One line for people, the same for every occurrence (RFC 9457). */
  readonly title: string;
}

/** What a venue said, under the same word as `VenueErrorCode`: a venue code without a line here does not compile. */
const VENUE_PROBLEMS = {
  'auth-failed': { status: 422, title: 'The venue did not accept the credentials of the account' },
  'permission-denied': { status: 422, title: 'The credentials of the account may not do this at the venue' },
  'clock-skew': { status: 503, title: 'The venue refused our time stamp' },
  'rate-limited': { status: 503, title: 'The rate limit of the venue is used up' },
  'ip-banned': { status: 503, title: 'The venue has banned our address for a while' },
  'order-rate-limited': { status: 503, title: 'The order limit of the venue is used up' },
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'invalid-symbol': { status: 422, title: 'The venue does not know this symbol' },
  'filter-violation': { status: 422, title: 'The order breaks a filter of the instrument' },
  'insufficient-funds': { status: 422, title: 'The account does not hold enough' },
  'insufficient-liquidity': { status: 422, title: 'The market cannot fill this order' },
  'duplicate-client-order-id': { status: 422, title: 'The client order id is already taken' },
  'post-only-would-take': { status: 422, title: 'A post-only order would have taken liquidity' },
  'stop-would-trigger': { status: 422, title: 'The stop would trigger at once' },
  'market-closed': { status: 422, title: 'The market is not trading' },
  'order-not-found': { status: 404, title: 'There is no such order' },
  'cancel-rejected': { status: 409, title: 'The venue did not cancel the order' },
  'amend-rejected': { status: 409, title: 'The venue did not amend the order' },
  'partial-outcome': { status: 502, title: 'The venue carried out only a part of it' },
  'unsupported-by-venue': { status: 422, title: 'The venue cannot do this' },
  'stream-expired': { status: 503, title: 'The stream of the venue has expired' },
  'unknown-outcome': { status: 504, title: 'It is not known whether the venue carried it out' },
  'venue-unavailable': { status: 503, title: 'The venue cannot be reached' },
  'unreadable-answer': { status: 502, title: 'The answer of the venue could not be read' },
} as const satisfies Record<VenueErrorCode, ProblemKind>;

/** Every `code` a problem can carry: the closed set. Each has a heading in docs/errors.md. */
export const PROBLEMS = {
  ...VENUE_PROBLEMS,
  unauthenticated: { status: 401, title: 'A valid API key is needed' },
  forbidden: { status: 403, title: 'The API key may not do this' },
  'ip-blocked': { status: 403, title: 'This address may not use the API' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'account-not-found': { status: 404, title: 'There is no such account' },
  'venue-not-found': { status: 404, title: 'There is no such venue' },
  'instrument-not-found': { status: 404, title: 'The venue has no such instrument' },
  'api-key-not-found': { status: 404, title: 'There is no such API key' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  'idempotency-conflict': { status: 409, title: 'The key was used before with another body' },
  'order-not-cancelable': { status: 409, title: 'The order can no longer be canceled' },
  'order-not-amendable': { status: 409, title: 'The order cannot be amended in this state' },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'uri-too-long': { status: 414, title: 'The address is too long' },
  'unsupported-media-type': { status: 415, title: 'The body must be JSON' },
  'rejected-by-venue': { status: 422, title: 'The venue rejected the order' },
  'risk-limit': { status: 422, title: 'A risk limit refused the order' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'The gateway failed' },
  'circuit-open': { status: 503, title: 'The venue fails too often, so nothing is sent to it for a while' },
  'database-unavailable': { status: 503, title: 'The database cannot be reached' },
  draining: { status: 503, title: 'The gateway is shutting down' },
  'kill-switch-engaged': { status: 503, title: 'The kill switch is engaged' },
  'not-ready': { status: 503, title: 'The gateway is still starting' },
  overloaded: { status: 503, title: 'The gateway has more to do than it can' },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];

/** `type` of a problem: a name, not an address; docs/errors.md has a heading for each. */
export function problemType(code: ProblemCode): string {
  return `urn:breakwater:problem:${code}`;
}
