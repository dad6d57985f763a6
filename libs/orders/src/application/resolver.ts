import { Injectable } from '@nestjs/common';
import { Clock, Scheduler } from '#libs/kernel';
import { isFinal } from '#libs/model';
import { absenceHorizonMs, proveAbsence } from '../domain/index.js';
import type { Negative, OrderState } from '../domain/index.js';
import { AccountSessions } from './account-sessions.js';
import type { AccountSession } from './account-sessions.js';
import { LiveOrders } from './live-orders.js';
import type { LiveOrder } from './live-orders.js';
import { OrderLog } from './order-log.js';
import { OrderMetrics } from './order-metrics.js';
import { OrderSettings } from './order-settings.js';

/** Looks under way at once; the rest waits its turn. */
const LOOKS_AT_ONCE_MAX = 16;
const FILL_PAGE_MAX = 50;
/** The longest any venue accepts a command after it was signed, ms. */
const COMMAND_WINDOW_MS = 5_000;

interface Case {
  readonly order: LiveOrder;
  readonly openedAtMs: number;
  readonly negatives: Negative[];
  looks: number;
  /** Something new happened during a look: look once more. */
  again: boolean;
}

/**
 * Settles what is open by asking the venue: sends without a verdict, cancels and amends without an outcome, and orders that ended
 * with fills missing. Only the venue's own records settle anything; a failed look is no look, and no number of them is proof.
 */
@Injectable()
export class Resolver {
  private readonly cases = new Map<string, Case>();
  private active = 0;
  private readonly queue: (() => void)[] = [];
  private stopped = false;

  constructor(
    private readonly live: LiveOrders,
    private readonly sessions: AccountSessions,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly settings: OrderSettings,
    private readonly metrics: OrderMetrics,
    private readonly log: OrderLog,
  ) {
    live.onEffect((order, effect) => {
      if (effect === 'fetch-fills') this.look(order, 'fills missing');
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
  look(order: LiveOrder, why: string): void {
    const known = this.cases.get(order.id);
    if (known !== undefined) {
      known.again = true;
      return;
    }
    const opened = this.newCase(order);
    this.cases.set(order.id, opened);
    this.log.info('order outcome open', {
      orderId: order.id,
      account: order.state.terms.account,
      venue: order.state.terms.venue,
      status: order.state.status,
      reason: why,
    });
    this.count();
    this.schedule(opened);
  }

  /** Looks at once and resolves when the venue has answered or could not. For the start and for reconnects. */
  async lookNow(order: LiveOrder): Promise<void> {
    const session = this.sessions.get(order.state.terms.account);
    if (session === undefined) return;
    const opened = this.cases.get(order.id) ?? this.newCase(order);
    await this.examine(opened, session);
    if (!isSettled(order.state) && !this.cases.has(order.id)) this.look(order, 'open after a first look');
  }

  private newCase(order: LiveOrder): Case {
    return { order, openedAtMs: this.clock.nowMs(), negatives: [], looks: 0, again: false };
  }

  private schedule(opened: Case): void {
    const { resolveDelayMs, resolveDelayMaxMs } = this.settings;
    const delayMs = Math.min(resolveDelayMs * 2 ** opened.looks, resolveDelayMaxMs);
    this.scheduler.after(delayMs, () => void this.turn(opened));
  }

  private async turn(opened: Case): Promise<void> {
    if (this.stopped) return;
    if (isSettled(opened.order.state) && !opened.again) return this.close(opened);
    const session = this.sessions.get(opened.order.state.terms.account);
    if (session !== undefined) {
      await this.place();
      try {
        opened.again = false;
        await this.examine(opened, session);
      } finally {
        this.active -= 1;
        this.queue.shift()?.();
      }
    }
    opened.looks += 1;
    if (isSettled(opened.order.state) && !opened.again) this.close(opened);
    else this.schedule(opened);
    this.count();
  }

  /** One look: by id first; where the venue shows nothing, at its other records too. Errors teach nothing. */
  private async examine(opened: Case, session: AccountSession): Promise<void> {
    const { order, negatives } = opened;
    const { symbol, venueClientId } = order.state.terms;
    try {
      const report = await session.venueAccount.queryOrder({ symbol, venueClientId, venueOrderId: order.state.venueOrderId });
      if (report !== null) {
        negatives.length = 0;
        this.live.observe(order, report, 'query');
        if (isMissingFills(order.state, report.filledQuantity)) await this.fetchFills(order, session);
        this.concludeCommands(opened, session);
        return;
      }
      negatives.push({ family: 'by-id', atMs: this.clock.nowMs() });
      await this.searchElsewhere(opened, session);
      this.concludeAbsence(opened, session);
    } catch (error) {
      this.log.warn('order look-up failed', {
        orderId: order.id,
        account: session.name,
        venue: session.exchange.id,
        error: messageOf(error),
      });
    }
  }

  private async searchElsewhere(opened: Case, session: AccountSession): Promise<void> {
    const { order, negatives } = opened;
    const { symbol, venueClientId } = order.state.terms;
    const listed = (await session.venueAccount.openOrders(symbol)).find((report) => report.venueClientId === venueClientId);
    if (listed !== undefined) {
      negatives.length = 0;
      this.live.observe(order, listed, 'query');
      return;
    }
    negatives.push({ family: 'open-orders', atMs: this.clock.nowMs() });
    if (order.state.venueOrderId === null) return;
    const before = order.state.filledQuantity;
    await this.fetchFills(order, session);
    if (order.state.filledQuantity.eq(before)) negatives.push({ family: 'fills', atMs: this.clock.nowMs() });
  }

  /** A cancel or amend that the venue can no longer be working on, and whose order stands as before, was not done. */
  private concludeCommands(opened: Case, session: AccountSession): void {
    const { order, openedAtMs } = opened;
    const horizonMs = absenceHorizonMs(openedAtMs + COMMAND_WINDOW_MS, session.exchange.capabilities);
    if (isFinal(order.state.status) || this.clock.nowMs() <= horizonMs) return;
    const reason = { code: 'unknown-outcome', message: 'the records of the venue show that it was not done', venueCode: null };
    if (order.state.cancelRequested && order.state.closing === null) this.live.record(order, { type: 'cancel-refused', reason });
    if (order.state.amendRequested !== null) this.live.record(order, { type: 'amend-refused', reason });
  }

  /** Absence is concluded only past the horizon, and only from enough clean looks at different records. */
  private concludeAbsence(opened: Case, session: AccountSession): void {
    const { order, negatives, openedAtMs } = opened;
    const { state } = order;
    if (isSettled(state)) return;
    const notAfterMs = state.openAttempt?.notAfterMs ?? openedAtMs;
    const evidence = proveAbsence(absenceHorizonMs(notAfterMs, session.exchange.capabilities), negatives);
    if (evidence === null) return;
    const acknowledged = state.acknowledgedAtMs !== null;
    this.live.record(order, acknowledged ? { type: 'gone-at-venue', evidence } : { type: 'not-created', evidence });
    this.log.warn('order absent at the venue', {
      orderId: order.id,
      account: session.name,
      venue: session.exchange.id,
      status: order.state.status,
    });
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
    this.cases.delete(opened.order.id);
    const { state } = opened.order;
    this.log.info('order outcome settled', {
      orderId: state.terms.id,
      account: state.terms.account,
      venue: state.terms.venue,
      status: state.status,
      durationMs: this.clock.nowMs() - opened.openedAtMs,
    });
    this.count();
  }

  private count(): void {
    let unknown = 0;
    for (const { order } of this.cases.values()) if (order.state.status === 'unknown') unknown += 1;
    this.metrics.unknownOpen(unknown);
  }
}

/** Nothing about it is open: it ended, or it rests at the venue with no command under way and no fill missing. */
function isSettled(state: OrderState): boolean {
  if (isFinal(state.status)) return true;
  return state.acknowledgedAtMs !== null && state.closing === null && !state.cancelRequested && state.amendRequested === null;
}

function isMissingFills(state: OrderState, filledAtVenue: OrderState['quantity']): boolean {
  return state.closing !== null || (filledAtVenue !== null && filledAtVenue.gt(state.filledQuantity));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
