import { decimal } from '#libs/kernel';
import type { PendingTransfer } from '../domain/index.js';

/** Transfers of one account that wait for a look at its balances, at most. The oldest leave: their difference is then unreported. */
const KEPT_MAX = 1_000;

/**
 * Deposits, withdrawals and transfers that the private stream told of and no look at the balances has used yet. In memory: what a crash
 * forgets is booked as unreported.
 */
export class PendingTransfers {
  private readonly accounts = new Map<string, PendingTransfer[]>();

  /** The same event twice is one transfer. */
  add(account: string, event: { readonly asset: string; readonly amount: string; readonly venueTimeMs: number }): void {
    const pending = this.accounts.get(account) ?? [];
    const transfer = { asset: event.asset, amount: decimal(event.amount), venueTimeMs: event.venueTimeMs };
    if (pending.some((other) => isSame(other, transfer))) return;
    this.accounts.set(account, [...pending, transfer].slice(-KEPT_MAX));
  }

  of(account: string, asset: string): readonly PendingTransfer[] {
    return (this.accounts.get(account) ?? []).filter((transfer) => transfer.asset === asset);
  }

  /** Those that were booked, and those of an asset that agrees without them. */
  drop(account: string, gone: (transfer: PendingTransfer) => boolean): void {
    const pending = this.accounts.get(account);
    if (pending === undefined) return;
    const kept = pending.filter((transfer) => !gone(transfer));
    if (kept.length === 0) this.accounts.delete(account);
    else this.accounts.set(account, kept);
  }
}

function isSame(a: PendingTransfer, b: PendingTransfer): boolean {
  return a.asset === b.asset && a.venueTimeMs === b.venueTimeMs && a.amount.eq(b.amount);
}
