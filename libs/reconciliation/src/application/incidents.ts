import { Injectable } from '@nestjs/common';
import type { JsonValue } from '#libs/audit';
import { Clock, Scheduler, pauseFor } from '#libs/kernel';
import { DiscrepancyStore } from './discrepancy-store.js';
import type { Sighting } from './discrepancy-store.js';
import { ReconciliationLog } from './reconciliation-log.js';
import { ReconciliationMetrics } from './reconciliation-metrics.js';
import { ReconciliationSettings } from './reconciliation-settings.js';

/** Something about an order that must never happen, or that people must see. */
export interface Incident {
  /** `late-appearance`, `overfill`, `fill-voided`, … */
  readonly kind: string;
  readonly account: string;
  /** `null` where it is about the account. */
  readonly orderId: string | null;
  readonly symbol: string | null;
  readonly detail: Readonly<Record<string, JsonValue>>;
}

/** Where the engine reports incidents. */
export abstract class Incidents {
  /** Returns at once and never throws; the row is written behind, again and again until the database takes it. */
  abstract raise(incident: Incident): void;
  /** Resolves when every row raised so far is written. */
  abstract flushed(): Promise<void>;
}

/** Rows that wait for a database that is away, at most. Those beyond it are in the log only. */
const WAITING_MAX = 10_000;

/** Incidents as discrepancies: the same kind for the same order is one row. */
@Injectable()
export class DiscrepancyIncidents extends Incidents {
  private readonly waiting: { readonly sighting: Sighting; readonly atMs: number }[] = [];
  private writing: Promise<void> | null = null;

  constructor(
    private readonly discrepancies: DiscrepancyStore,
    private readonly metrics: ReconciliationMetrics,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly settings: ReconciliationSettings,
    private readonly log: ReconciliationLog,
  ) {
    super();
  }

  raise({ kind, account, orderId, symbol, detail }: Incident): void {
    this.log.error('order incident', { kind, account, orderId, symbol });
    if (kind === 'late-appearance') this.metrics.lateAppearance();
    if (this.waiting.length >= WAITING_MAX) return;
    const subject = orderId ?? symbol ?? account;
    this.waiting.push({ sighting: { account, kind, subject, detail: { ...detail, symbol } }, atMs: this.clock.nowMs() });
    this.begin();
  }

  async flushed(): Promise<void> {
    while (this.writing !== null) await this.writing;
  }

  private begin(): void {
    this.writing ??= this.write().finally(() => {
      this.writing = null;
      // Raised between the last look into the queue and now.
      if (this.waiting.length > 0) this.begin();
    });
  }

  private async write(): Promise<void> {
    for (let fails = 0; this.waiting.length > 0;) {
      const { sighting, atMs } = this.waiting[0]!;
      try {
        await this.discrepancies.see(sighting, atMs);
        this.waiting.shift();
        fails = 0;
      } catch (error) {
        fails += 1;
        this.log.warn('incident not written yet', { waiting: this.waiting.length, error: error instanceof Error ? error.name : 'unknown' });
        const waitMs = Math.min(this.settings.retryMs * 2 ** Math.min(fails, 10), this.settings.retryMaxMs);
        await pauseFor(this.scheduler, waitMs);
      }
    }
  }
}
