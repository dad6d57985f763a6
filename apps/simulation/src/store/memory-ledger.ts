import { ZERO } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import { fillTxId, Ledger, postFill, postOpening, postVoid } from '#libs/reconciliation';
import type { LedgerState, Posting } from '#libs/reconciliation';
import type { DatabaseLine } from './database-line.js';
import type { FillRow, MemoryDatabase } from './memory-database.js';

/** A fill that was only concluded, and is older than this, no longer keeps its assets from being judged, ms. */
const INFERRED_MS = 600_000;

/** The ledger's rows, over one replica's line: each call is one transaction. */
export class MemoryLedger extends Ledger {
  constructor(
    private readonly database: MemoryDatabase,
    private readonly line: DatabaseLine,
    private readonly databaseNowMs: () => number,
  ) {
    super();
  }

  postJournal(account: string, amountDecimals: number | null): Promise<{ posted: number; complete: boolean }> {
    return this.line.call(() => {
      const { reconciliation } = this.database;
      const head = reconciliation.headOf(account);
      const rows = this.fillsOf(account);
      const fresh = rows.filter(({ seq }) => seq > head.fillSeq);
      const fills = reconciliation.post(fresh.map((row) => postFill(postable(row), amountDecimals)));
      head.fillSeq = fresh.at(-1)?.seq ?? head.fillSeq;
      const voided = rows
        .filter(({ isVoided }) => isVoided)
        .map((row) => ({ row, made: reconciliation.postings.get(fillTxId(postable(row))) }));
      const voids = voided.flatMap(({ row, made }) =>
        made === undefined ? [] : [postVoid(made, { atMs: row.fill.venueTimeMs, reason: 'voided' })],
      );
      return { posted: fills + reconciliation.post(voids), complete: true };
    }, true);
  }

  post(_account: string, postings: readonly Posting[]): Promise<number> {
    if (postings.length === 0) return Promise.resolve(0);
    return this.line.call(() => this.database.reconciliation.post(postings), true);
  }

  open(account: string, venueTotals: ReadonlyMap<string, Decimal>, atMs: number): Promise<boolean> {
    return this.line.call(() => {
      const { reconciliation } = this.database;
      const head = reconciliation.headOf(account);
      if (head.openedAtMs !== null) return false;
      const totals = reconciliation.totalsOf(account);
      const openings = [...new Set([...totals.keys(), ...venueTotals.keys()])]
        .map((asset) => ({ asset, amount: (venueTotals.get(asset) ?? ZERO).minus(totals.get(asset) ?? ZERO) }))
        .filter(({ amount }) => !amount.eq(ZERO));
      reconciliation.post(openings.map(({ asset, amount }) => postOpening(account, asset, amount, atMs)));
      head.openedAtMs = atMs;
      return true;
    }, true);
  }

  read(account: string, recentSinceMs: number): Promise<LedgerState> {
    return this.line.call(() => {
      const { reconciliation } = this.database;
      return {
        openedAtMs: reconciliation.headOf(account).openedAtMs,
        totals: new Map(reconciliation.totalsOf(account)),
        recent: recentOf(reconciliation.postingsOf(account), recentSinceMs),
        inferredSymbols: this.inferredSymbols(account),
      };
    }, false);
  }

  private inferredSymbols(account: string): string[] {
    const sinceMs = this.databaseNowMs() - INFERRED_MS;
    const guessed = this.fillsOf(account).filter(
      ({ fill, isVoided, bookedAtMs }) => fill.inferred === true && !isVoided && bookedAtMs >= sinceMs,
    );
    return [...new Set(guessed.map(({ fill }) => fill.symbol))];
  }

  private fillsOf(account: string): readonly FillRow[] {
    return this.database.fills.get(account) ?? [];
  }
}

/** A journaled fill as the ledger posts it. */
export function postable({ account, orderId, fill }: FillRow): Parameters<typeof postFill>[0] {
  return { ...fill, account, orderId };
}

/** By asset: what each trade since then moved, oldest first. */
function recentOf(postings: readonly Posting[], sinceMs: number): ReadonlyMap<string, readonly Decimal[]> {
  const recent = new Map<string, Decimal[]>();
  const later = postings.filter(({ atMs }) => atMs >= sinceMs);
  for (const { entries, reason } of later.toSorted((a, b) => a.atMs - b.atMs || (a.txId < b.txId ? -1 : 1))) {
    const moved = new Map<string, Decimal>();
    for (const { book, kind, asset, amount } of entries) {
      if (book === 'holdings' && (kind === 'fill' || kind === 'fee' || reason === 'external-fill'))
        moved.set(asset, (moved.get(asset) ?? ZERO).plus(amount));
    }
    for (const [asset, amount] of moved) recent.set(asset, [...(recent.get(asset) ?? []), amount]);
  }
  return recent;
}
