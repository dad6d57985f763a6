import { decimal, timeText } from '#libs/kernel';
import type { Book, Entry, EntryKind, Posting } from '../domain/index.js';

export interface LineRow {
  readonly tx_id: string;
  readonly line: number;
  readonly account: string;
  readonly book: Book;
  readonly asset: string;
  readonly amount: string;
  readonly kind: EntryKind;
  readonly reference: string;
  readonly at: Date;
  readonly reason: string | null;
}

/** Lines that are there already are left alone, and only those that went in change the totals. */
export const POST = `
  WITH posted AS (
    INSERT INTO ledger_entries (tx_id, line, account, book, asset, amount, kind, reference, at, reason)
    SELECT * FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::numeric[], $7::text[], $8::text[],
      $9::timestamptz[], $10::text[])
    ON CONFLICT (tx_id, line) DO NOTHING
    RETURNING tx_id, account, book, asset, amount
  ), totals AS (
    INSERT INTO ledger_totals (account, asset, total)
    SELECT account, asset, sum(amount) FROM posted WHERE book = 'holdings' GROUP BY account, asset
    ON CONFLICT (account, asset) DO UPDATE SET total = ledger_totals.total + excluded.total
  )
  SELECT count(DISTINCT tx_id) AS posted FROM posted`;

type Line = { readonly posting: Posting; readonly entry: Entry; readonly line: number };

const COLUMNS: readonly ((line: Line) => unknown)[] = [
  ({ posting }) => posting.txId,
  ({ line }) => line,
  ({ posting }) => posting.account,
  ({ entry }) => entry.book,
  ({ entry }) => entry.asset,
  ({ entry }) => entry.amount.toFixed(),
  ({ entry }) => entry.kind,
  ({ posting }) => posting.reference,
  ({ posting }) => timeText(posting.atMs),
  ({ posting }) => posting.reason,
];

/** The parameters of `POST`: one array for each column. */
export function linesOf(postings: readonly Posting[]): readonly (readonly unknown[])[] {
  const lines = postings.flatMap((posting) => posting.entries.map((entry, line) => ({ posting, entry, line })));
  return COLUMNS.map((value) => lines.map(value));
}

/** A posting from its lines as they were stored. */
export function postingFrom(lines: readonly LineRow[]): Posting {
  const first = lines[0]!;
  return {
    txId: first.tx_id,
    account: first.account,
    reference: first.reference,
    atMs: first.at.getTime(),
    reason: first.reason,
    entries: lines.map(({ book, asset, amount, kind }) => ({ book, asset, amount: decimal(amount), kind })),
  };
}
