import { Injectable } from '@nestjs/common';
import { VenueError } from '#libs/exchanges/contract';
import { Clock, IdSource } from '#libs/kernel';
import { BalanceCheck } from './balance-check.js';
import { BalanceLook } from './balance-look.js';
import { DiscrepancyStore } from './discrepancy-store.js';
import { FillSweep } from './fill-sweep.js';
import { OrderCheck } from './order-check.js';
import { ReconciliationLog } from './reconciliation-log.js';
import { ReconciliationMetrics } from './reconciliation-metrics.js';
import type { RunContext, RunScope } from './run-context.js';
import { RunStore } from './run-store.js';
import type { Run, RunCause, RunOutcome } from './run-store.js';
import type { VenueDoor } from './venue-doors.js';

/** One run of one account, from the first question to its row. Never throws: a run that fails says so in its outcome. */
@Injectable()
export class AccountRun {
  constructor(
    private readonly orders: OrderCheck,
    private readonly fills: FillSweep,
    private readonly looks: BalanceLook,
    private readonly balances: BalanceCheck,
    private readonly discrepancies: DiscrepancyStore,
    private readonly runs: RunStore,
    private readonly metrics: ReconciliationMetrics,
    private readonly clock: Clock,
    private readonly ids: IdSource,
    private readonly log: ReconciliationLog,
  ) {}

  /** @param isHeld whether the account is still ours: asked again before anything is concluded */
  async perform(door: VenueDoor, cause: RunCause, scope: RunScope, isHeld: () => boolean): Promise<Run> {
    const context: RunContext = {
      door,
      cause,
      scope,
      startedAtMs: this.clock.nowMs(),
      counts: { scope },
      waiting: new Set(),
      differs: new Set(),
      dirtySymbols: new Set(),
      unreadable: new Set(),
      isHeld,
    };
    let outcome: RunOutcome = 'failed';
    try {
      await this.steps(context);
      outcome = outcomeOf(context);
    } catch (error) {
      // A bug must be seen as one; what the venue and the database do is expected.
      context.counts['error'] = errorWord(error);
      this.log.warn('reconciliation failed', { account: door.name, cause, scope, error: errorWord(error) });
    }
    return this.written(context, outcome);
  }

  /** How long a difference must stand before it may be booked, ms. */
  settleMs(door: VenueDoor): number {
    return this.balances.settleMs({ door });
  }

  private async steps(context: RunContext): Promise<void> {
    const { door, scope } = context;
    const symbols = new Set(await this.looks.markets(door, scope === 'all' ? 'all' : null));
    if (scope !== 'balances') {
      for (const symbol of await this.orders.run(context)) symbols.add(symbol);
      if (scope === 'all') await this.orders.recent(context, symbols);
      this.metrics.succeeded('orders', this.clock.nowMs());
    }
    if (scope === 'orders') {
      if (context.dirtySymbols.size > 0) await this.fills.run(context, context.dirtySymbols);
      return;
    }
    await this.balances.run(context, symbols);
    const nowMs = this.clock.nowMs();
    for (const loop of ['fills', 'balances'] as const) this.metrics.succeeded(loop, nowMs);
    if (context.cause === 'daily') this.metrics.succeeded('daily', nowMs);
  }

  private async written(context: RunContext, outcome: RunOutcome): Promise<Run> {
    if (context.waiting.size > 0) context.counts['waiting'] = [...context.waiting].toSorted();
    if (context.differs.size > 0) context.counts['differs'] = [...context.differs].toSorted();
    const run: Run = {
      id: this.ids.uuid(),
      account: context.door.name,
      cause: context.cause,
      startedAtMs: context.startedAtMs,
      finishedAtMs: this.clock.nowMs(),
      outcome,
      counts: context.counts,
    };
    try {
      await this.runs.add(run);
      this.metrics.discrepanciesOpen(await this.discrepancies.countOpen());
    } catch (error) {
      this.log.error('reconciliation run not written', { account: run.account, outcome, error: errorWord(error) });
    }
    return run;
  }
}

function outcomeOf({ differs, waiting }: RunContext): RunOutcome {
  if (differs.size > 0) return 'differs';
  return waiting.size > 0 ? 'waiting' : 'agreed';
}

/** A word without addresses, keys or bodies. */
function errorWord(error: unknown): string {
  if (error instanceof VenueError) return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
