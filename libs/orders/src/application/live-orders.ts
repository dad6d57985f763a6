import { Injectable } from '@nestjs/common';
import { Clock, Scheduler, invariant, pauseFor } from '#libs/kernel';
import type { OrderId } from '#libs/kernel';
import { isFinal } from '#libs/model';
import type { VenueFill, VenueOrderReport } from '#libs/model';
import { fold, observeFills, observeReport, observeVoid, rebase } from '../domain/index.js';
import type { Effect, IntentKind, Observation, OrderEvent, OrderState, ReportSource, StoredEvent } from '../domain/index.js';
import { CrashPoints } from './crash-points.js';
import { Incidents } from './incidents.js';
import { OrderJournal } from './order-journal.js';
import type { Change } from './order-journal.js';
import { OrderLog } from './order-log.js';
import { OrderMetrics } from './order-metrics.js';
import { OrderReader } from './order-reader.js';

/** How many orders that have ended are kept in memory for late news and quick reads. */
const ENDED_KEPT_MAX = 20_000;
const RELOAD_RETRY_MS = 250;
/** Longer than any answer is waited for. */
const STRAY_KEPT_MS = 120_000;

/** An order in memory: the one place where its next event is decided. Only `LiveOrders` changes it. */
export class LiveOrder {
  private waiters: (() => void)[] = [];
  /** Events that wait while the order is read again; `null` while it is not. */
  waiting: { readonly event: OrderEvent; readonly source: string }[] | null = null;

  private readonly permits = new Map<IntentKind, number>();

  /** @param sinceMs - when this process first saw the order, on the monotonic clock. */
  constructor(
    public state: OrderState,
    private readonly sinceMs: number,
  ) {}

  /** When the newest attempt of an intent was permitted, or first seen by this process; monotonic, ms. Never earlier than the truth. */
  permittedAtMs(intent: IntentKind, otherwiseMs: number): number {
    return this.permits.get(intent) ?? (intent === 'place' ? this.sinceMs : otherwiseMs);
  }

  notePermit(intent: IntentKind, atMs: number): void {
    this.permits.set(intent, atMs);
  }

  get id(): OrderId {
    return this.state.terms.id;
  }

  /** Resolves at the next event. */
  nextChange(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  wake(): void {
    const { waiters } = this;
    if (waiters.length === 0) return;
    this.waiters = [];
    for (const wake of waiters) wake();
  }
}

/**
 * Every open order of this process, folded. Decides and stores in one synchronous step, so that no two messages about one
 * order can interleave between check and act. Here a fill is booked: `observe` → `record` → `OrderJournal`.
 */
@Injectable()
export class LiveOrders {
  private readonly orders = new Map<string, LiveOrder>();
  private readonly byVenueClientId = new Map<string, LiveOrder>();
  private readonly ended: LiveOrder[] = [];
  private readonly effectListeners: ((order: LiveOrder, effect: Effect) => void)[] = [];
  /** Objects of orders that were let go of, which somebody may still record by. */
  private readonly strays = new Map<string, LiveOrder>();

  constructor(
    private readonly journal: OrderJournal,
    private readonly reader: OrderReader,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly metrics: OrderMetrics,
    private readonly incidents: Incidents,
    private readonly points: CrashPoints,
    private readonly log: OrderLog,
  ) {
    journal.onConflict((orderId, changes) => void this.yieldTo(orderId, changes));
  }

  /** Called for what must be done because of news; after the news is recorded. */
  onEffect(listener: (order: LiveOrder, effect: Effect) => void): void {
    this.effectListeners.push(listener);
  }

  /**
   * Takes an order into memory. The same order twice is the same object. One that has nothing but its beginning may never have been told to
   * the outbox: its commit was in doubt, or its process died. That has to come before whatever is recorded of it next.
   * @param isAnnounced - the caller knows that it was, or sees to it.
   */
  adopt(state: OrderState, isAnnounced = false): LiveOrder {
    const known = this.orders.get(state.terms.id);
    if (known !== undefined) return known;
    if (state.version === 1 && !isAnnounced) this.journal.announce(state.terms.account, state.terms.id);
    const order = this.recalled(state);
    this.orders.set(state.terms.id, order);
    this.byVenueClientId.set(state.terms.venueClientId, order);
    if (isFinal(state.status)) this.retire(order);
    return order;
  }

  /** An order of an account that another replica holds: to be answered with, and not to be kept. */
  glimpse(state: OrderState): LiveOrder {
    return new LiveOrder(state, this.clock.monotonicMs());
  }

  /** A new order of ours: taken into memory, and told to the outbox. */
  begun(state: OrderState): LiveOrder {
    return this.adopt(state);
  }

  /** Lets go of an account that another replica holds from now on: what memory says about it is no longer the newest. */
  forget(account: string): void {
    for (const [id, order] of this.orders) {
      if (order.state.terms.account !== account) continue;
      this.orders.delete(id);
      this.byVenueClientId.delete(order.state.terms.venueClientId);
      this.stray(order);
    }
  }

  get(id: string): LiveOrder | undefined {
    return this.orders.get(id);
  }

  findByVenueClientId(venueClientId: string): LiveOrder | undefined {
    return this.byVenueClientId.get(venueClientId);
  }

  /** Orders of one account, or of all, that have not ended. */
  open(account: string | null): LiveOrder[] {
    const found: LiveOrder[] = [];
    for (const order of this.orders.values()) {
      if (!isFinal(order.state.status) && (account === null || order.state.terms.account === account)) found.push(order);
    }
    return found;
  }

  /** Takes in what the venue says about an order, from whatever channel. */
  observe(order: LiveOrder, report: VenueOrderReport, source: ReportSource): void {
    this.countDuplicates(order, report.fills);
    this.take(order, observeReport(order.state, report, source), source);
  }

  /** Takes in fills from the venue's trade history. */
  observeFills(order: LiveOrder, fills: readonly VenueFill[], source: ReportSource): void {
    this.countDuplicates(order, fills);
    this.take(order, observeFills(order.state, fills, source), source);
  }

  /** The venue took a trade back. */
  observeVoid(order: LiveOrder, fill: VenueFill, reason: string): void {
    const event = observeVoid(order.state, fill, reason);
    if (event === null) return;
    this.record(order, event);
    this.raise(order, 'fill-voided', { venueTradeId: fill.venueTradeId, quantity: fill.quantity.toFixed(), reason });
  }

  /** Stores an event behind and folds it at once. */
  record(order: LiveOrder, event: OrderEvent, correlationId: string | null = order.state.terms.correlationId, source = 'gateway'): void {
    if (order.waiting !== null) {
      order.waiting.push({ event, source });
      return;
    }
    const change = this.decide(order, event, correlationId, source);
    this.journal.record(change);
    this.advance(order, change);
  }

  /** Stores one of our own decisions; resolves when it is durable. @throws JournalUnavailable */
  async recordDurably(order: LiveOrder, event: OrderEvent, correlationId: string | null): Promise<void> {
    await this.reloaded(order);
    const change = this.decide(order, event, correlationId);
    const durable = this.journal.recordDurably(change);
    this.advance(order, change);
    await durable;
  }

  /** Asks for a permit; resolves when it is durable, or refused. @throws JournalUnavailable */
  async permit(order: LiveOrder, event: OrderEvent & { readonly type: 'permitted' }): Promise<boolean> {
    await this.reloaded(order);
    const change = this.decide(order, event, order.state.terms.correlationId);
    const given = this.journal.permit(change);
    this.advance(order, change);
    return given;
  }

  private take(order: LiveOrder, observation: Observation, source: ReportSource): void {
    if (observation.effects.includes('late-appearance')) this.noteLateAppearance(order);
    if (observation.event !== null) this.record(order, observation.event, order.state.terms.correlationId, source);
    for (const effect of observation.effects) this.ask(order, effect);
  }

  /** Tells whoever carries it out that something has to be done about an order. */
  ask(order: LiveOrder, effect: Effect): void {
    for (const listener of this.effectListeners) listener(order, effect);
  }

  /** The account's orders in memory by their ids at the venue. */
  byVenueOrderId(account: string): ReadonlyMap<string, LiveOrder> {
    const found = new Map<string, LiveOrder>();
    for (const order of this.orders.values()) {
      const { venueOrderId, terms } = order.state;
      if (venueOrderId !== null && terms.account === account) found.set(venueOrderId, order);
    }
    return found;
  }

  /** Whether one of the account's orders in memory has this id at the venue. */
  knowsVenueOrder(account: string, venueOrderId: string): boolean {
    for (const { state } of this.orders.values()) if (state.venueOrderId === venueOrderId && state.terms.account === account) return true;
    return false;
  }

  private decide(order: LiveOrder, event: OrderEvent, correlationId: string | null, source = 'gateway'): Change {
    const before = order.state;
    const stored: StoredEvent = { version: before.version + 1, atMs: this.clock.nowMs(), correlationId, event };
    const after = fold(before, stored);
    const explained = event.type === 'voided' || (event.type === 'reported' && event.change.replaced !== undefined);
    invariant(explained || after.filledQuantity.gte(before.filledQuantity), 'a filled quantity never falls without a void');
    return { stored, after, fills: event.type === 'reported' ? (event.change.fills ?? []) : [], source };
  }

  /** Only what the journal has taken changes an order. */
  private advance(order: LiveOrder, { stored, after, fills, source }: Change): void {
    const wasFinal = isFinal(order.state.status);
    order.state = after;
    if (stored.event.type === 'permitted') order.notePermit(stored.event.intent, this.clock.monotonicMs());
    if (isFinal(after.status) && !wasFinal) this.retire(order);
    if (fills.length > 0) this.noteFills(order, fills, source);
    order.wake();
  }

  /**
   * Another replica wrote to this order first: read what it wrote, and say again what of ours is still news. No fact is dropped; our own
   * conclusions and permits count for nothing on a state that they were not drawn from.
   */
  private async yieldTo(orderId: OrderId, changes: readonly Change[]): Promise<void> {
    const known = this.orders.get(orderId) ?? this.strays.get(orderId);
    const lost = changes.map((change) => ({ event: change.stored.event, source: change.source }));
    if (known !== undefined) known.waiting = [...lost, ...(known.waiting ?? [])];
    const state = await this.readAgain(orderId);
    // Nobody holds it any more; what was still to be said is said all the same.
    const order = known ?? this.glimpse(state);
    const waiting = known === undefined ? lost : (known.waiting ?? []);
    order.waiting = null;
    order.state = state;
    for (const { event, source } of waiting) {
      const left = rebase(order.state, event);
      if (left !== null) this.record(order, left, order.state.terms.correlationId, source);
    }
    order.wake();
    // What was decided here before may count for nothing now.
    this.ask(order, 'settle');
  }

  private async readAgain(orderId: OrderId): Promise<OrderState> {
    for (;;) {
      try {
        const state = await this.reader.byId(orderId);
        if (state !== null) return state;
      } catch {
        // The database is away; what waits, waits.
      }
      await pauseFor(this.scheduler, RELOAD_RETRY_MS);
    }
  }

  private async reloaded(order: LiveOrder): Promise<void> {
    while (order.waiting !== null) await order.nextChange();
  }

  /** Whoever waits for an answer still holds the object, and may record by it for as long as an answer may take. */
  private stray(order: LiveOrder): void {
    this.strays.set(order.id, order);
    this.scheduler.after(STRAY_KEPT_MS, () => {
      if (this.strays.get(order.id) === order) this.strays.delete(order.id);
    });
  }

  /** One object for each order of a process, always: one that was let go of comes back with what the journal says of it. */
  private recalled(state: OrderState): LiveOrder {
    const stray = this.strays.get(state.terms.id);
    if (stray === undefined) return new LiveOrder(state, this.clock.monotonicMs());
    this.strays.delete(state.terms.id);
    stray.state = state;
    stray.wake();
    return stray;
  }

  private noteLateAppearance(order: LiveOrder): void {
    this.log.error('an order held as never created appeared at the venue', { orderId: order.id, account: order.state.terms.account });
    this.raise(order, 'late-appearance', { concluded: order.state.rejectReason?.code ?? null });
  }

  /** Says again what must be known of an order: whoever booked it may have died before it was written down. */
  retell(state: OrderState): void {
    this.noteOverfill(this.orders.get(state.terms.id) ?? this.glimpse(state));
  }

  private raise(
    order: LiveOrder,
    kind: 'late-appearance' | 'overfill' | 'fill-voided',
    detail: Record<string, string | number | null>,
  ): void {
    const { account, symbol } = order.state.terms;
    this.incidents.raise({ kind, account, orderId: order.id, symbol, detail });
  }

  private countDuplicates(order: LiveOrder, fills: readonly VenueFill[]): void {
    for (const fill of fills) if (order.state.tradeIds.has(fill.venueTradeId)) this.metrics.duplicateFill();
  }

  private noteFills(order: LiveOrder, fills: readonly VenueFill[], source: string): void {
    this.points.reach('fill.booked');
    const { state } = order;
    for (let i = 0; i < fills.length; i += 1) this.metrics.fillBooked(source);
    if (state.quantity !== null && state.filledQuantity.gt(state.quantity)) this.metrics.overfill();
    this.noteOverfill(order);
  }

  private noteOverfill(order: LiveOrder): void {
    const { state } = order;
    if (state.quantity === null || state.filledQuantity.lte(state.quantity)) return;
    this.log.error('order overfilled', { orderId: state.terms.id, account: state.terms.account, venue: state.terms.venue });
    this.raise(order, 'overfill', { quantity: state.quantity.toFixed(), filled: state.filledQuantity.toFixed() });
  }

  /** Ended orders stay for late news; the oldest leave when there are too many. The journal keeps them all. */
  private retire(order: LiveOrder): void {
    this.ended.push(order);
    if (this.ended.length <= ENDED_KEPT_MAX * 1.1) return;
    for (const old of this.ended.splice(0, this.ended.length - ENDED_KEPT_MAX)) {
      if (!isFinal(old.state.status) || this.orders.get(old.id) !== old) continue;
      this.orders.delete(old.state.terms.id);
      this.byVenueClientId.delete(old.state.terms.venueClientId);
    }
  }
}
