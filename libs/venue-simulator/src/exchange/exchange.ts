import { type Decimal, type Result, ZERO, decimal, err, invariant, ok } from '#libs/kernel';
import { AccountOrders } from './account-orders.js';
import { admit } from './admission.js';
import { amendOrder } from './amendment.js';
import { DEFAULT_ACCOUNTS, type SimAccountPlan, makeAccount } from './default-accounts.js';
import { defaultMarkets } from './default-markets.js';
import { Desk } from './desk.js';
import { ExpiryQueue } from './expiry-queue.js';
import { forceFill, forceReject } from './forced-events.js';
import { LiveOrder, type OrderTerms } from './live-order.js';
import { MarketMaker } from './market-makers.js';
import { MarketRules } from './market-rules.js';
import { MarketState } from './market-state.js';
import { executeOrder, fireStops } from './matching.js';
import { cancelOrder, expireOrder } from './order-endings.js';
import { snapshotOf } from './order-snapshot.js';
import { ASSET_DECIMALS, toUnits } from './scaled.js';
import { lockFunds } from './settlement.js';
import { isStopType } from './stop-book.js';
import type {
  SimAccount,
  SimAccountEvent,
  SimAssetTotals,
  SimBalance,
  SimCandle,
  SimDepth,
  SimExchange,
  SimFill,
  SimMarket,
  SimMarketEvent,
  SimMarketEventFilter,
  SimNewOrder,
  SimOrder,
  SimOrderRef,
  SimPlaced,
  SimRefusal,
  SimStats24h,
  SimTrade,
} from './types.js';

export interface SimulatedExchangeOptions {
  /** Everything random comes from it. */
  readonly seed: number;
  /** The venue's clock at the start; candles and trades before it are made up. */
  readonly startMs: number;
  readonly markets?: readonly SimMarket[];
  readonly accounts?: readonly SimAccountPlan[];
  /** False leaves the books empty and still: for tests that own every order. */
  readonly marketMakers?: boolean;
  /** Where the numbers of orders, trades and executions begin; whole, from 1. */
  readonly idBase?: number;
}

/** A fresh venue: funded accounts, deep books, full charts. */
export function createSimulatedExchange(options: SimulatedExchangeOptions): SimExchange {
  return new SimulatedExchange(options);
}

export class SimulatedExchange implements SimExchange {
  readonly seed: number;
  private readonly desk: Desk;
  private readonly expiries = new ExpiryQueue();
  private hasUniqueClientIds = true;
  private readonly makers: readonly MarketMaker[];
  private readonly marketList: readonly SimMarket[];
  private readonly accountList: readonly SimAccount[];
  private readonly accountsByKey: ReadonlyMap<string, SimAccount>;

  constructor(options: SimulatedExchangeOptions) {
    const { seed, startMs, markets = defaultMarkets(), accounts = DEFAULT_ACCOUNTS, idBase = 1, marketMakers = true } = options;
    invariant(Number.isSafeInteger(seed), 'the seed is a whole number');
    invariant(Number.isSafeInteger(idBase) && idBase >= 1, 'idBase is a whole number from 1');
    this.seed = seed;
    this.desk = new Desk(startMs, idBase);
    this.marketList = markets;
    for (const market of markets) {
      this.desk.markets.set(market.symbol, new MarketState(new MarketRules(market), this.desk.outbox, seed, startMs, idBase));
    }
    this.accountList = accounts.map((plan) => makeAccount(plan));
    this.accountsByKey = new Map(this.accountList.map((account) => [account.apiKey, account]));
    for (const plan of accounts) this.openAccount(plan);
    const made = marketMakers ? [...this.desk.markets.values()] : [];
    this.makers = made.map((market) => new MarketMaker(this.desk, market, seed));
    this.desk.finishCall();
  }

  markets(): readonly SimMarket[] {
    return this.marketList;
  }

  market(symbol: string): SimMarket | undefined {
    return this.desk.markets.get(symbol)?.rules.market;
  }

  accounts(): readonly SimAccount[] {
    return this.accountList;
  }

  accountByKey(apiKey: string): SimAccount | undefined {
    return this.accountsByKey.get(apiKey);
  }

  place(order: SimNewOrder, nowMs: number): Result<SimPlaced, SimRefusal> {
    this.begin(nowMs);
    const account = this.accountOf(order.account);
    const market = this.desk.markets.get(order.symbol);
    const terms = admit(order, account, market, this.desk.nowMs, this.hasUniqueClientIds);
    const placed = terms.ok ? ok(this.enter(terms.value, account, market!)) : terms;
    this.desk.finishCall();
    return placed;
  }

  check(order: SimNewOrder, nowMs: number): Result<null, SimRefusal> {
    this.advance(nowMs);
    const terms = admit(order, this.accountOf(order.account), this.desk.markets.get(order.symbol), this.desk.nowMs);
    return terms.ok ? ok(null) : terms;
  }

  cancel(ref: SimOrderRef, requestClientOrderId: string, nowMs: number, only?: 'new' | 'partially-filled'): Result<SimOrder, SimRefusal> {
    this.begin(nowMs);
    const found = this.openOrder(ref);
    const order = found.ok && only !== undefined && found.value.status !== only ? err({ code: 'cancel-restricted' as const }) : found;
    if (order.ok) cancelOrder(this.desk, order.value, requestClientOrderId);
    this.desk.finishCall();
    return order.ok ? ok(snapshotOf(order.value)) : order;
  }

  cancelAll(account: string, symbol: string, nowMs: number): readonly SimOrder[] {
    this.begin(nowMs);
    const orders = this.accountOf(account).openOrders(symbol);
    for (const order of orders) cancelOrder(this.desk, order, null);
    this.desk.finishCall();
    return orders.map(snapshotOf);
  }

  amend(ref: SimOrderRef, quantity: Decimal, newClientOrderId: string, nowMs: number): Result<SimOrder, SimRefusal> {
    this.begin(nowMs);
    const order = this.openOrder(ref);
    const amended = order.ok ? amendOrder(this.desk, order.value, quantity, newClientOrderId) : order;
    this.desk.finishCall();
    if (!order.ok) return order;
    return amended.ok ? ok(snapshotOf(order.value)) : amended;
  }

  forceFill(ref: SimOrderRef, quantity: Decimal, price: Decimal, nowMs: number): Result<readonly SimFill[], SimRefusal> {
    this.begin(nowMs);
    const order = this.anyOrder(ref);
    const filled = order.ok ? forceFill(this.desk, order.value, quantity, price) : order;
    this.desk.finishCall();
    return filled;
  }

  forceReject(ref: SimOrderRef, reason: string, nowMs: number): Result<SimOrder, SimRefusal> {
    this.begin(nowMs);
    const order = this.anyOrder(ref);
    const rejected = order.ok ? forceReject(this.desk, order.value, reason) : order;
    this.desk.finishCall();
    if (!order.ok) return order;
    return rejected.ok ? ok(snapshotOf(order.value)) : rejected;
  }

  keepClientIdsUnique(isUnique: boolean): void {
    this.hasUniqueClientIds = isUnique;
  }

  order(ref: SimOrderRef): SimOrder | undefined {
    const order = this.desk.account(ref.account)?.find(ref.symbol, ref.orderId, ref.clientOrderId);
    return order === undefined ? undefined : snapshotOf(order);
  }

  openOrders(account: string, symbol: string | null): readonly SimOrder[] {
    return this.accountOf(account).openOrders(symbol).map(snapshotOf);
  }

  orders(account: string, symbol: string | null): readonly SimOrder[] {
    return this.accountOf(account).orders(symbol).map(snapshotOf);
  }

  fills(account: string, symbol: string | null): readonly SimFill[] {
    return this.accountOf(account).fills(symbol);
  }

  balances(account: string): readonly SimBalance[] {
    return [...this.accountOf(account).ledger.all()].map((holding) => holding.balance());
  }

  deposit(account: string, asset: string, amount: Decimal, nowMs: number): void {
    const units = toUnits(amount, ASSET_DECIMALS);
    invariant(units !== undefined, 'a deposit has at most 8 decimals');
    invariant(amount.gt(ZERO), 'deposit > 0');
    this.begin(nowMs);
    const { ledger } = this.accountOf(account);
    this.desk.ledger.deposit(ledger, asset, units);
    this.desk.touch(ledger);
    this.desk.outbox.postAccount(account, { type: 'deposit', account, asset, amount, atMs: this.desk.nowMs });
    this.desk.finishCall();
  }

  totals(): readonly SimAssetTotals[] {
    return this.desk.ledger.totals();
  }

  depth(symbol: string, limit: number): SimDepth {
    return this.marketOf(symbol).depth(limit);
  }

  recentTrades(symbol: string, limit: number): readonly SimTrade[] {
    return this.marketOf(symbol).recentTrades(limit);
  }

  candles(symbol: string, intervalMs: number, startMs: number | null, endMs: number | null, limit: number): readonly SimCandle[] {
    return this.marketOf(symbol).candles.candles(intervalMs, startMs, endMs, limit, this.desk.nowMs);
  }

  stats24h(symbol: string, nowMs: number): SimStats24h {
    return this.marketOf(symbol).stats24h(nowMs);
  }

  lastPrice(symbol: string): Decimal {
    const { rules, tape } = this.marketOf(symbol);
    return rules.priceOf(tape.lastTicks);
  }

  averagePrice(symbol: string, minutes: number, nowMs: number): Decimal {
    return this.marketOf(symbol).tape.meanPrice(minutes, nowMs);
  }

  makersStep(nowMs: number): void {
    this.begin(nowMs);
    for (const maker of this.makers) maker.step();
    this.desk.finishCall();
  }

  advance(nowMs: number): void {
    this.begin(nowMs);
    this.desk.finishCall();
  }

  onAccountEvent(listener: (account: string, event: SimAccountEvent) => void): () => void {
    return this.desk.outbox.onAccountEvent(listener);
  }

  onMarketEvent(listener: (event: SimMarketEvent) => void, only?: SimMarketEventFilter): () => void {
    return this.desk.outbox.onMarketEvent(listener, only);
  }

  /** What is due expires before anything else happens. */
  private begin(nowMs: number): void {
    this.desk.beginCall(nowMs);
    for (let due = this.expiries.takeDue(this.desk.nowMs); due !== undefined; due = this.expiries.takeDue(this.desk.nowMs)) {
      expireOrder(this.desk, due, 'good-till-date');
    }
  }

  /** An admitted order comes to life. */
  private enter(terms: OrderTerms, account: AccountOrders, market: MarketState): SimPlaced {
    const { desk } = this;
    const order = new LiveOrder(desk.takeOrderId(), account.ledger, market.rules, terms, desk.nowMs);
    account.add(order);
    desk.watch(order);
    if (terms.type !== 'market') lockFunds(desk, order);
    const waits = isStopType(terms.type);
    order.isWorking = !waits;
    order.workingAtMs = waits ? null : desk.nowMs;
    desk.changed(order, 'new');
    if (terms.expiresAtMs !== null) this.expiries.add(order);
    if (waits) market.stops.add(order);
    else {
      executeOrder(desk, market, order);
      fireStops(desk, market);
    }
    if (terms.expiresAtMs !== null && terms.expiresAtMs <= desk.nowMs && order.isOpen) expireOrder(desk, order, 'good-till-date');
    return { order: snapshotOf(order), fills: desk.takePlacedFills() };
  }

  private openAccount(plan: SimAccountPlan): void {
    const assets = new Set([...Object.keys(plan.balances), ...this.marketList.flatMap((market) => [market.base, market.quote])]);
    const ledger = this.desk.ledger.open(plan.name, assets);
    for (const [asset, text] of Object.entries(plan.balances)) {
      this.desk.ledger.deposit(ledger, asset, unitsOfText(text));
    }
    ledger.takeChanged();
    this.desk.addAccount(new AccountOrders(ledger));
  }

  private openOrder(ref: SimOrderRef): Result<LiveOrder, SimRefusal> {
    const order = this.anyOrder(ref);
    return !order.ok || order.value.isOpen ? order : err({ code: 'unknown-order' });
  }

  /** Open or ended. */
  private anyOrder(ref: SimOrderRef): Result<LiveOrder, SimRefusal> {
    if (!this.desk.markets.has(ref.symbol)) return err({ code: 'unknown-symbol' });
    const order = this.accountOf(ref.account).find(ref.symbol, ref.orderId, ref.clientOrderId);
    return order === undefined ? err({ code: 'unknown-order' }) : ok(order);
  }

  private accountOf(name: string): AccountOrders {
    const account = this.desk.account(name);
    invariant(account !== undefined, 'the account exists');
    return account;
  }

  private marketOf(symbol: string): MarketState {
    const market = this.desk.markets.get(symbol);
    invariant(market !== undefined, 'the market exists');
    return market;
  }
}

function unitsOfText(text: string): bigint {
  const units = toUnits(decimal(text), ASSET_DECIMALS);
  invariant(units !== undefined, 'balances have at most 8 decimals');
  return units;
}
