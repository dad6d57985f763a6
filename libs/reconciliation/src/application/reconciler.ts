import { Injectable } from '@nestjs/common';
import type { AccountEvent } from '#libs/exchanges/contract';
import { Clock, Scheduler, pauseFor } from '#libs/kernel';
import { AccountLeases } from '#libs/leases';
import { AccountRun } from './account-run.js';
import { PendingTransfers } from './pending-transfers.js';
import { ReconciliationLog } from './reconciliation-log.js';
import { ReconciliationSettings } from './reconciliation-settings.js';
import type { RunScope } from './run-context.js';
import { RunLane } from './run-lane.js';
import type { Run, RunCause } from './run-store.js';
import { VenueDoors } from './venue-doors.js';

/** How an account stands after a catch-up. Only `agreed` says that orders, fills and balances are equal or explained. */
export type CatchUpResult =
  | { readonly status: 'agreed'; readonly run: Run }
  /** Something cannot be judged yet or differs; `on` names it. Ask again. */
  | { readonly status: 'waiting' | 'differs' | 'failed'; readonly run: Run; readonly on: readonly string[] }
  /** Another replica holds the account, or it is not joined here. */
  | { readonly status: 'not-held' };

/**
 * Decides when to look: at the start and at each takeover, after each reconnect of the private stream, again and again, and on demand.
 * Only for accounts that this replica holds; one run of an account at a time.
 */
@Injectable()
export class Reconciler {
  private readonly lanes = new Map<string, RunLane>();
  private readonly failures = new Map<string, { readonly fails: number; readonly runId: string }>();
  private readonly timers = new Set<() => void>();
  private stopped = false;

  constructor(
    private readonly doors: VenueDoors,
    private readonly leases: AccountLeases,
    private readonly runs: AccountRun,
    private readonly pending: PendingTransfers,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly settings: ReconciliationSettings,
    private readonly log: ReconciliationLog,
  ) {}

  /** Begins the regular loops. */
  begin(): void {
    const { ordersIntervalMs, balancesIntervalMs, fullIntervalMs } = this.settings;
    this.every(ordersIntervalMs, 'schedule', 'orders');
    this.every(balancesIntervalMs, 'schedule', 'balances');
    this.every(fullIntervalMs, 'daily', 'all');
  }

  /** Begins nothing more, and resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const cancel of this.timers) cancel();
    this.timers.clear();
    await Promise.all([...this.lanes.values()].map((lane) => lane.idle()));
  }

  /**
   * Looks at everything until orders, fills and balances agree or are explained; at most as long as a difference needs to be explained.
   * Never throws. The account should take no new orders before it says `agreed`.
   */
  async catchUp(account: string): Promise<CatchUpResult> {
    const door = this.doors.get(account);
    if (door === undefined) return { status: 'not-held' };
    const untilMs = this.clock.monotonicMs() + this.settings.catchUpMs + this.runs.settleMs(door);
    for (;;) {
      const run = await this.runNow(account, 'start');
      if (run === null) return { status: 'not-held' };
      if (run.outcome === 'agreed') return { status: 'agreed', run };
      if (this.clock.monotonicMs() < untilMs && !this.stopped) await pauseFor(this.scheduler, this.settings.lookAgainMs);
      if (this.clock.monotonicMs() >= untilMs || this.stopped) return { status: run.outcome, run, on: reasonsOf(run) };
    }
  }

  /** Everything about one account, now. @returns `null` where this replica does not hold it. */
  async runNow(account: string, cause: RunCause): Promise<Run | null> {
    const held = this.isHeld(account);
    return held ? this.lane(account).run(cause, 'all') : null;
  }

  /** What the account's private stream says about itself, beside orders, and of orders that are not ours. */
  takeEvent(account: string, event: AccountEvent): void {
    if (event.kind === 'transfer') {
      this.pending.add(account, event);
      this.request(account, 'schedule', 'balances');
    }
    if (event.kind === 'unreadable' || (event.kind === 'stream' && event.state === 'live')) this.request(account, 'reconnect', 'all');
    // Somebody else's order: it is shown as soon as the venue's list has it.
    if (event.kind === 'order' && this.doors.get(account)?.venueAccount.uuidOf(event.report.venueClientId) === null)
      this.request(account, 'schedule', 'orders');
  }

  /** Asks for a run soon; many requests make one run, and a failed one is tried again, ever less often. */
  request(account: string, cause: RunCause, scope: RunScope): void {
    if (this.stopped || !this.isHeld(account)) return;
    void this.lane(account)
      .run(cause, scope)
      .then((run) => this.afterRun(run));
  }

  private afterRun(run: Run): void {
    const { account, cause } = run;
    if (run.outcome !== 'failed') {
      this.failures.delete(account);
      return;
    }
    const before = this.failures.get(account);
    // Several may have asked for this one run: it failed once.
    if (before?.runId === run.id) return;
    const fails = (before?.fails ?? 0) + 1;
    this.failures.set(account, { fails, runId: run.id });
    const waitMs = Math.min(this.settings.retryMs * 2 ** Math.min(fails - 1, 16), this.settings.retryMaxMs);
    this.log.warn('reconciliation will be tried again', { account, waitMs, fails });
    this.later(waitMs, () => {
      // Whoever holds it now starts afresh.
      if (!this.isHeld(account)) this.failures.delete(account);
      this.request(account, cause, scopeOf(run));
    });
  }

  private every(intervalMs: number, cause: RunCause, scope: RunScope): void {
    this.later(intervalMs, () => {
      // Where something failed, its retry comes by itself; the regular looks would only hammer a venue that is down.
      for (const { name } of this.doors.all()) if (!this.failures.has(name)) this.request(name, cause, scope);
      this.every(intervalMs, cause, scope);
    });
  }

  private isHeld(account: string): boolean {
    return this.doors.get(account) !== undefined && this.leases.current(account) !== null;
  }

  private lane(account: string): RunLane {
    let lane = this.lanes.get(account);
    if (lane === undefined) {
      let door = this.doors.get(account)!;
      lane = new RunLane((cause, scope) => {
        const mine = (door = this.doors.get(account) ?? door);
        return this.runs.perform(mine, cause, scope, () => this.isHeld(account) && this.doors.get(account) === mine);
      });
      this.lanes.set(account, lane);
    }
    return lane;
  }

  private later(delayMs: number, task: () => void): void {
    const cancel = this.scheduler.after(delayMs, () => {
      this.timers.delete(cancel);
      if (!this.stopped) task();
    });
    this.timers.add(cancel);
  }
}

function scopeOf({ counts }: Run): RunScope {
  const { scope } = counts;
  return scope === 'orders' || scope === 'balances' || scope === 'both' ? scope : 'all';
}

function reasonsOf(run: Run): readonly string[] {
  const { waiting, differs, error } = run.counts;
  const words = [waiting, differs, error === undefined ? [] : [error]].flatMap((list) => (Array.isArray(list) ? list : []));
  return words.filter((word): word is string => typeof word === 'string');
}
