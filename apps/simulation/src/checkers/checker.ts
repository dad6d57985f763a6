import type { OrderState } from '#libs/orders';
import type { SimOrder } from '#libs/venue-simulator';
import type { OrderRow } from '../store/memory-database.js';
import type { FinishedRun } from '../workload/run.js';

/** Something that must hold and does not. */
export interface Violation {
  readonly invariant: string;
  readonly text: string;
}

/** A run with what several checkers need, worked out once. */
export interface Evidence {
  readonly run: FinishedRun;
  /** Every journaled order, folded from its committed events. */
  readonly orders: readonly { readonly row: OrderRow; readonly state: OrderState }[];
  /** What the venue holds, by the client id it was placed with. */
  readonly atVenue: ReadonlyMap<string, readonly SimOrder[]>;
}

/** Collects what one invariant finds, and counts what it has looked at: a check that looked at nothing proves nothing. */
export class Findings {
  readonly violations: Violation[] = [];
  checked = 0;

  constructor(private readonly invariant: string) {}

  /** @param text says what is wrong; made only where something is. */
  expect(holds: boolean, text: () => string): void {
    this.checked += 1;
    if (!holds) this.violations.push({ invariant: this.invariant, text: text() });
  }
}

/** One invariant of the order protocol, looked for in the evidence of a whole run. */
export interface Checker {
  readonly invariant: string;
  readonly about: string;
  check(evidence: Evidence, findings: Findings): void;
}
