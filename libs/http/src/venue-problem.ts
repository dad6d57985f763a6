import type { VenueError } from '#libs/exchanges/contract';
import { ProblemException, type ProblemOptions } from './problem-exception.js';

/**
 * The problem that tells a client what a venue said. The code stays the same word, the message of a `VenueError` holds no secret.
 * `overrides` adds what only the caller knows: `orderId`, or `status: 422` for an order that was refused.
 */
export function problemFromVenueError(error: VenueError, overrides: ProblemOptions = {}): ProblemException {
  return new ProblemException(error.code, error.message, {
    retryAfterMs: error.retryAfterMs,
    venueCode: error.venueCode,
    cause: error,
    ...overrides,
  });
}
