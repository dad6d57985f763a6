import type { AccountOrders } from './account-orders.js';
import { Ledger, type LedgerAccount } from './ledger.js';
import type { LiveOrder } from './live-order.js';
import type { MarketState } from './market-state.js';
import { callSnapshotOf } from './order-snapshot.js';
import { Outbox } from './outbox.js';
import type { SimAccountEvent, SimFill } from './types.js';

type Execution = Extract<SimAccountEvent, { type: 'order' }>['execution'];

export interface ExecutionDetails {
  readonly fill?: SimFill;
  readonly requestClientOrderId?: string;
  readonly previousClientOrderId?: string;
  readonly prevented?: { readonly steps: number; readonly counterOrderId: number };
}

/** The makers' order numbers are far from the accounts', so that these do not depend on how often the makers moved. */
const MAKER_ID_OFFSET = 1_000_000_000_000;

/** What all parts of the engine share: the clock, the counters, the money, the accounts, the markets and the events on their way out. */
export class Desk {
  readonly outbox = new Outbox();
  readonly ledger = new Ledger();
  readonly markets = new Map<string, MarketState>();
  private readonly accounts = new Map<string, AccountOrders>();
  private readonly changedAccounts: LedgerAccount[] = [];
  private readonly changedOrders: LiveOrder[] = [];
  private nextOrderId: number;
  private nextMakerOrderId: number;
  private nextExecutionId: number;
  /** The order that the current call places, and its fills so far. */
  private placed: LiveOrder | null = null;
  private placedFills: SimFill[] = [];

  constructor(
    public nowMs: number,
    idBase: number,
  ) {
    this.nextOrderId = idBase;
    this.nextMakerOrderId = idBase + MAKER_ID_OFFSET;
    this.nextExecutionId = idBase;
  }

  addAccount(account: AccountOrders): void {
    this.accounts.set(account.ledger.name, account);
  }

  account(name: string): AccountOrders | undefined {
    return this.accounts.get(name);
  }

  takeOrderId(): number {
    return this.nextOrderId++;
  }

  takeMakerOrderId(): number {
    return this.nextMakerOrderId++;
  }

  market(order: LiveOrder): MarketState {
    return this.markets.get(order.rules.symbol)!;
  }

  /** Starts gathering the fills of the order that a call places. */
  watch(order: LiveOrder): void {
    this.placed = order;
    this.placedFills = [];
  }

  takePlacedFills(): readonly SimFill[] {
    const fills = this.placedFills;
    this.placed = null;
    this.placedFills = [];
    return fills;
  }

  bookFill(order: LiveOrder, fill: SimFill): void {
    this.accounts.get(fill.account)!.addFill(fill);
    if (order === this.placed) this.placedFills.push(fill);
  }

  /** The order has changed: marks it and tells its owner. */
  changed(order: LiveOrder, execution: Execution, details: ExecutionDetails = {}): void {
    order.updatedAtMs = this.nowMs;
    order.snapshot = null;
    if (order.owner === null) return;
    const executionId = this.nextExecutionId;
    this.nextExecutionId += 1;
    if (!this.outbox.hearsAccounts) return;
    this.changedOrders.push(order);
    this.outbox.postAccount(order.owner.name, {
      type: 'order',
      execution,
      executionId,
      order: callSnapshotOf(order),
      fill: details.fill ?? null,
      atMs: this.nowMs,
      requestClientOrderId: details.requestClientOrderId ?? null,
      previousClientOrderId: details.previousClientOrderId ?? null,
      lastPreventedQuantity: details.prevented === undefined ? null : order.rules.quantityOf(details.prevented.steps),
      counterOrderId: details.prevented?.counterOrderId ?? null,
    });
  }

  /**
   * Begins a call. Time never goes back. Orders are kept for ever, the snapshots that their events shared only to the next call: memory is
   * for orders.
   */
  beginCall(nowMs: number): void {
    this.nowMs = Math.max(this.nowMs, nowMs);
    for (const order of this.changedOrders) order.snapshot = null;
    this.changedOrders.length = 0;
  }

  /** The account's money will be told at the end of the call. */
  touch(account: LedgerAccount): void {
    if (!this.changedAccounts.includes(account)) this.changedAccounts.push(account);
  }

  /** Ends a call: tells the balances that changed, then lets listeners hear everything. */
  finishCall(): void {
    for (const account of this.changedAccounts) {
      const changed = account.takeChanged();
      if (changed.length === 0 || !this.outbox.hearsAccounts) continue;
      const balances = changed.map((holding) => holding.balance());
      this.outbox.postAccount(account.name, { type: 'balances', account: account.name, balances, atMs: this.nowMs });
    }
    this.changedAccounts.length = 0;
    this.outbox.deliver();
  }
}
