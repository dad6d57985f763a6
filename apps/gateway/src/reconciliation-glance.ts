import { Inject, Injectable } from '@nestjs/common';
import { timeText } from '#libs/kernel';
import { DiscrepancyStore, RunStore } from '#libs/reconciliation';

const RUNS_MAX = 20;

/** How the books stand, for the status page; `null` where the database cannot say it now. */
@Injectable()
export class ReconciliationGlance {
  constructor(
    @Inject(RunStore) private readonly runs: RunStore,
    @Inject(DiscrepancyStore) private readonly discrepancies: DiscrepancyStore,
  ) {}

  async read(): Promise<Record<string, unknown> | null> {
    try {
      const [runs, open] = await Promise.all([this.runs.last(null, RUNS_MAX), this.discrepancies.countOpen()]);
      const newest = new Map(runs.toReversed().map((run) => [run.account, run]));
      return {
        openDiscrepancies: Object.fromEntries(open),
        lastRuns: [...newest.values()].map(({ account, cause, outcome, finishedAtMs }) => ({
          account,
          cause,
          outcome,
          finishedAt: timeText(finishedAtMs),
        })),
      };
    } catch {
      return null;
    }
  }
}
