import type { Violation } from '../checkers/checker.js';

/** What became of one seed, as it travels from the process that ran it. */
export interface SeedOutcome {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** How often each invariant was looked at. */
  readonly checked: Readonly<Record<string, number>>;
  /** How often each kind of fault struck. */
  readonly faults: Readonly<Record<string, number>>;
  /** Empty where the run did not come to its end. */
  readonly traceHash: string;
  readonly operations: number;
  readonly orders: number;
}

/** A run that broke instead of ending: a violation of its seed like any other. */
export function crashed(seed: number, text: string): SeedOutcome {
  return { seed, violations: [{ invariant: CRASH, text }], checked: {}, faults: {}, traceHash: '', operations: 0, orders: 0 };
}

/** The name under which a throw, a rejection that nobody handled, and a run without end are reported. */
export const CRASH = 'CRASH';
