import { Injectable } from '@nestjs/common';
import { Clock, invariant } from '#libs/kernel';
import type { OrderId } from '#libs/kernel';
import { isFinal } from '#libs/model';
import type { VenueFill, VenueOrderReport } from '#libs/model';
import { fold, observeFills, observeReport } from '../domain/index.js';
import type { Effect, Observation, OrderEvent, OrderState, ReportSource, StoredEvent } from '../domain/index.js';
import { OrderJournal } from './order-journal.js';
import type { Change } from './order-journal.js';
import { OrderLog } from './order-log.js';
import { OrderMetrics } from './order-metrics.js';

/** How many orders that have ended are kept in memory for late news and quick reads. */
const ENDED_KEPT_MAX = 20_000;

/** An order in memory: the one place where its next event is decided. Only `LiveOrders` changes it. */
export class LiveOrder {
  private waiters: (() => void)[] = [];

  constructor(public state: OrderState) {}

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

  constructor(
    private readonly journal: OrderJournal,
    private readonly clock: Clock,
    private readonly metrics: OrderMetrics,
    private readonly log: OrderLog,
  ) {}

  /** Called for what must be done because of news; after the news is recorded. */
  onEffect(listener: (order: LiveOrder, effect: Effect) => void): void {
    this.effectListeners.push(listener);
  }

  /** Takes an order into memory. The same order twice is the same object. */
  adopt(state: OrderState): LiveOrder {
    const known = this.orders.get(state.terms.id);
    if (known !== undefined) return known;
    const order = new LiveOrder(state);
    this.orders.set(state.terms.id, order);
    this.byVenueClientId.set(state.terms.venueClientId, order);
    if (isFinal(state.status)) this.retire(order);
    return order;
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

  /** Stores an event behind and folds it at once. */
  record(order: LiveOrder, event: OrderEvent, correlationId: string | null = order.state.terms.correlationId): void {
    this.journal.record(this.advance(order, event, correlationId));
    order.wake();
  }

  /** Stores one of our own commands; resolves when it is durable. @throws JournalUnavailable */
  async recordDurably(order: LiveOrder, event: OrderEvent, correlationId: string | null): Promise<void> {
    const durable = this.journal.recordDurably(this.advance(order, event, correlationId));
    order.wake();
    await durable;
  }

  private take(order: LiveOrder, observation: Observation, source: ReportSource): void {
    if (observation.event !== null) {
      this.journal.record(this.advance(order, observation.event, order.state.terms.correlationId, source));
      order.wake();
    }
    for (const effect of observation.effects) {
      for (const listener of this.effectListeners) listener(order, effect);
    }
  }

  private advance(order: LiveOrder, event: OrderEvent, correlationId: string | null, source = 'gateway'): Change {
    const before = order.state;
    const stored: StoredEvent = { version: before.version + 1, atMs: this.clock.nowMs(), correlationId, event };
    const after = fold(before, stored);
    invariant(after.filledQuantity.gte(before.filledQuantity), 'a filled quantity never falls');
    order.state = after;
    if (isFinal(after.status) && !isFinal(before.status)) this.retire(order);
    const fills = event.type === 'reported' ? (event.change.fills ?? []) : [];
    if (fills.length > 0) this.noteFills(after, fills, source);
    return { stored, after, fills, source };
  }

  private countDuplicates(order: LiveOrder, fills: readonly VenueFill[]): void {
    for (const fill of fills) if (order.state.tradeIds.has(fill.venueTradeId)) this.metrics.duplicateFill();
  }

  private noteFills(state: OrderState, fills: readonly VenueFill[], source: string): void {
    for (let i = 0; i < fills.length; i += 1) this.metrics.fillBooked(source);
    if (state.quantity !== null && state.filledQuantity.gt(state.quantity)) {
      this.metrics.overfill();
      this.log.error('order overfilled', { orderId: state.terms.id, account: state.terms.account, venue: state.terms.venue });
    }
  }

  /** Ended orders stay for late news; the oldest leave when there are too many. The journal keeps them all. */
  private retire(order: LiveOrder): void {
    this.ended.push(order);
    if (this.ended.length <= ENDED_KEPT_MAX * 1.1) return;
    for (const old of this.ended.splice(0, this.ended.length - ENDED_KEPT_MAX)) {
      if (!isFinal(old.state.status)) continue;
      this.orders.delete(old.state.terms.id);
      this.byVenueClientId.delete(old.state.terms.venueClientId);
    }
  }
}
