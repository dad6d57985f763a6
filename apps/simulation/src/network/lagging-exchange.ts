import { SimulatedExchange } from '#libs/venue-simulator';
import type { SimBalance, SimFill, SimOrder, SimOrderRef, SimulatedExchangeOptions } from '#libs/venue-simulator';
import { AccountHistory, type View } from './account-history.js';

/** An exchange that can show its accounts as they were. What it does is always done to what is. */
export class LaggingExchange extends SimulatedExchange {
  private readonly history: AccountHistory;
  private view: View | null = null;

  /** @param elapsedMs true time. @param lagMaxMs how far back anything may be shown. */
  constructor(options: SimulatedExchangeOptions, elapsedMs: () => number, lagMaxMs: number) {
    super(options);
    this.history = new AccountHistory(lagMaxMs);
    for (const { name } of this.accounts()) this.history.open(name, super.balances(name), -Infinity);
    this.onAccountEvent((account, event) => this.history.record(account, event, elapsedMs()));
  }

  /** Runs a read that sees a past. */
  seeing<T>(view: View | null, read: () => T): T {
    this.view = view;
    try {
      return read();
    } finally {
      this.view = null;
    }
  }

  override order(ref: SimOrderRef): SimOrder | undefined {
    return this.view === null ? super.order(ref) : this.history.order(ref, this.view);
  }

  override openOrders(account: string, symbol: string | null): readonly SimOrder[] {
    if (this.view === null) return super.openOrders(account, symbol);
    return this.history.orders(account, symbol, this.view).filter(({ status }) => status === 'new' || status === 'partially-filled');
  }

  override orders(account: string, symbol: string | null): readonly SimOrder[] {
    return this.view === null ? super.orders(account, symbol) : this.history.orders(account, symbol, this.view);
  }

  override fills(account: string, symbol: string | null): readonly SimFill[] {
    return this.view === null ? super.fills(account, symbol) : this.history.fills(account, symbol, this.view);
  }

  override balances(account: string): readonly SimBalance[] {
    const past = this.view === null ? null : this.history.balances(account, this.view);
    return past ?? super.balances(account);
  }
}
