import type { LedgerAccount } from './ledger.js';
import type { LiveOrder } from './live-order.js';
import type { SimFill } from './types.js';

/** Everything one account ever ordered and traded: the simulator's ground truth, kept for the life of the process. */
export class AccountOrders {
  private readonly all: LiveOrder[] = [];
  private readonly bySymbol = new Map<string, LiveOrder[]>();
  private readonly byId = new Map<number, LiveOrder>();
  private readonly newestByClientId = new Map<string, LiveOrder>();
  private readonly open = new Map<number, LiveOrder>();
  private readonly openByClientId = new Map<string, LiveOrder>();
  private readonly openCounts = new Map<string, number>();
  private readonly allFills: SimFill[] = [];
  private readonly fillsBySymbol = new Map<string, SimFill[]>();

  constructor(readonly ledger: LedgerAccount) {}

  add(order: LiveOrder): void {
    this.all.push(order);
    listOf(this.bySymbol, order.rules.symbol).push(order);
    this.byId.set(order.orderId, order);
    this.index(order);
    this.open.set(order.orderId, order);
    this.openCounts.set(order.rules.symbol, this.openCount(order.rules.symbol) + 1);
  }

  /** The order has ended: its client order id is free again. */
  close(order: LiveOrder): void {
    if (!this.open.delete(order.orderId)) return;
    this.openByClientId.delete(order.clientOrderId);
    this.openCounts.set(order.rules.symbol, this.openCount(order.rules.symbol) - 1);
  }

  rename(order: LiveOrder, clientOrderId: string): void {
    if (order.clientOrderId === clientOrderId) return;
    this.openByClientId.delete(order.clientOrderId);
    this.forget(order);
    order.clientOrderId = clientOrderId;
    this.index(order);
  }

  addFill(fill: SimFill): void {
    this.allFills.push(fill);
    listOf(this.fillsBySymbol, fill.symbol).push(fill);
  }

  isOpenClientId(clientOrderId: string): boolean {
    return this.openByClientId.has(clientOrderId);
  }

  openCount(symbol: string): number {
    return this.openCounts.get(symbol) ?? 0;
  }

  /** With both ids, the order found by its number must also carry the client id. */
  find(symbol: string, orderId: number | null, clientOrderId: string | null): LiveOrder | undefined {
    if (orderId !== null) {
      const order = this.byId.get(orderId);
      if (order === undefined || order.rules.symbol !== symbol) return undefined;
      return clientOrderId === null || order.clientOrderId === clientOrderId ? order : undefined;
    }
    if (clientOrderId === null) return undefined;
    const open = this.openByClientId.get(clientOrderId);
    if (open !== undefined && open.rules.symbol === symbol) return open;
    let order: LiveOrder | null = this.newestByClientId.get(clientOrderId) ?? null;
    while (order !== null && order.rules.symbol !== symbol) order = order.olderSameId;
    return order ?? undefined;
  }

  /** Open orders, oldest first. */
  openOrders(symbol: string | null): LiveOrder[] {
    const orders: LiveOrder[] = [];
    for (const order of this.open.values()) if (symbol === null || order.rules.symbol === symbol) orders.push(order);
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
    this.openByClientId.set(order.clientOrderId, order);
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
