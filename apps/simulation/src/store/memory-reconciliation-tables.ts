import { ZERO } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import type { Discrepancy, ExternalOrder, FillCursor, Posting, Run } from '#libs/reconciliation';

/** How far an account's fills are posted, and since when its ledger is open. */
export interface LedgerHead {
  fillSeq: number;
  openedAtMs: number | null;
}

export interface RunRow {
  readonly run: Run;
  /** True time of the commit, ms since the start. */
  readonly committedAtMs: number;
}

/** The tables of the reconciliation, with their constraints, in memory. What is here is committed. */
export class ReconciliationTables {
  /** By the id of what is posted. */
  readonly postings = new Map<string, Posting>();
  readonly discrepancies: Discrepancy[] = [];
  readonly runs: RunRow[] = [];
  /** By account, then market. */
  readonly cursors = new Map<string, Map<string, FillCursor>>();
  /** By account, then market and venue order id. */
  readonly externals = new Map<string, Map<string, ExternalOrder>>();
  private readonly heads = new Map<string, LedgerHead>();
  private readonly totals = new Map<string, Map<string, Decimal>>();
  private readonly byAccount = new Map<string, Posting[]>();

  headOf(account: string): LedgerHead {
    return rowOf(this.heads, account, () => ({ fillSeq: 0, openedAtMs: null }));
  }

  totalsOf(account: string): Map<string, Decimal> {
    return rowOf(this.totals, account, () => new Map<string, Decimal>());
  }

  postingsOf(account: string): Posting[] {
    return rowOf(this.byAccount, account, () => []);
  }

  /** What is there already is left alone. @returns how many were not. */
  post(postings: readonly Posting[]): number {
    const fresh = postings.filter(({ txId, entries }) => entries.length > 0 && !this.postings.has(txId));
    for (const posting of fresh) {
      this.postings.set(posting.txId, posting);
      this.postingsOf(posting.account).push(posting);
      const totals = this.totalsOf(posting.account);
      for (const { book, asset, amount } of posting.entries) {
        if (book === 'holdings') totals.set(asset, (totals.get(asset) ?? ZERO).plus(amount));
      }
    }
    return fresh.length;
  }
}

export function rowOf<Row>(table: Map<string, Row>, key: string, make: () => Row): Row {
  let row = table.get(key);
  if (row === undefined) table.set(key, (row = make()));
  return row;
}
