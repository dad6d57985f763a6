import { Database } from '#libs/database';
import { decimal, timeText } from '#libs/kernel';
import type { OrderType, Side, VenueOrderReport } from '#libs/model';
import { VenueRecords } from '../application/venue-records.js';
import type { ExternalOrder, ExternalOrderPosition, FillCursor } from '../application/venue-records.js';

interface ExternalRow {
  readonly account: string;
  readonly symbol: string;
  readonly venue_order_id: string;
  readonly venue_client_id: string;
  readonly status: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity: string;
  readonly price: string | null;
  readonly filled_quantity: string | null;
  readonly venue_time: Date | null;
  readonly first_seen_at: Date;
  readonly last_seen_at: Date;
}

const SAVE_CURSORS = `
  INSERT INTO fill_cursors (account, symbol, venue_time, venue_trade_id, read_at)
  SELECT $1, * FROM unnest($2::text[], $3::timestamptz[], $4::text[], $5::timestamptz[])
  ON CONFLICT (account, symbol) DO UPDATE SET
    venue_time = greatest(fill_cursors.venue_time, excluded.venue_time),
    venue_trade_id = CASE WHEN excluded.venue_time >= fill_cursors.venue_time
      THEN coalesce(excluded.venue_trade_id, fill_cursors.venue_trade_id) ELSE fill_cursors.venue_trade_id END,
    read_at = greatest(fill_cursors.read_at, excluded.read_at)`;

const SEE = `
  INSERT INTO external_orders
    (account, symbol, venue_order_id, venue_client_id, status, side, type, quantity, price, filled_quantity, venue_time, first_seen_at, last_seen_at)
  SELECT $1, symbol, venue_order_id, venue_client_id, status, side, type, quantity, price, filled_quantity, venue_time, $2, $2
  FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::numeric[], $10::numeric[], $11::numeric[],
    $12::timestamptz[])
    AS seen (symbol, venue_order_id, venue_client_id, status, side, type, quantity, price, filled_quantity, venue_time)
  ON CONFLICT (account, symbol, venue_order_id) DO UPDATE SET
    status = excluded.status, quantity = excluded.quantity, price = excluded.price, last_seen_at = excluded.last_seen_at,
    filled_quantity = coalesce(excluded.filled_quantity, external_orders.filled_quantity),
    venue_time = coalesce(excluded.venue_time, external_orders.venue_time)`;

const END = `
  UPDATE external_orders SET status = 'not-listed', last_seen_at = $3
  WHERE account = $1 AND status IN ('pending-new', 'new', 'partially-filled') AND venue_order_id <> ALL ($2)`;

const EXTERNALS = `
  SELECT * FROM external_orders
  WHERE account = $1 AND ($2::text IS NULL OR (symbol, venue_order_id) > ($2, $3::text))
  ORDER BY symbol, venue_order_id LIMIT $4`;

/** Cursors and external orders in Postgres. */
export class SqlVenueRecords extends VenueRecords {
  constructor(private readonly database: Database) {
    super();
  }

  async cursors(account: string): Promise<readonly FillCursor[]> {
    const { rows } = await this.database.query<{ symbol: string; venue_time: Date; venue_trade_id: string | null; read_at: Date }>(
      'fill-cursors.of-account',
      'SELECT symbol, venue_time, venue_trade_id, read_at FROM fill_cursors WHERE account = $1',
      [account],
    );
    return rows.map((row) => ({
      symbol: row.symbol,
      venueTimeMs: row.venue_time.getTime(),
      venueTradeId: row.venue_trade_id,
      readAtMs: row.read_at.getTime(),
    }));
  }

  async saveCursors(account: string, cursors: readonly FillCursor[]): Promise<void> {
    if (cursors.length === 0) return;
    await this.database.query('fill-cursors.save', SAVE_CURSORS, [
      account,
      cursors.map((cursor) => cursor.symbol),
      cursors.map((cursor) => timeText(cursor.venueTimeMs)),
      cursors.map((cursor) => cursor.venueTradeId),
      cursors.map((cursor) => timeText(cursor.readAtMs)),
    ]);
  }

  async seeExternal(account: string, reports: readonly VenueOrderReport[], atMs: number): Promise<void> {
    // The same order twice in one statement would be refused; the later word counts.
    const seen = [...new Map(reports.map((report) => [`${report.symbol} ${report.venueOrderId}`, report])).values()];
    if (seen.length === 0) return;
    await this.database.query('external-orders.see', SEE, [
      account,
      timeText(atMs),
      seen.map((report) => report.symbol),
      seen.map((report) => report.venueOrderId),
      seen.map((report) => report.venueClientId),
      seen.map((report) => report.status),
      seen.map((report) => report.side),
      seen.map((report) => report.type),
      seen.map((report) => report.quantity.toFixed()),
      seen.map((report) => report.price?.toFixed() ?? null),
      seen.map((report) => report.filledQuantity?.toFixed() ?? null),
      seen.map((report) => (report.venueTimeMs === null ? null : timeText(report.venueTimeMs))),
    ]);
  }

  async knownExternal(account: string, symbol: string, venueOrderIds: readonly string[]): Promise<readonly string[]> {
    const { rows } = await this.database.query<{ venue_order_id: string }>(
      'external-orders.known',
      'SELECT venue_order_id FROM external_orders WHERE account = $1 AND symbol = $2 AND venue_order_id = ANY ($3)',
      [account, symbol, venueOrderIds],
    );
    return rows.map((row) => row.venue_order_id);
  }

  async endExternal(account: string, listedVenueOrderIds: readonly string[], atMs: number): Promise<void> {
    await this.database.query('external-orders.end', END, [account, listedVenueOrderIds, timeText(atMs)]);
  }

  async externals(account: string, after: ExternalOrderPosition | null, limit: number): Promise<readonly ExternalOrder[]> {
    const values = [account, after?.symbol ?? null, after?.venueOrderId ?? null, limit];
    const { rows } = await this.database.query<ExternalRow>('external-orders.list', EXTERNALS, values);
    return rows.map((row) => ({
      account: row.account,
      symbol: row.symbol,
      venueOrderId: row.venue_order_id,
      venueClientId: row.venue_client_id,
      status: row.status,
      side: row.side,
      type: row.type,
      quantity: decimal(row.quantity),
      price: row.price === null ? null : decimal(row.price),
      filledQuantity: row.filled_quantity === null ? null : decimal(row.filled_quantity),
      venueTimeMs: row.venue_time?.getTime() ?? null,
      firstSeenAtMs: row.first_seen_at.getTime(),
      lastSeenAtMs: row.last_seen_at.getTime(),
    }));
  }
}
