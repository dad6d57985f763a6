export type ReconcileLoop = 'orders' | 'fills' | 'balances' | 'daily';

/** What reconciliation counts. A port: the composition root connects it to the metrics registry. */
export abstract class ReconciliationMetrics {
  /** A loop went through for an account. @param atMs wall clock, ms */
  abstract succeeded(loop: ReconcileLoop, atMs: number): void;
  /** How many discrepancies are open now, by kind. */
  abstract discrepanciesOpen(counts: ReadonlyMap<string, number>): void;
  /** A total differs at the venue, and a second look saw the same. */
  abstract balanceDrift(): void;
  /** An order held as not created has appeared. */
  abstract lateAppearance(): void;
}

export class NoReconciliationMetrics extends ReconciliationMetrics {
  succeeded(): void {}
  discrepanciesOpen(): void {}
  balanceDrift(): void {}
  lateAppearance(): void {}
}
