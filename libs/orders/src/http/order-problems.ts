import type { ProblemCode } from '#libs/http';

/** What an answer may be where another replica holds the account. */
export const HOP_PROBLEMS = ['not-ready', 'unknown-outcome'] as const satisfies readonly ProblemCode[];

/** How a new order may be refused. */
export const SUBMIT_PROBLEMS = [
  'account-not-found',
  'instrument-not-found',
  'filter-violation',
  'insufficient-funds',
  'unsupported-by-venue',
  'idempotency-conflict',
  'duplicate-client-order-id',
  'post-only-would-take',
  'stop-would-trigger',
  'market-closed',
  'rate-limited',
  'venue-unavailable',
  'database-unavailable',
  'draining',
  'kill-switch-engaged',
  ...HOP_PROBLEMS,
] as const satisfies readonly ProblemCode[];
