import type { SeedOutcome } from './seed-outcome.js';

/** Seeds to be played, in this order. */
export interface ToWorker {
  readonly seeds: readonly number[];
}

/** `ready`: it has nothing to do. */
export type FromWorker = { readonly kind: 'ready' } | { readonly kind: 'outcome'; readonly outcome: SeedOutcome };
