import { Injectable } from '@nestjs/common';
import type { Exchange, ExchangeAccount } from '#libs/exchanges/contract';
import { Clock, Scheduler, pauseFor } from '#libs/kernel';
import { AccountLeases } from '#libs/leases';
import { isFinal } from '#libs/model';
import { AccountAudit } from './account-audit.js';
import { AccountSessions } from './account-sessions.js';
import { CatchUp } from './catch-up.js';
import { CrashPoints } from './crash-points.js';
import { LiveOrders } from './live-orders.js';
import { OrderJournal } from './order-journal.js';
import { OrderLog } from './order-log.js';
import { OrderReader } from './order-reader.js';
import { Resolver } from './resolver.js';

const RETRY_MS = 500;
const POLL_MS = 20;
const FLUSH_MS = 2_000;
/** Incidents of orders touched so short a time before a takeover are said again, ms. */
const RETELL_BACK_MS = 600_000;
/** Beginnings that were not told to the outbox are looked for so far back, ms. */
const ANNOUNCE_BACK_MS = 86_400_000;

interface Door {
  readonly exchange: Exchange;
  readonly venueAccount: ExchangeAccount;
}

const TOOK_OVER = {
  code: 'unknown-outcome',
  message: 'the replica that sent it is gone, so that its answer will not come',
  venueCode: null,
};

/**
 * Which accounts this replica works for. Taking one over: every open order is read anew from the journal, sends under way count as
 * unknown, the private stream is joined, and nothing new enters until orders, fills and balances agree with the venue.
 */
@Injectable()
export class AccountKeeper {
  private readonly doors = new Map<string, Door>();
  /** Counts the tenures of an account, so that a slow takeover does not go on after the lease was lost. */
  private readonly tenures = new Map<string, number>();
  private stopped = false;

  constructor(
    private readonly leases: AccountLeases,
    private readonly reader: OrderReader,
    private readonly journal: OrderJournal,
    private readonly live: LiveOrders,
    private readonly sessions: AccountSessions,
    private readonly catchUp: CatchUp,
    private readonly resolver: Resolver,
    private readonly audit: AccountAudit,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly points: CrashPoints,
    private readonly log: OrderLog,
  ) {
    leases.onChange((account, change) => {
      if (change === 'gained') void this.takeOver(account);
      else this.standDown(account);
    });
  }

  /** Makes an account known to this replica. An account that is here already is left alone. */
  add(account: string, exchange: Exchange, venueAccount: ExchangeAccount): void {
    if (this.doors.has(account)) return;
    this.doors.set(account, { exchange, venueAccount });
    this.leases.want(account, exchange.id);
  }

  has(account: string): boolean {
    return this.doors.has(account);
  }

  accounts(): readonly string[] {
    return [...this.doors.keys()];
  }

  /** Whether a new order may enter here now. */
  isReady(account: string): boolean {
    return this.sessions.get(account)?.ready === true && this.leases.current(account) !== null;
  }

  /** Resolves when each account is ready here or held elsewhere, at most after `timeoutMs`. */
  async settled(timeoutMs: number): Promise<void> {
    const untilMs = this.clock.monotonicMs() + timeoutMs;
    while (this.clock.monotonicMs() < untilMs && !this.accounts().every((account) => this.isSettled(account))) {
      await pauseFor(this.scheduler, POLL_MS);
    }
  }

  stop(): void {
    this.stopped = true;
  }

  private isSettled(account: string): boolean {
    return this.isReady(account) || this.leases.holder(account)?.isOurs === false;
  }

  private async takeOver(account: string): Promise<void> {
    const door = this.doors.get(account);
    if (door === undefined || this.stopped) return;
    const tenure = (this.tenures.get(account) ?? 0) + 1;
    this.tenures.set(account, tenure);
    const isOver = (): boolean => this.stopped || this.tenures.get(account) !== tenure;
    this.live.forget(account);
    if (!(await this.load(account, isOver))) return;
    this.points.reach('takeover.loaded');
    const session = this.sessions.open(account, door.exchange, door.venueAccount);
    for (const order of this.live.open(account)) this.takeUp(order);
    await this.catchUp.first(session, isOver);
    await this.agree(account, isOver);
    if (isOver()) return;
    session.ready = true;
    this.points.reach('takeover.done');
    this.log.info('account taken over', {
      account,
      fence: this.leases.current(account)?.token ?? null,
      open: this.live.open(account).length,
    });
  }

  /** The gate stays closed while the books cannot be compared, and for as long as an explanation of a difference may take. */
  private async agree(account: string, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const verdict = await this.audit.look(account);
      if (verdict === 'agreed' || verdict === 'waiting') return;
      this.log.warn('books do not agree with the venue yet', { account, verdict });
      if (verdict === 'differs') return this.audit.explain(account);
      await pauseFor(this.scheduler, RETRY_MS);
    }
  }

  private standDown(account: string): void {
    this.tenures.set(account, (this.tenures.get(account) ?? 0) + 1);
    this.log.warn('account lost to another replica, or to silence', { account });
    this.live.forget(account);
    void this.sessions.leave(account);
  }

  /** @returns false where the account was lost meanwhile. */
  private async load(account: string, isOver: () => boolean): Promise<boolean> {
    for (;;) {
      try {
        // What was recorded in an earlier tenure is in the journal before anything is read from it.
        await this.journal.flushed(FLUSH_MS);
        const states = await this.reader.open(account);
        const overfilled = await this.reader.overfilled(account, this.clock.nowMs() - RETELL_BACK_MS);
        const unannounced = await this.reader.unannounced(account, this.clock.nowMs() - ANNOUNCE_BACK_MS);
        if (isOver()) return false;
        for (const id of unannounced) this.journal.announce(account, id);
        for (const state of states) this.live.adopt(state, true);
        for (const state of overfilled) this.live.retell(state);
        this.log.info('open orders loaded', { account, orders: states.length });
        return true;
      } catch (error) {
        this.log.warn('open orders cannot be read now', { account, error: error instanceof Error ? error.message : 'unknown' });
      }
      await pauseFor(this.scheduler, RETRY_MS);
      if (isOver()) return false;
    }
  }

  /** Whoever sent it is gone: what was under way is unknown, and the venue is asked. */
  private takeUp(order: ReturnType<LiveOrders['open']>[number]): void {
    const { state } = order;
    if (isFinal(state.status)) return;
    if (state.status === 'pending-new' && state.openAttempt !== null)
      this.live.record(order, { type: 'outcome-unknown', reason: TOOK_OVER });
    this.resolver.look(order, 'open at takeover');
  }
}
