import type { Decimal } from '#libs/kernel';
import type { Posting } from '../domain/index.js';

/** What the ledger says of an account, read at one moment. */
export interface LedgerState {
  /** Since when it is open, ms; `null` before what the account held at the beginning has been posted. */
  readonly openedAtMs: number | null;
  /** By asset: free and locked together. */
  readonly totals: ReadonlyMap<string, Decimal>;
  /** By asset: what trades moved since a given time, oldest first. */
  readonly recent: ReadonlyMap<string, readonly Decimal[]>;
  /** Markets with a fill that was only concluded, whose real trades and fees are still to come. */
  readonly inferredSymbols: readonly string[];
}

/** The double entry ledger of what each account holds. Posting something twice changes nothing, whoever does it. */
export abstract class Ledger {
  /**
   * Posts the journal's fills and voids that are not posted yet, in their order; a bounded number at a time.
   * @returns how many were posted, and whether that was all.
   */
  abstract postJournal(account: string, amountDecimals: number | null): Promise<{ readonly posted: number; readonly complete: boolean }>;
  /** @returns how many of them were not posted before. */
  abstract post(account: string, postings: readonly Posting[]): Promise<number>;
  /**
   * Opens the ledger: whatever the venue says beyond what is posted was there before. Only the first call has an effect.
   * @returns whether this call opened it.
   */
  abstract open(account: string, venueTotals: ReadonlyMap<string, Decimal>, atMs: number): Promise<boolean>;
  /** @param recentSinceMs from when on trades are listed one by one */
  abstract read(account: string, recentSinceMs: number): Promise<LedgerState>;
}
