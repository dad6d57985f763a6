import type { IdSource } from '#libs/kernel';
import type { VenueOrderReport } from '#libs/model';
import { DiscrepancyStore, RunStore, VenueRecords } from '#libs/reconciliation';
import type { Closing, Discrepancy, DiscrepancyFilter, ExternalOrder, ExternalOrderPosition, FillCursor } from '#libs/reconciliation';
import type { Run, Sighting } from '#libs/reconciliation';
import type { DatabaseLine } from './database-line.js';
import type { MemoryDatabase } from './memory-database.js';
import { rowOf } from './memory-reconciliation-tables.js';

/** Discrepancies, over one replica's line. Only one is open for each account, kind and subject. */
export class MemoryDiscrepancyStore extends DiscrepancyStore {
  constructor(
    private readonly database: MemoryDatabase,
    private readonly line: DatabaseLine,
    private readonly ids: IdSource,
  ) {
    super();
  }

  see(sighting: Sighting, atMs: number): Promise<Discrepancy> {
    const id = this.ids.uuid();
    return this.line.call(() => {
      const at = this.rows.findIndex((row) => row.state === 'open' && isSame(row, sighting));
      const known = this.rows[at];
      if (known !== undefined)
        return (this.rows[at] = { ...known, detail: sighting.detail, lastSeenAtMs: atMs, seenCount: known.seenCount + 1 });
      const first = { id, state: 'open' as const, firstSeenAtMs: atMs, lastSeenAtMs: atMs, seenCount: 1, closedAtMs: null, repair: null };
      const row: Discrepancy = { ...sighting, ...first };
      this.rows.push(row);
      return row;
    }, true);
  }

  close(account: string, kind: string, subjects: readonly string[], { state, repair, atMs }: Closing): Promise<number> {
    if (subjects.length === 0) return Promise.resolve(0);
    return this.line.call(() => {
      let closed = 0;
      this.rows.forEach((row, at) => {
        if (row.state !== 'open' || row.account !== account || row.kind !== kind || !subjects.includes(row.subject)) return;
        this.rows[at] = { ...row, state, repair, closedAtMs: atMs };
        closed += 1;
      });
      return closed;
    }, true);
  }

  openOf(account: string): Promise<readonly Discrepancy[]> {
    return this.line.call(() => this.rows.filter((row) => row.state === 'open' && row.account === account), false);
  }

  countOpen(): Promise<ReadonlyMap<string, number>> {
    return this.line.call(() => {
      const counts = new Map<string, number>();
      for (const { state, kind } of this.rows) if (state === 'open') counts.set(kind, (counts.get(kind) ?? 0) + 1);
      return counts;
    }, false);
  }

  list({ accounts, state, kind, before, limit }: DiscrepancyFilter): Promise<readonly Discrepancy[]> {
    const matches = (row: Discrepancy): boolean =>
      accounts?.includes(row.account) !== false &&
      (state === null || row.state === state) &&
      (kind === null || row.kind === kind) &&
      (before === null || row.id < before);
    return this.line.call(() => newest(this.rows.filter(matches), limit), false);
  }

  private get rows(): Discrepancy[] {
    return this.database.reconciliation.discrepancies;
  }
}

/** Runs that ended, over one replica's line. */
export class MemoryRunStore extends RunStore {
  constructor(
    private readonly database: MemoryDatabase,
    private readonly line: DatabaseLine,
    private readonly databaseNowMs: () => number,
  ) {
    super();
  }

  add(run: Run): Promise<void> {
    return this.line.call(() => {
      const { runs } = this.database.reconciliation;
      if (!runs.some((row) => row.run.id === run.id)) runs.push({ run, committedAtMs: this.databaseNowMs() });
    }, true);
  }

  last(accounts: readonly string[] | null, limit: number): Promise<readonly Run[]> {
    return this.line.call(() => {
      const runs = this.database.reconciliation.runs.map(({ run }) => run);
      return newest(
        runs.filter(({ account }) => accounts?.includes(account) !== false),
        limit,
      );
    }, false);
  }
}

/** Cursors and orders of others, over one replica's line. */
export class MemoryVenueRecords extends VenueRecords {
  constructor(
    private readonly database: MemoryDatabase,
    private readonly line: DatabaseLine,
  ) {
    super();
  }

  cursors(account: string): Promise<readonly FillCursor[]> {
    return this.line.call(() => [...this.cursorsOf(account).values()], false);
  }

  saveCursors(account: string, cursors: readonly FillCursor[]): Promise<void> {
    if (cursors.length === 0) return Promise.resolve();
    return this.line.call(() => {
      const rows = this.cursorsOf(account);
      for (const cursor of cursors) rows.set(cursor.symbol, later(rows.get(cursor.symbol), cursor));
    }, true);
  }

  seeExternal(account: string, reports: readonly VenueOrderReport[], atMs: number): Promise<void> {
    if (reports.length === 0) return Promise.resolve();
    return this.line.call(() => {
      const rows = this.externalsOf(account);
      for (const report of reports) {
        const key = `${report.symbol} ${report.venueOrderId}`;
        rows.set(key, seenAgain(rows.get(key), account, report, atMs));
      }
    }, true);
  }

  knownExternal(account: string, symbol: string, venueOrderIds: readonly string[]): Promise<readonly string[]> {
    return this.line.call(() => venueOrderIds.filter((id) => this.externalsOf(account).has(`${symbol} ${id}`)), false);
  }

  endExternal(account: string, listedVenueOrderIds: readonly string[], atMs: number): Promise<void> {
    return this.line.call(() => {
      const rows = this.externalsOf(account);
      for (const [key, row] of rows) {
        if (!OPEN.has(row.status) || listedVenueOrderIds.includes(row.venueOrderId)) continue;
        rows.set(key, { ...row, status: 'not-listed', lastSeenAtMs: atMs });
      }
    }, true);
  }

  externals(account: string, after: ExternalOrderPosition | null, limit: number): Promise<readonly ExternalOrder[]> {
    return this.line.call(() => {
      const rows = [...this.externalsOf(account)].toSorted(([a], [b]) => (a < b ? -1 : 1));
      const from = after === null ? '' : `${after.symbol} ${after.venueOrderId}`;
      return rows
        .filter(([key]) => key > from)
        .slice(0, limit)
        .map(([, row]) => row);
    }, false);
  }

  private cursorsOf(account: string): Map<string, FillCursor> {
    return rowOf(this.database.reconciliation.cursors, account, () => new Map<string, FillCursor>());
  }

  private externalsOf(account: string): Map<string, ExternalOrder> {
    return rowOf(this.database.reconciliation.externals, account, () => new Map<string, ExternalOrder>());
  }
}

const OPEN: ReadonlySet<string> = new Set(['pending-new', 'new', 'partially-filled']);

function isSame(row: Discrepancy, { account, kind, subject }: Sighting): boolean {
  return row.account === account && row.kind === kind && row.subject === subject;
}

function newest<Row extends { readonly id: string }>(rows: readonly Row[], limit: number): readonly Row[] {
  return rows.toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
}

/** A cursor never goes back. */
function later(before: FillCursor | undefined, cursor: FillCursor): FillCursor {
  if (before === undefined) return cursor;
  const isOlder = cursor.venueTimeMs < before.venueTimeMs;
  return {
    symbol: cursor.symbol,
    venueTimeMs: Math.max(before.venueTimeMs, cursor.venueTimeMs),
    venueTradeId: isOlder ? before.venueTradeId : (cursor.venueTradeId ?? before.venueTradeId),
    readAtMs: Math.max(before.readAtMs, cursor.readAtMs),
  };
}

function seenAgain(before: ExternalOrder | undefined, account: string, report: VenueOrderReport, atMs: number): ExternalOrder {
  const { symbol, venueOrderId, venueClientId, side, type, quantity, price, status } = report;
  return {
    account,
    symbol,
    venueOrderId,
    venueClientId,
    side,
    type,
    quantity,
    price,
    status,
    filledQuantity: report.filledQuantity ?? before?.filledQuantity ?? null,
    venueTimeMs: report.venueTimeMs ?? before?.venueTimeMs ?? null,
    firstSeenAtMs: before?.firstSeenAtMs ?? atMs,
    lastSeenAtMs: atMs,
  };
}
