import type { RandomSource } from './random.js';

export interface BackoffOptions {
  /** Upper bound of the first wait, ms. */
  readonly firstMs: number;
  /** Upper bound of every wait, ms. */
  readonly maxMs: number;
  /** No wait is shorter than this, ms: full jitter may otherwise give nothing. */
  readonly minMs: number;
}

/**
 * How long to wait before attempt number `attempt` (0 is the first repetition), ms.
 * Full jitter: anything between `minMs` and the doubled bound, so that many clients do not come back at once.
 */
export function backoffMs(attempt: number, options: BackoffOptions, random: RandomSource): number {
  const bound = Math.min(options.maxMs, options.firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(options.minMs + random() * Math.max(0, bound - options.minMs));
}
