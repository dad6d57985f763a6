import { Injectable } from '@nestjs/common';
import type { Balance } from '#libs/model';

export interface AccountBalances {
  readonly balances: readonly Balance[];
  /** When the venue last said something about them, ms. */
  readonly asOfMs: number;
}

/** The newest balances each venue reported, in memory: the venue is the truth, and is asked again after each start. */
@Injectable()
export class BalanceBook {
  private readonly accounts = new Map<string, { balances: Map<string, Balance>; asOfMs: number }>();

  replace(account: string, balances: readonly Balance[], atMs: number): void {
    this.accounts.set(account, { balances: new Map(balances.map((balance) => [balance.asset, balance])), asOfMs: atMs });
  }

  /** Some assets changed. Before the first complete report there is nothing to merge into: a part is not a balance sheet. */
  merge(account: string, balances: readonly Balance[], atMs: number): void {
    const known = this.accounts.get(account);
    if (known === undefined) return;
    for (const balance of balances) known.balances.set(balance.asset, balance);
    known.asOfMs = Math.max(known.asOfMs, atMs);
  }

  get(account: string): AccountBalances | null {
    const known = this.accounts.get(account);
    if (known === undefined) return null;
    return { balances: [...known.balances.values()], asOfMs: known.asOfMs };
  }
}
