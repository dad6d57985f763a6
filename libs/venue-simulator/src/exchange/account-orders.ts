import type { LedgerAccount } from './ledger.js';
import type { LiveOrder } from './live-order.js';
import type { SimFill } from './types.js';

/** Everything one account ever ordered and traded: the simulator's ground truth, kept for the life of the process. */
export class AccountOrders {
  private readonly all: LiveOrder[] = [];
  private readonly bySymbol = new Map<string, LiveOrder[]>();
  private readonly newestByClientId = new Map<string, LiveOrder>();
  /** The open orders are chained, oldest first: a chain neither grows in leaps nor is copied, as a map of many thousands is. */
  private oldestOpen: LiveOrder | null = null;
  private newestOpen: LiveOrder | null = null;
  private readonly openCounts = new Map<string, number>();
  private readonly allFills: SimFill[] = [];
  private readonly fillsBySymbol = new Map<string, SimFill[]>();

  constructor(readonly ledger: LedgerAccount) {}

  add(order: LiveOrder): void {
    this.all.push(order);
    listOf(this.bySymbol, order.rules.symbol).push(order);
    this.index(order);
    this.chain(order);
    this.openCounts.set(order.rules.symbol, this.openCount(order.rules.symbol) + 1);
  }

  /** The order has ended: its client order id is free again. */
  close(order: LiveOrder): void {
    if (!order.isChained) return;
    this.unchain(order);
    this.openCounts.set(order.rules.symbol, this.openCount(order.rules.symbol) - 1);
  }

  rename(order: LiveOrder, clientOrderId: string): void {
    if (order.clientOrderId === clientOrderId) return;
    this.forget(order);
    order.clientOrderId = clientOrderId;
    this.index(order);
  }

  addFill(fill: SimFill): void {
    this.allFills.push(fill);
    listOf(this.fillsBySymbol, fill.symbol).push(fill);
  }

  isOpenClientId(clientOrderId: string): boolean {
    // While an order is open no other takes its id, so the open one is the newest.
    return this.newestByClientId.get(clientOrderId)?.isChained === true;
  }

  openCount(symbol: string): number {
    return this.openCounts.get(symbol) ?? 0;
  }

  /** With both ids, the order found by its number must also carry the client id. */
  find(symbol: string, orderId: number | null, clientOrderId: string | null): LiveOrder | undefined {
    if (orderId !== null) {
      const order = this.byId(orderId);
      if (order === undefined || order.rules.symbol !== symbol) return undefined;
      return clientOrderId === null || order.clientOrderId === clientOrderId ? order : undefined;
    }
    if (clientOrderId === null) return undefined;
    let order: LiveOrder | null = this.newestByClientId.get(clientOrderId) ?? null;
    while (order !== null && order.rules.symbol !== symbol) order = order.olderSameId;
    return order ?? undefined;
  }

  /** Open orders, oldest first. */
  openOrders(symbol: string | null): LiveOrder[] {
    const orders: LiveOrder[] = [];
    for (let order = this.oldestOpen; order !== null; order = order.newerOpen) {
      if (symbol === null || order.rules.symbol === symbol) orders.push(order);
    }
    return orders;
  }

  orders(symbol: string | null): readonly LiveOrder[] {
    return symbol === null ? this.all : (this.bySymbol.get(symbol) ?? []);
  }

  fills(symbol: string | null): readonly SimFill[] {
    return symbol === null ? this.allFills : (this.fillsBySymbol.get(symbol) ?? []);
  }

  private index(order: LiveOrder): void {
    order.olderSameId = this.newestByClientId.get(order.clientOrderId) ?? null;
    this.newestByClientId.set(order.clientOrderId, order);
  }

  /** Numbers only rise, so the list of all orders is sorted by them. */
  private byId(orderId: number): LiveOrder | undefined {
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.all[middle]!.orderId < orderId) low = middle + 1;
      else high = middle;
    }
    const order = this.all[low];
    return order?.orderId === orderId ? order : undefined;
  }

  private chain(order: LiveOrder): void {
    order.isChained = true;
    order.olderOpen = this.newestOpen;
    if (this.newestOpen === null) this.oldestOpen = order;
    else this.newestOpen.newerOpen = order;
    this.newestOpen = order;
  }

  private unchain(order: LiveOrder): void {
    if (order.olderOpen === null) this.oldestOpen = order.newerOpen;
    else order.olderOpen.newerOpen = order.newerOpen;
    if (order.newerOpen === null) this.newestOpen = order.olderOpen;
    else order.newerOpen.olderOpen = order.olderOpen;
    order.isChained = false;
    order.olderOpen = null;
    order.newerOpen = null;
  }

  /** Takes the order out of the chain of its present client id. */
  private forget(order: LiveOrder): void {
    let newer = this.newestByClientId.get(order.clientOrderId) ?? null;
    if (newer === order) {
      if (order.olderSameId === null) this.newestByClientId.delete(order.clientOrderId);
      else this.newestByClientId.set(order.clientOrderId, order.olderSameId);
      return;
    }
    while (newer !== null && newer.olderSameId !== order) newer = newer.olderSameId;
    if (newer !== null) newer.olderSameId = order.olderSameId;
  }
}

function listOf<T>(lists: Map<string, T[]>, key: string): T[] {
  let list = lists.get(key);
  if (list === undefined) {
    list = [];
    lists.set(key, list);
  }
  return list;
}
