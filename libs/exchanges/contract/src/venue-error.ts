/** `not-sent`: nothing reached the venue. `refused`: the venue said no. `unknown`: it may have been done; only asking tells. */
export type Outcome = 'not-sent' | 'refused' | 'unknown';

/** Every way a venue call can fail, in our words. Each has a heading in docs/errors.md. */
export const VENUE_ERROR_CODES = [
  'auth-failed',
  'permission-denied',
  'clock-skew',
  'rate-limited',
  'ip-banned',
  'order-rate-limited',
  'invalid-request',
  'invalid-symbol',
  'filter-violation',
  'insufficient-funds',
  'insufficient-liquidity',
  'duplicate-client-order-id',
  'post-only-would-take',
  'stop-would-trigger',
  'market-closed',
  'order-not-found',
  'cancel-rejected',
  'amend-rejected',
  'partial-outcome',
  'unsupported-by-venue',
  'stream-expired',
  'unknown-outcome',
  'venue-unavailable',
  'unreadable-answer',
] as const;
export type VenueErrorCode = (typeof VENUE_ERROR_CODES)[number];

export interface VenueErrorDetails {
  readonly venue: string;
  readonly code: VenueErrorCode;
  readonly outcome: Outcome;
  /** The venue's own code (`-2010`, `HTTP 503`); `null` where it gave none. */
  readonly venueCode?: string | null;
  /** How long the venue asks us to stay silent. */
  readonly retryAfterMs?: number | null;
  /** The filter's name where `code` is `filter-violation`. */
  readonly filter?: string | null;
  readonly cause?: unknown;
}

/**
 * A venue call that did not succeed: what failed and what we know.
 * The message is built from allow-listed parts only: never a URL, a query, a header or a body.
 */
export class VenueError extends Error {
  override readonly name = 'VenueError';
  readonly venue: string;
  readonly code: VenueErrorCode;
  readonly outcome: Outcome;
  readonly venueCode: string | null;
  readonly retryAfterMs: number | null;
  readonly filter: string | null;

  constructor(message: string, details: VenueErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.venue = details.venue;
    this.code = details.code;
    this.outcome = details.outcome;
    this.venueCode = details.venueCode ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.filter = details.filter ?? null;
  }
}
