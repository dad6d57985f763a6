import { Database } from '#libs/database';
import type { Statements } from '#libs/database';
import { Clock, ZERO, decimal, timeText } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import type { Side } from '#libs/model';
import { Ledger } from '../application/ledger.js';
import type { LedgerState } from '../application/ledger.js';
import { postFill, postOpening, postVoid } from '../domain/index.js';
import type { Posting } from '../domain/index.js';
import { POST, linesOf, postingFrom } from './posting.statement.js';
import type { LineRow } from './posting.statement.js';

/** Fills of one transaction, so that no statement outgrows its time, and transactions of one call. */
const CHUNK = 500;
const CHUNKS_MAX = 40;
/** A fill that was only concluded, and is older than this, no longer keeps its assets from being judged, ms. */
const INFERRED_MS = 600_000;

interface FillRow {
  readonly seq: string;
  readonly order_id: string;
  readonly symbol: string;
  readonly venue_trade_id: string;
  readonly side: Side;
  readonly price: string;
  readonly quantity: string;
  readonly fee_asset: string | null;
  readonly fee_amount: string | null;
  readonly venue_time: Date;
}

interface VoidRow {
  readonly fill_tx: string;
  readonly reason: string;
  readonly voided_at: Date;
}

const MAKE_HEAD = 'INSERT INTO ledger_heads (account, fill_seq) VALUES ($1, 0) ON CONFLICT DO NOTHING';
const HOLD_HEAD = 'SELECT fill_seq, opened_at FROM ledger_heads WHERE account = $1 FOR UPDATE';

const FILLS = `
  SELECT seq, order_id, symbol, venue_trade_id, side, price, quantity, fee_asset, fee_amount, venue_time
  FROM fills WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3`;

/** Voids whose fill is posted and that are not posted themselves. */
const VOIDS = `
  SELECT key.fill_tx, v.reason, v.voided_at
  FROM fill_voids v
  JOIN fills f ON f.order_id = v.order_id AND f.venue_trade_id = v.venue_trade_id,
  LATERAL (SELECT concat_ws(':', 'fill', f.account, f.symbol, f.venue_trade_id, f.order_id) AS fill_tx) key
  WHERE v.account = $1
    AND EXISTS (SELECT FROM ledger_entries e WHERE e.tx_id = key.fill_tx)
    AND NOT EXISTS (SELECT FROM ledger_entries e WHERE e.tx_id = 'void' || substr(key.fill_tx, 5))
  ORDER BY v.voided_at LIMIT $2`;

const LINES = 'SELECT * FROM ledger_entries WHERE tx_id = ANY ($1) ORDER BY tx_id, line';

const TOTALS = 'SELECT asset, total FROM ledger_totals WHERE account = $1';

const RECENT = `
  SELECT asset, sum(amount) AS amount FROM ledger_entries
  WHERE account = $1 AND at >= $2 AND book = 'holdings' AND (kind IN ('fill', 'fee') OR reason = 'external-fill')
  GROUP BY asset, tx_id, at ORDER BY at, tx_id`;

const INFERRED = `
  SELECT DISTINCT symbol FROM fills f
  WHERE account = $1 AND id >= $2::uuid AND inferred
    AND NOT EXISTS (SELECT FROM fill_voids v WHERE v.order_id = f.order_id AND v.venue_trade_id = f.venue_trade_id)`;

/**
 * The ledger in Postgres. Whoever posts for an account holds the row of its head until the commit, so that two replicas post one after
 * the other, and fills in their order. The id of a posting is made from what it posts: what is there already is left alone.
 */
export class SqlLedger extends Ledger {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  async postJournal(account: string, amountDecimals: number | null): Promise<{ posted: number; complete: boolean }> {
    let posted = 0;
    for (let chunk = 0; chunk < CHUNKS_MAX; chunk += 1) {
      const count = await this.postChunk(account, amountDecimals);
      posted += count.posted;
      if (count.read < CHUNK) return { posted, complete: true };
    }
    return { posted, complete: false };
  }

  post(account: string, postings: readonly Posting[]): Promise<number> {
    if (postings.length === 0) return Promise.resolve(0);
    return this.database.transaction(async (tx) => {
      await holdHead(tx, account);
      return insert(tx, postings);
    });
  }

  open(account: string, venueTotals: ReadonlyMap<string, Decimal>, atMs: number): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const head = await holdHead(tx, account);
      if (head.opened_at !== null) return false;
      const totals = await readTotals(tx, account);
      const openings = [...new Set([...totals.keys(), ...venueTotals.keys()])]
        .map((asset) => ({ asset, amount: (venueTotals.get(asset) ?? ZERO).minus(totals.get(asset) ?? ZERO) }))
        .filter(({ amount }) => !amount.eq(ZERO))
        .map(({ asset, amount }) => postOpening(account, asset, amount, atMs));
      await insert(tx, openings);
      await tx.query('ledger.set-opened', 'UPDATE ledger_heads SET opened_at = $2 WHERE account = $1', [account, timeText(atMs)]);
      return true;
    });
  }

  read(account: string, recentSinceMs: number): Promise<LedgerState> {
    return this.database.transaction(async (tx) => {
      const head = await holdHead(tx, account);
      const totals = await readTotals(tx, account);
      const movements = await tx.query<{ asset: string; amount: string }>('ledger.recent', RECENT, [account, timeText(recentSinceMs)]);
      const recent = new Map<string, Decimal[]>();
      for (const { asset, amount } of movements.rows) recent.set(asset, [...(recent.get(asset) ?? []), decimal(amount)]);
      const since = firstIdAt(this.clock.nowMs() - INFERRED_MS);
      const inferred = await tx.query<{ symbol: string }>('ledger.inferred', INFERRED, [account, since]);
      return {
        openedAtMs: head.opened_at?.getTime() ?? null,
        totals,
        recent,
        inferredSymbols: inferred.rows.map(({ symbol }) => symbol),
      };
    });
  }

  private postChunk(account: string, amountDecimals: number | null): Promise<{ posted: number; read: number }> {
    return this.database.transaction(async (tx) => {
      const head = await holdHead(tx, account);
      const fills = await tx.query<FillRow>('ledger.fills', FILLS, [account, head.fill_seq, CHUNK]);
      const postings = fills.rows.map((row) => postFill(fillFrom(account, row), amountDecimals));
      let posted = await insert(tx, postings);
      const last = fills.rows.at(-1);
      if (last !== undefined)
        await tx.query('ledger.set-head', 'UPDATE ledger_heads SET fill_seq = $2 WHERE account = $1', [account, last.seq]);
      posted += await postVoids(tx, account);
      return { posted, read: fills.rows.length };
    });
  }
}

async function holdHead(tx: Statements, account: string): Promise<{ fill_seq: string; opened_at: Date | null }> {
  await tx.query('ledger.make-head', MAKE_HEAD, [account]);
  const { rows } = await tx.query<{ fill_seq: string; opened_at: Date | null }>('ledger.hold-head', HOLD_HEAD, [account]);
  return rows[0]!;
}

async function insert(tx: Statements, postings: readonly Posting[]): Promise<number> {
  if (postings.length === 0) return 0;
  const { rows } = await tx.query<{ posted: string }>('ledger.post', POST, linesOf(postings));
  return Number.parseInt(rows[0]!.posted, 10);
}

async function postVoids(tx: Statements, account: string): Promise<number> {
  const { rows: voids } = await tx.query<VoidRow>('ledger.voids', VOIDS, [account, CHUNK]);
  if (voids.length === 0) return 0;
  const lines = await tx.query<LineRow>('ledger.lines', LINES, [voids.map((row) => row.fill_tx)]);
  const postings = voids.map((row) => {
    const made = postingFrom(lines.rows.filter((line) => line.tx_id === row.fill_tx));
    return postVoid(made, { atMs: row.voided_at.getTime(), reason: row.reason });
  });
  return insert(tx, postings);
}

async function readTotals(tx: Statements, account: string): Promise<Map<string, Decimal>> {
  const { rows } = await tx.query<{ asset: string; total: string }>('ledger.totals', TOTALS, [account]);
  return new Map(rows.map(({ asset, total }) => [asset, decimal(total)]));
}

function fillFrom(account: string, row: FillRow): Parameters<typeof postFill>[0] {
  const fee = row.fee_asset === null || row.fee_amount === null ? null : { asset: row.fee_asset, amount: decimal(row.fee_amount) };
  return {
    account,
    orderId: row.order_id,
    symbol: row.symbol,
    venueTradeId: row.venue_trade_id,
    side: row.side,
    price: decimal(row.price),
    quantity: decimal(row.quantity),
    fee,
    venueTimeMs: row.venue_time.getTime(),
  };
}

/** The smallest UUIDv7 of a millisecond: ids of rows rise with the time of their making. */
function firstIdAt(ms: number): string {
  const time = Math.max(0, ms).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
