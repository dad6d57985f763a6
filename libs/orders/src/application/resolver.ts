import { Injectable } from '@nestjs/common';
import { Clock, Scheduler } from '#libs/kernel';
import { isFinal } from '#libs/model';
import type { VenueOrderReport } from '#libs/model';
import { absenceHorizonMs, inferFills, proveAbsence } from '../domain/index.js';
import type { Negative, OrderState } from '../domain/index.js';
import { AccountSessions } from './account-sessions.js';
import type { AccountSession } from './account-sessions.js';
import { BalanceWitness } from './balance-witness.js';
import { CrashPoints } from './crash-points.js';
import { LiveOrders } from './live-orders.js';
import type { LiveOrder } from './live-orders.js';
import { OrderLog } from './order-log.js';
import { OrderMetrics } from './order-metrics.js';
import { OrderSettings } from './order-settings.js';
import { Resubmit, awaitsResubmission } from './resubmit.js';
import { LookBudget } from './look-budget.js';
import { VenueLists } from './venue-lists.js';
import { searchVenue } from './venue-search.js';

/** Looks under way at once; the rest waits its turn. */
const LOOKS_AT_ONCE_MAX = 16;
const FILL_PAGE_MAX = 50;
/** The longest any venue accepts a command after it was signed, ms; for a case that has no attempt of its own. */
const COMMAND_WINDOW_MS = 5_000;
/** How often a conclusion waits for a balance to be explained. After that the venue's complete trade list has the last word. */
const WITNESS_DELAYS_MAX = 3;
/** How far before its journaling an order's traces are looked for: the clocks may differ, ms. */
const BACK_MS = 60_000;
/** A look is made just after the moment from which absence counts, ms. */
const AFTER_HORIZON_MS = 10;

interface Case {
  readonly order: LiveOrder;
  /** Monotonic, ms. */
  readonly openedAtMs: number;
  readonly negatives: Negative[];
  looks: number;
  witnessDelays: number;
  /** Something new happened during a look: look once more. */
  again: boolean;
  /** The venue has counted more than is booked here, as far as the last look showed. */
  isShort: boolean;
  alarmed: boolean;
}

/**
 * Settles what is open by asking the venue: sends without a verdict, cancels and amends without an outcome, and orders that ended
 * with fills missing. Only the venue's own records settle anything; a failed look is no look, and no number of them is proof.
 * Time is counted on the monotonic clock from the permit, or from when this process first saw it: a wall clock may be set.
 */
@Injectable()
export class Resolver {
  private readonly cases = new Map<string, Case>();
  private active = 0;
  private readonly queue: (() => void)[] = [];
  private stopped = false;
  private readonly lists: VenueLists;
  private readonly budget: LookBudget;

  constructor(
    private readonly live: LiveOrders,
    private readonly sessions: AccountSessions,
    private readonly resubmit: Resubmit,
    private readonly witness: BalanceWitness,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly settings: OrderSettings,
    private readonly metrics: OrderMetrics,
    private readonly points: CrashPoints,
    private readonly log: OrderLog,
  ) {
    this.lists = new VenueLists(clock);
    this.budget = new LookBudget(clock);
    live.onEffect((order, effect) => {
      if (effect === 'fetch-fills') this.look(order, 'fills missing', true);
      if (effect === 'settle') this.look(order, 'another replica wrote to it');
    });
  }

  stop(): void {
    this.stopped = true;
  }

  /** Orders being settled. */
  size(): number {
    return this.cases.size;
  }

  /** Begins to settle an order, or looks again soon where that has begun. */
  look(order: LiveOrder, why: string, isShort = false): void {
    const known = this.cases.get(order.id);
    if (known?.order === order) {
      known.again = true;
      known.isShort ||= isShort;
      return;
    }
    if (isSettled(order.state) && !isShort) return;
    const opened = this.newCase(order, isShort);
    this.cases.set(order.id, opened);
    const { account, venue } = order.state.terms;
    this.log.info('order outcome open', { orderId: order.id, account, venue, status: order.state.status, reason: why });
    this.count();
    this.schedule(opened);
  }

  /** Looks at once and resolves when the venue has answered or could not. For the start and for reconnects. */
  async lookNow(order: LiveOrder): Promise<void> {
    const session = this.sessions.get(order.state.terms.account);
    if (session === undefined) return;
    const known = this.cases.get(order.id);
    const opened = known?.order === order ? known : this.newCase(order, false);
    await this.examine(opened, session);
    if (!isDone(opened) && this.cases.get(order.id) !== opened) this.look(order, 'open after a first look', opened.isShort);
  }

  private newCase(order: LiveOrder, isShort: boolean): Case {
    return {
      order,
      openedAtMs: this.clock.monotonicMs(),
      negatives: [],
      looks: 0,
      witnessDelays: 0,
      again: false,
      isShort,
      alarmed: false,
    };
  }

  private schedule(opened: Case): void {
    const { resolveDelayMs, resolveDelayMaxMs } = this.settings;
    const usualMs = Math.min(resolveDelayMs * 2 ** opened.looks, resolveDelayMaxMs);
    const session = this.sessions.get(opened.order.state.terms.account);
    const toHorizonMs = session === undefined ? 0 : this.horizonMs(opened, session) - this.clock.monotonicMs() + AFTER_HORIZON_MS;
    this.scheduler.after(toHorizonMs > 0 ? Math.min(usualMs, Math.max(1, toHorizonMs)) : usualMs, () => void this.turn(opened));
  }

  private async turn(opened: Case): Promise<void> {
    const { order } = opened;
    if (this.stopped || this.cases.get(order.id) !== opened) return;
    if (isDone(opened)) return this.close(opened);
    const session = this.sessions.get(order.state.terms.account);
    // Whoever holds the account settles it.
    if (session === undefined) return this.drop(opened);
    await this.place();
    try {
      opened.again = false;
      await this.examine(opened, session);
    } finally {
      this.active -= 1;
      this.queue.shift()?.();
    }
    opened.looks += 1;
    this.alarm(opened);
    if (isDone(opened)) this.close(opened);
    else this.schedule(opened);
    this.count();
  }

  /** One look. Errors teach nothing. */
  private async examine(opened: Case, session: AccountSession): Promise<void> {
    const { order } = opened;
    if (awaitsResubmission(order.state)) return this.resubmit.try(order, session);
    const horizonMs = this.horizonMs(opened, session);
    const isLate = this.clock.monotonicMs() > horizonMs;
    try {
      const report = isLate ? await this.searchRecords(opened, session, horizonMs) : await this.askForIt(order, session);
      this.points.reach('resolver.looked');
      if (report !== null) await this.found(opened, session, report, isLate);
      else if (isLate && !isFinal(order.state.status)) await this.concludeAbsence(opened, session);
    } catch (error) {
      this.log.warn('order look-up failed', {
        orderId: order.id,
        account: session.name,
        venue: session.exchange.id,
        error: error instanceof Error ? error.message : 'unknown',
      });
    }
  }

  /** Early: by its own id, as far as the budget goes. That the venue does not know it yet proves nothing. */
  private async askForIt(order: LiveOrder, session: AccountSession): Promise<VenueOrderReport | null> {
    if (!this.budget.take()) return null;
    const { symbol, venueClientId } = order.state.terms;
    return session.venueAccount.queryOrder({ symbol, venueClientId, venueOrderId: order.state.venueOrderId });
  }

  /** Late: in the lists of its market, which all that are looked for share; and by its own id, unless there are too many to ask for. */
  private async searchRecords(opened: Case, session: AccountSession, horizonMs: number): Promise<VenueOrderReport | null> {
    const { order, negatives } = opened;
    const { symbol, createdAtMs } = order.state.terms;
    const atMs = this.clock.nowMs();
    const mayAsk = this.budget.take();
    if (mayAsk) {
      const { venueClientId } = order.state.terms;
      const report = await session.venueAccount.queryOrder({ symbol, venueClientId, venueOrderId: order.state.venueOrderId });
      if (report !== null) return report;
      negatives.push({ family: 'by-id', atMs });
    }
    const records = await this.lists.read(session, symbol, createdAtMs - BACK_MS, horizonMs);
    const search = await searchVenue(order.state, session, records, (id) => this.live.knowsVenueOrder(session.name, id));
    negatives.push(...search.negatives);
    return search.report;
  }

  private async found(opened: Case, session: AccountSession, report: VenueOrderReport, isLate: boolean): Promise<void> {
    const { order } = opened;
    opened.negatives.length = 0;
    this.live.observe(order, report, 'query');
    if (isMissingFills(order.state, report.filledQuantity)) await this.fetchFills(order, session);
    opened.isShort = isMissingFills(order.state, report.filledQuantity);
    if (!isLate) return;
    this.concludeCommands(order);
    const inferred = inferFills(order.state, report);
    if (inferred !== null) this.live.record(order, inferred, null, 'inferred');
  }

  /** A cancel or amend that the venue can no longer be working on, and whose order stands as before, was not done. */
  private concludeCommands(order: LiveOrder): void {
    const { state } = order;
    if (isFinal(state.status)) return;
    const reason = { code: 'unknown-outcome', message: 'the records of the venue show that it was not done', venueCode: null };
    if (state.cancelRequested && state.closing === null && state.cancelAttempt !== null)
      this.live.record(order, { type: 'cancel-refused', reason });
    else if (state.cancelRequested && state.cancelAttempt === null) this.live.ask(order, 'send-cancel');
    if (state.amendRequested !== null) this.live.record(order, { type: 'amend-refused', reason });
  }

  /** Absence is concluded only past the horizon, and only from enough clean looks at different records. */
  private async concludeAbsence(opened: Case, session: AccountSession): Promise<void> {
    const { order, negatives } = opened;
    if (isSettled(order.state)) return;
    const horizonMs = Math.ceil(this.clock.nowMs() - (this.clock.monotonicMs() - this.horizonMs(opened, session)));
    if (proveAbsence(horizonMs, negatives) === null) return;
    const version = order.state.version;
    const moved = await this.witness.unexplained(session.name, assetsOf(order.state, session));
    if (moved && (opened.witnessDelays += 1) <= WITNESS_DELAYS_MAX) return;
    // Whatever was heard while the balances were read outranks the silence before.
    if (order.state.version !== version || isSettled(order.state)) return;
    const evidence = proveAbsence(horizonMs, negatives, moved ? 'unexplained' : 'explained');
    // It was seen meanwhile, by a look that had no other news.
    if (evidence === null) return;
    this.points.reach('resolver.absent');
    const acknowledged = order.state.acknowledgedAtMs !== null;
    await this.live.recordDurably(order, acknowledged ? { type: 'gone-at-venue', evidence } : { type: 'not-created', evidence }, null);
    const { account, venue } = order.state.terms;
    this.log.warn('order absent at the venue', { orderId: order.id, account, venue, status: order.state.status });
    negatives.length = 0;
  }

  /** The monotonic moment from which an absence counts: nothing that we sent can still be under way, or hidden by a lagging read. */
  private horizonMs({ order, openedAtMs }: Case, session: AccountSession): number {
    const { state } = order;
    const waits = (
      [
        ['place', state.openAttempt],
        ['cancel', state.cancelAttempt],
        ['amend', state.amendAttempt],
      ] as const
    )
      .filter(([, attempt]) => attempt !== null)
      .map(([intent, attempt]) => order.permittedAtMs(intent, openedAtMs) + attempt!.validForMs);
    const overMs = waits.length === 0 ? openedAtMs + COMMAND_WINDOW_MS : Math.max(...waits);
    return absenceHorizonMs(overMs, session.exchange.capabilities);
  }

  private async fetchFills(order: LiveOrder, session: AccountSession): Promise<void> {
    const { venueOrderId } = order.state;
    if (venueOrderId === null) return;
    let fromTradeId: string | null = null;
    for (let page = 0; page < FILL_PAGE_MAX; page += 1) {
      const { symbol } = order.state.terms;
      const answer = await session.venueAccount.fills({ symbol, venueOrderId, fromTradeId });
      this.live.observeFills(order, answer.fills, 'query');
      if (answer.nextFromTradeId === null) return;
      fromTradeId = answer.nextFromTradeId;
    }
  }

  private async place(): Promise<void> {
    if (this.active >= LOOKS_AT_ONCE_MAX) await new Promise<void>((resolve) => this.queue.push(resolve));
    this.active += 1;
  }

  private close(opened: Case): void {
    this.drop(opened);
    const { state } = opened.order;
    const { id, account, venue } = state.terms;
    const durationMs = this.clock.monotonicMs() - opened.openedAtMs;
    this.log.info('order outcome settled', { orderId: id, account, venue, status: state.status, durationMs });
  }

  private drop(opened: Case): void {
    this.cases.delete(opened.order.id);
    this.count();
  }

  /** Told once for each case: people should look, the gateway goes on looking anyway. */
  private alarm(opened: Case): void {
    const { order, openedAtMs } = opened;
    const ageMs = this.clock.monotonicMs() - order.permittedAtMs('place', openedAtMs);
    if (opened.alarmed || order.state.status !== 'unknown' || ageMs < this.settings.alarmAfterMs) return;
    opened.alarmed = true;
    const { id, account, venue } = order.state.terms;
    this.log.error('order outcome unknown for too long', { orderId: id, account, venue, ageMs: Math.round(ageMs), looks: opened.looks });
  }

  private count(): void {
    const unknown = [...this.cases.values()].filter(({ order }) => order.state.status === 'unknown');
    const nowMs = this.clock.monotonicMs();
    const ages = unknown.map(({ order, openedAtMs }) => nowMs - order.permittedAtMs('place', openedAtMs));
    this.metrics.unknownOpen(unknown.length, Math.max(0, ...ages) / 1_000);
  }
}

function isDone({ order, again, isShort }: Case): boolean {
  return isSettled(order.state) && !again && !isShort;
}

/** Nothing about it is open: it ended, or it rests at the venue with no command under way and no fill missing. */
function isSettled(state: OrderState): boolean {
  if (isFinal(state.status)) return true;
  return state.acknowledgedAtMs !== null && state.closing === null && !state.cancelRequested && state.amendRequested === null;
}

function isMissingFills(state: OrderState, filledAtVenue: OrderState['quantity']): boolean {
  return state.closing !== null || state.inferred.length > 0 || (filledAtVenue !== null && filledAtVenue.gt(state.filledQuantity));
}

function assetsOf(state: OrderState, session: AccountSession): readonly string[] {
  const instrument = session.exchange.instrument(state.terms.symbol);
  return instrument === undefined ? [] : [instrument.base, instrument.quote];
}
