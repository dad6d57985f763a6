import { invariant } from '#libs/kernel';
import type { AccountName, OrderId } from '#libs/kernel';
import type { VenueFill } from '#libs/model';
import { permitKey, StoreFault } from '#libs/orders';
import type {
  Attempt,
  Beginning,
  BeginOutcome,
  HeldOrder,
  IntentKind,
  JournalItem,
  OrderTerms,
  RecordedChange,
  StoredEvent,
  Written,
} from '#libs/orders';
import { ReconciliationTables } from './memory-reconciliation-tables.js';

export interface StoredOrderEvent {
  readonly eventId: string;
  readonly stored: StoredEvent;
  /** True time of the commit, ms since the start. */
  readonly committedAtMs: number;
}

export interface OrderRow {
  readonly terms: OrderTerms;
  readonly committedAtMs: number;
  readonly events: StoredOrderEvent[];
  /** By intent. */
  readonly openAttempts: Map<IntentKind, Attempt>;
}

export interface FillRow {
  readonly id: string;
  readonly seq: number;
  readonly orderId: OrderId;
  readonly account: AccountName;
  readonly venue: string;
  readonly fill: VenueFill;
  readonly source: string;
  readonly bookedAtMs: number;
  isVoided: boolean;
}

export interface OutboxRow {
  readonly seq: number;
  readonly orderId: OrderId;
  readonly version: number;
}

/** A permit as it was committed: who may send which bytes until when. */
export interface PermitRow {
  readonly orderId: OrderId;
  readonly account: string;
  readonly intent: IntentKind;
  readonly attempt: Attempt;
  readonly committedAtMs: number;
}

export interface GateRow {
  venue: string;
  token: number;
  halted: boolean;
}

export interface LeaseRow {
  owner: string;
  url: string | null;
  token: number;
  /** Of the database's own clock: true time, ms since the start. */
  expiresAtMs: number;
}

/** One taking of an account, with the lease that it replaced. */
export interface LeaseGrant {
  readonly account: string;
  readonly owner: string;
  readonly token: number;
  readonly atMs: number;
  readonly replaced: { readonly owner: string; readonly expiresAtMs: number } | null;
}

/**
 * The tables of the product, with their constraints, in memory: what is here is committed and survives every crash; what has not arrived
 * is lost. Each method is one transaction and happens at one moment.
 */
export class MemoryDatabase {
  readonly orders = new Map<string, OrderRow>();
  readonly gates = new Map<string, GateRow>();
  readonly leases = new Map<string, LeaseRow>();
  /** Every takeover, in its order. */
  readonly leaseGrants: LeaseGrant[] = [];
  /** Scopes that are engaged, with the moment of their commit. */
  readonly killSwitches = new Map<string, number>();
  readonly fills = new Map<string, FillRow[]>();
  readonly outbox = new Map<string, OutboxRow[]>();
  readonly permits: PermitRow[] = [];
  /** Audit leaves: the id of each event that has one. */
  readonly audited = new Set<string>();
  readonly reconciliation = new ReconciliationTables();
  private readonly keys = new Map<string, OrderId>();
  private readonly announced = new Set<string>();

  constructor(private readonly nowMs: () => number) {}

  begin(items: readonly Beginning[]): BeginOutcome[] {
    return items.map((item) => this.beginOne(item));
  }

  /** @throws StoreFault `duplicate`, with nothing written. */
  record(items: readonly JournalItem[]): Written {
    const keys = new Set(items.map(keyOf));
    if (keys.size < items.length || items.some((item) => this.has(item))) throw new StoreFault('duplicate');
    const granted = new Set<string>();
    for (const item of items) {
      if (item.kind === 'announcement') this.publish(item.account, item.orderId, 1);
      else if (this.append(item)) granted.add(grantKey(item));
    }
    for (const item of items) if (item.kind === 'change') this.closeAttempts(item);
    return { granted };
  }

  held(orderIds: readonly OrderId[]): ReadonlyMap<OrderId, HeldOrder> {
    const found = new Map<OrderId, HeldOrder>();
    for (const id of orderIds) {
      const row = this.orders.get(id);
      if (row === undefined) continue;
      found.set(id, {
        eventIds: new Map(row.events.map(({ stored, eventId }) => [stored.version, eventId])),
        isAnnounced: this.announced.has(eventKey(id, 1)),
        openAttempts: new Map([...row.openAttempts].map(([intent, attempt]) => [intent, attempt.hash])),
      });
    }
    return found;
  }

  idByKey(key: string): OrderId | undefined {
    return this.keys.get(key);
  }

  isAnnounced(orderId: string): boolean {
    return this.announced.has(eventKey(orderId, 1));
  }

  isHalted(account: string, venue: string): boolean {
    const { killSwitches } = this;
    const scoped = killSwitches.has('all') || killSwitches.has(`venue:${venue}`) || killSwitches.has(`account:${account}`);
    return scoped || this.gates.get(account)?.halted === true;
  }

  private beginOne({ state, stored }: Beginning): BeginOutcome {
    const { terms, openAttempt } = state;
    if (openAttempt !== null) {
      if (this.gates.get(terms.account)?.token !== openAttempt.fence) return 'fenced';
      if (this.isHalted(terms.account, terms.venue)) return 'halted';
    }
    const keys = orderKeys(terms);
    if (keys.some((key) => this.keys.has(key))) return 'taken';
    invariant(!this.orders.has(terms.id), 'an order is begun once');
    for (const key of keys) this.keys.set(key, terms.id);
    const row: OrderRow = { terms, committedAtMs: this.nowMs(), events: [], openAttempts: new Map() };
    this.orders.set(terms.id, row);
    const eventId = `${terms.id}-begin`;
    row.events.push({ eventId, stored, committedAtMs: this.nowMs() });
    this.audited.add(eventId);
    if (openAttempt !== null) this.open(row, 'place', openAttempt);
    return 'journaled';
  }

  private has(item: JournalItem): boolean {
    if (item.kind === 'announcement') return this.announced.has(eventKey(item.orderId, 1));
    const { terms } = item.change.after;
    return this.orders.get(terms.id)?.events.some(({ stored }) => stored.version === item.change.stored.version) ?? true;
  }

  /** @returns whether it gave a permit. */
  private append(item: RecordedChange): boolean {
    const { change, eventId } = item;
    const { terms } = change.after;
    const row = this.orders.get(terms.id)!;
    row.events.push({ eventId, stored: change.stored, committedAtMs: this.nowMs() });
    this.audited.add(eventId);
    this.publish(terms.account, terms.id, change.stored.version);
    for (const { id, fill } of item.fills) this.book(row, id, fill, change.source);
    const { event } = change.stored;
    if (event.type === 'voided') this.markVoided(terms, event.fills);
    if (event.type === 'reported' && event.change.replaced !== undefined) this.markVoided(terms, event.change.replaced);
    if (event.type !== 'permitted' || !this.mayPermit(row, event.intent, event.attempt)) return false;
    this.open(row, event.intent, event.attempt);
    return true;
  }

  private mayPermit(row: OrderRow, intent: IntentKind, attempt: Attempt): boolean {
    const { account, venue } = row.terms;
    if (this.gates.get(account)?.token !== attempt.fence) return false;
    if (intent !== 'cancel' && this.isHalted(account, venue)) return false;
    return !row.openAttempts.has(intent);
  }

  private open(row: OrderRow, intent: IntentKind, attempt: Attempt): void {
    row.openAttempts.set(intent, attempt);
    this.permits.push({ orderId: row.terms.id, account: row.terms.account, intent, attempt, committedAtMs: this.nowMs() });
  }

  private closeAttempts({ change }: RecordedChange): void {
    const { terms, openAttempt, cancelAttempt, amendAttempt } = change.after;
    const row = this.orders.get(terms.id)!;
    if (openAttempt === null) row.openAttempts.delete('place');
    if (cancelAttempt === null) row.openAttempts.delete('cancel');
    if (amendAttempt === null) row.openAttempts.delete('amend');
  }

  private publish(account: string, orderId: OrderId, version: number): void {
    const rows = this.listOf(this.outbox, account);
    rows.push({ seq: rows.length + 1, orderId, version });
    this.announced.add(eventKey(orderId, version));
  }

  private book({ terms }: OrderRow, id: string, fill: VenueFill, source: string): void {
    const rows = this.listOf(this.fills, terms.account);
    const { id: orderId, account, venue } = terms;
    rows.push({ id, seq: rows.length + 1, orderId, account, venue, fill, source, bookedAtMs: this.nowMs(), isVoided: false });
  }

  private markVoided({ id, account }: OrderTerms, fills: readonly VenueFill[]): void {
    for (const fill of fills) {
      for (const row of this.listOf(this.fills, account)) {
        if (row.orderId === id && row.fill.venueTradeId === fill.venueTradeId) row.isVoided = true;
      }
    }
  }

  private listOf<Row>(table: Map<string, Row[]>, account: string): Row[] {
    let rows = table.get(account);
    if (rows === undefined) table.set(account, (rows = []));
    return rows;
  }
}

/** The unique keys of an order: by client order id, by idempotency key. */
export function orderKeys({
  account,
  clientOrderId,
  idempotencyKey,
}: Pick<OrderTerms, 'account' | 'clientOrderId' | 'idempotencyKey'>): string[] {
  const keys: string[] = [];
  if (clientOrderId !== null) keys.push(`${account} id ${clientOrderId}`);
  if (idempotencyKey !== null) keys.push(`${account} key ${idempotencyKey}`);
  return keys;
}

function keyOf(item: JournalItem): string {
  return item.kind === 'announcement' ? `announcement ${item.orderId}` : `${item.change.after.terms.id} ${item.change.stored.version}`;
}

function eventKey(orderId: string, version: number): string {
  return `${orderId} ${version}`;
}

function grantKey({ change }: RecordedChange): string {
  const { event } = change.stored;
  return event.type === 'permitted' ? permitKey(change.after.terms.id, event.intent) : '';
}
