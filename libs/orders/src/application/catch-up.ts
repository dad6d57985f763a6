import { Injectable } from '@nestjs/common';
import { Clock, Scheduler, pauseFor } from '#libs/kernel';
import { isFinal } from '#libs/model';
import { AccountSessions } from './account-sessions.js';
import type { AccountSession } from './account-sessions.js';
import { BalanceSink } from './balance-sink.js';
import { CrashPoints } from './crash-points.js';
import { LiveOrders } from './live-orders.js';
import type { LiveOrder } from './live-orders.js';
import { OrderJournal } from './order-journal.js';
import { OrderReader } from './order-reader.js';
import { OrderLog } from './order-log.js';
import { OrderSettings } from './order-settings.js';
import { Resolver } from './resolver.js';

const LOOKS_AT_ONCE = 8;
const RETRY_MS = 2_000;
const POLL_MS = 20;
/** A journaled order younger than this may simply not be listed yet, ms. */
const SETTLING_MS = 5_000;
const MIND_BACK_MS = 3_600_000;

/**
 * Compares what we hold as open with what the venue holds, and asks about each difference: after a start, after each reconnect of the
 * private stream, and again and again. The stream is a hint; this is what makes it true.
 */
@Injectable()
export class CatchUp {
  private readonly running = new Map<string, Promise<void>>();
  private readonly wanted = new Set<string>();
  private readonly retrying = new Set<string>();
  private stopped = false;

  constructor(
    private readonly sessions: AccountSessions,
    private readonly live: LiveOrders,
    private readonly resolver: Resolver,
    private readonly reader: OrderReader,
    private readonly journal: OrderJournal,
    private readonly balances: BalanceSink,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly settings: OrderSettings,
    private readonly points: CrashPoints,
    private readonly log: OrderLog,
  ) {}

  /** Begins the regular sweeps. */
  begin(): void {
    this.scheduler.after(this.settings.sweepIntervalMs, () => {
      if (this.stopped) return;
      for (const session of this.sessions.all()) this.request(session);
      this.begin();
    });
  }

  stop(): void {
    this.stopped = true;
  }

  /** Asks for a run; runs of one account follow one another, and many requests make one run. */
  request(session: AccountSession): void {
    if (this.stopped || this.sessions.get(session.name) !== session) return;
    if (this.running.has(session.name)) {
      this.wanted.add(session.name);
      return;
    }
    const run = this.run(session).finally(() => {
      this.running.delete(session.name);
      if (this.wanted.delete(session.name)) this.request(session);
    });
    this.running.set(session.name, run);
  }

  /** Resolves when the account has been caught up once, or when nobody needs it any more. */
  async first(session: AccountSession, isOver: () => boolean): Promise<void> {
    this.request(session);
    while (!session.caughtUp && !isOver() && !this.stopped) {
      await pauseFor(this.scheduler, POLL_MS);
    }
  }

  private async run(session: AccountSession): Promise<void> {
    try {
      await this.journal.flushed(this.settings.flushTimeoutMs);
      await this.mind(session.name);
      await this.compare(session);
      this.balances.replace(session.name, await session.venueAccount.balances(), this.clock.nowMs());
      session.caughtUp = true;
      this.points.reach('reconcile.compared');
    } catch (error) {
      this.log.warn('account catch-up failed', {
        account: session.name,
        venue: session.exchange.id,
        error: error instanceof Error ? error.message : 'unknown',
      });
      this.retry(session);
    }
  }

  /** However many runs fail, one more is planned at a time. */
  private retry(session: AccountSession): void {
    if (this.retrying.has(session.name)) return;
    this.retrying.add(session.name);
    this.scheduler.after(RETRY_MS, () => {
      this.retrying.delete(session.name);
      const current = this.sessions.get(session.name);
      if (current !== undefined) this.request(current);
    });
  }

  /**
   * What the journal holds and nobody here minds: an order whose commit was in doubt when it was looked for, or a beginning that was never
   * told to the outbox. Nothing is left to the next start.
   */
  private async mind(account: string): Promise<void> {
    const sinceMs = this.clock.nowMs() - MIND_BACK_MS;
    for (const id of await this.reader.unannounced(account, sinceMs)) {
      if (this.live.get(id)?.state.status !== 'pending-new') this.journal.announce(account, id);
    }
    for (const id of await this.reader.openIds(account)) {
      if (this.live.get(id) !== undefined) continue;
      const state = await this.reader.byId(id);
      if (state === null || isFinal(state.status) || this.clock.nowMs() - state.updatedAtMs < SETTLING_MS) continue;
      this.resolver.look(this.live.adopt(state), 'open in the journal only');
    }
  }

  private async compare(session: AccountSession): Promise<void> {
    const ours = this.live.open(session.name);
    const listed = new Set<string>();
    for (const report of await session.venueAccount.openOrders(null)) {
      listed.add(report.venueClientId);
      const order = this.live.findByVenueClientId(report.venueClientId);
      if (order !== undefined) this.live.observe(order, report, 'query');
    }
    const missing = ours.filter((order) => !listed.has(order.state.terms.venueClientId) && this.isOverdue(order));
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let order = missing[next++]; order !== undefined; order = missing[next++]) await this.resolver.lookNow(order);
    };
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, worker));
  }

  /** Not ended meanwhile, and not so young that its own answer is still to come. */
  private isOverdue(order: LiveOrder): boolean {
    const { state } = order;
    if (isFinal(state.status)) return false;
    return state.status !== 'pending-new' || this.clock.nowMs() - state.updatedAtMs >= SETTLING_MS;
  }
}
