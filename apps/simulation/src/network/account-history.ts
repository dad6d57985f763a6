import type { SimAccountEvent, SimBalance, SimFill, SimOrder, SimOrderRef } from '#libs/venue-simulator';

interface Version<T> {
  readonly atMs: number;
  readonly value: T;
}

interface Account {
  /** By order number, oldest order first; the versions of each, oldest first. */
  readonly orders: Map<number, Version<SimOrder>[]>;
  readonly fills: Version<SimFill>[];
  readonly balances: Map<string, Version<SimBalance>[]>;
}

/** What an account may be seen as: as it was at a moment, or as it is without the orders and fills since then. */
export interface View {
  readonly kind: 'at' | 'without-since';
  readonly ms: number;
}

/** How the accounts of a venue looked in the last moments. Snapshots are kept by time, shared with whoever else holds them. */
export class AccountHistory {
  private readonly accounts = new Map<string, Account>();

  constructor(private readonly keepMs: number) {}

  open(account: string, balances: readonly SimBalance[], atMs: number): void {
    const known = new Map(balances.map((balance) => [balance.asset, [{ atMs, value: balance }]]));
    this.accounts.set(account, { orders: new Map(), fills: [], balances: known });
  }

  record(name: string, event: SimAccountEvent, atMs: number): void {
    const account = this.accounts.get(name);
    if (account === undefined) return;
    if (event.type === 'order') {
      this.append(account.orders, event.order.orderId, { atMs, value: event.order });
      if (event.fill !== null) account.fills.push({ atMs, value: event.fill });
    } else if (event.type === 'balances') {
      for (const balance of event.balances) this.append(account.balances, balance.asset, { atMs, value: balance });
    }
  }

  orders(name: string, symbol: string | null, view: View): readonly SimOrder[] {
    const orders: SimOrder[] = [];
    for (const versions of this.accounts.get(name)?.orders.values() ?? []) {
      const order = seen(versions, view);
      if (order !== undefined && (symbol === null || order.symbol === symbol)) orders.push(order);
    }
    return orders;
  }

  order(ref: SimOrderRef, view: View): SimOrder | undefined {
    const orders = this.orders(ref.account, ref.symbol, view);
    if (ref.orderId !== null) return orders.find(({ orderId }) => orderId === ref.orderId);
    return orders.findLast(({ clientOrderId }) => clientOrderId === ref.clientOrderId);
  }

  fills(name: string, symbol: string | null, view: View): readonly SimFill[] {
    const fills = this.accounts.get(name)?.fills ?? [];
    return fills.filter(({ atMs, value }) => atMs <= view.ms && (symbol === null || value.symbol === symbol)).map(({ value }) => value);
  }

  /** As they were; what a view leaves out of the lists moves no balance. */
  balances(name: string, view: View): readonly SimBalance[] | null {
    const account = this.accounts.get(name);
    if (account === undefined || view.kind !== 'at') return null;
    return [...account.balances.values()].flatMap((versions) => seen(versions, view) ?? []);
  }

  private append<K, T>(versions: Map<K, Version<T>[]>, key: K, version: Version<T>): void {
    const list = versions.get(key);
    if (list === undefined) {
      versions.set(key, [version]);
      return;
    }
    list.push(version);
    // The first one is also the time of birth, and one older than all views has to stay.
    while (list.length > 3 && list[2]!.atMs < version.atMs - this.keepMs) list.splice(1, 1);
  }
}

function seen<T>(versions: readonly Version<T>[], view: View): T | undefined {
  if (view.kind === 'without-since') return versions[0]!.atMs <= view.ms ? versions.at(-1)!.value : undefined;
  return versions.findLast(({ atMs }) => atMs <= view.ms)?.value;
}
