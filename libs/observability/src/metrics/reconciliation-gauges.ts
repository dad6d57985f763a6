import { Counter, Gauge, type Registry } from 'prom-client';

const MS_PER_SECOND = 1_000;

/** What reconciliation counts: it satisfies reconciliation's own port by its shape. */
export class ReconciliationGauges {
  private readonly success: Gauge;
  private readonly open: Gauge;
  private readonly drifts: Counter;
  private readonly late: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.success = new Gauge({
      name: 'breakwater_reconcile_last_success_timestamp_seconds',
      help: 'When a loop last went through for an account.',
      labelNames: ['loop'],
      registers,
    });
    this.open = new Gauge({
      name: 'breakwater_reconcile_discrepancies_open',
      help: 'What does not agree with a venue and has neither been repaired nor explained.',
      labelNames: ['kind'],
      registers,
    });
    this.drifts = new Counter({
      name: 'breakwater_balance_drift_detected_total',
      help: 'Totals that differed at a venue twice in a row without an explanation.',
      registers,
    });
    this.late = new Counter({
      name: 'breakwater_order_late_appearance_total',
      help: 'Orders that were held as not created and appeared: must stay zero.',
      registers,
    });
  }

  /** @param atMs wall clock, ms */
  succeeded(loop: 'orders' | 'fills' | 'balances' | 'daily', atMs: number): void {
    this.success.set({ loop }, atMs / MS_PER_SECOND);
  }

  /** Kinds that are not named have none open. */
  discrepanciesOpen(counts: ReadonlyMap<string, number>): void {
    this.open.reset();
    for (const [kind, count] of counts) this.open.set({ kind }, count);
  }

  balanceDrift(): void {
    this.drifts.inc();
  }

  lateAppearance(): void {
    this.late.inc();
  }
}
