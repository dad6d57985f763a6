import { Database } from '#libs/database';
import { decimal } from '#libs/kernel';
import type { AccountName, OrderId } from '#libs/kernel';
import type { Side } from '#libs/model';
import { foldAll } from '../domain/index.js';
import type { OrderState, StoredEvent } from '../domain/index.js';
import { OrderReader } from '../application/order-reader.js';
import type { BookedFill, FillFilter, OrderFilter } from '../application/order-reader.js';
import { eventFrom } from './event.mapper.js';
import { stateFrom, termsFrom } from './order.mapper.js';
import type { OrderRow, StateRow } from './order.mapper.js';

export interface EventRow {
  readonly order_id: string;
  readonly version: number;
  readonly type: string;
  readonly at: Date;
  readonly correlation_id: string | null;
  readonly data: Record<string, unknown>;
}

export interface FillRow {
  readonly id: string;
  readonly order_id: string;
  readonly account: string;
  readonly venue: string;
  readonly symbol: string;
  readonly venue_trade_id: string;
  readonly venue_order_id: string;
  readonly side: string;
  readonly price: string;
  readonly quantity: string;
  readonly fee_asset: string | null;
  readonly fee_amount: string | null;
  readonly liquidity: 'maker' | 'taker' | null;
  readonly source: string;
  readonly venue_time: Date;
  readonly booked_at: Date;
}

const STATE_COLUMNS = `s.status, s.version, s.venue_order_id, s.quantity AS current_quantity, s.filled_quantity, s.filled_quote, s.fees, s.reject_reason, s.sent_at, s.acknowledged_at, s.updated_at`;

const LIST = `
  SELECT o.*, ${STATE_COLUMNS} FROM orders o LEFT JOIN order_states s ON s.order_id = o.id
  WHERE ($1::text[] IS NULL OR o.account = ANY ($1)) AND ($2::text IS NULL OR o.symbol = $2)
    AND ($3::text[] IS NULL OR coalesce(s.status, 'pending-new') = ANY ($3)) AND ($4::text IS NULL OR o.client_order_id = $4)
    AND ($5::uuid IS NULL OR o.id < $5)
  ORDER BY o.id DESC LIMIT $6`;

const OPEN = `
  SELECT id FROM orders JOIN (
    SELECT order_id AS id FROM open_attempts
    UNION
    SELECT order_id FROM order_states WHERE status NOT IN ('filled', 'canceled', 'rejected', 'expired')
  ) AS open USING (id)
  WHERE account = $1`;

const OVERFILLED = `
  SELECT s.order_id AS id FROM order_states s JOIN orders o ON o.id = s.order_id
  WHERE s.filled_quantity > s.quantity AND o.account = $1 AND s.updated_at >= $2`;

const UNANNOUNCED = `
  SELECT id FROM orders
  WHERE account = $1 AND created_at >= $2 AND NOT EXISTS (SELECT FROM order_outbox WHERE order_id = orders.id AND version = 1)
  ORDER BY id`;

const FILLS = `
  SELECT * FROM fills
  WHERE ($1::text[] IS NULL OR account = ANY ($1)) AND ($2::text IS NULL OR symbol = $2) AND ($3::uuid IS NULL OR order_id = $3)
    AND ($4::uuid IS NULL OR id < $4)
  ORDER BY id DESC LIMIT $5`;

/** Orders of one read at start, so that a long list does not outgrow the statement's time. */
const OPEN_CHUNK = 500;

/** Reads the journal from Postgres. Orders are folded from their events, not believed from the projection. */
export class SqlOrderReader extends OrderReader {
  constructor(private readonly database: Database) {
    super();
  }

  async byId(id: OrderId): Promise<OrderState | null> {
    const [state] = await this.folded([id]);
    return state ?? null;
  }

  async byClientOrderId(account: string, clientOrderId: string): Promise<OrderState | null> {
    return this.byKey(
      'orders.by-client-order-id',
      'SELECT id FROM orders WHERE account = $1 AND client_order_id = $2',
      account,
      clientOrderId,
    );
  }

  async byIdempotencyKey(account: string, key: string): Promise<OrderState | null> {
    return this.byKey('orders.by-idempotency-key', 'SELECT id FROM orders WHERE account = $1 AND idempotency_key = $2', account, key);
  }

  async unannounced(account: string, sinceMs: number): Promise<readonly OrderId[]> {
    const values = [account, new Date(sinceMs).toISOString()];
    const { rows } = await this.database.query<{ id: OrderId }>('orders.unannounced', UNANNOUNCED, values);
    return rows.map((row) => row.id);
  }

  async overfilled(account: string, sinceMs: number): Promise<readonly OrderState[]> {
    const values = [account, new Date(sinceMs).toISOString()];
    const { rows } = await this.database.query<{ id: string }>('orders.overfilled', OVERFILLED, values);
    return rows.length === 0 ? [] : this.folded(rows.map((row) => row.id));
  }

  async openIds(account: string): Promise<readonly OrderId[]> {
    const { rows } = await this.database.query<{ id: OrderId }>('orders.open', OPEN, [account]);
    return rows.map((row) => row.id);
  }

  async open(account: string): Promise<readonly OrderState[]> {
    const rows = (await this.openIds(account)).map((id) => ({ id }));
    const states: OrderState[] = [];
    for (let from = 0; from < rows.length; from += OPEN_CHUNK) {
      states.push(...(await this.folded(rows.slice(from, from + OPEN_CHUNK).map((row) => row.id))));
    }
    return states;
  }

  async list(filter: OrderFilter): Promise<readonly OrderState[]> {
    const values = [filter.accounts, filter.symbol, filter.statuses, filter.clientOrderId, filter.before, filter.limit];
    const { rows } = await this.database.query<OrderRow & StateRow>('orders.list', LIST, values);
    return rows.map(stateFrom);
  }

  async history(id: OrderId): Promise<readonly StoredEvent[]> {
    return (await this.histories([id])).get(id)?.events ?? [];
  }

  async bookedTrades(account: string, symbol: string, venueTradeIds: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.database.query<{ booked: string }>(
      'fills.booked',
      `SELECT venue_order_id || '/' || venue_trade_id AS booked FROM fills WHERE account = $1 AND symbol = $2 AND venue_trade_id = ANY ($3)`,
      [account, symbol, venueTradeIds],
    );
    return new Set(rows.map((row) => row.booked));
  }

  async fills(filter: FillFilter): Promise<readonly BookedFill[]> {
    const values = [filter.accounts, filter.symbol, filter.orderId, filter.before, filter.limit];
    const { rows } = await this.database.query<FillRow>('fills.list', FILLS, values);
    return rows.map(fillFrom);
  }

  private async byKey(name: string, text: string, account: string, key: string): Promise<OrderState | null> {
    const { rows } = await this.database.query<{ id: string }>(name, text, [account, key]);
    return rows[0] === undefined ? null : this.byId(rows[0].id as OrderId);
  }

  private async folded(ids: readonly string[]): Promise<OrderState[]> {
    const histories = await this.histories(ids);
    return [...histories.values()].filter(({ events }) => events.length > 0).map(({ events }) => foldAll(events));
  }

  private async histories(ids: readonly string[]): Promise<Map<string, { events: StoredEvent[] }>> {
    const [orders, events] = await Promise.all([
      this.database.query<OrderRow>('orders.by-ids', 'SELECT * FROM orders WHERE id = ANY ($1)', [ids]),
      this.database.query<EventRow>(
        'order-events.by-ids',
        'SELECT * FROM order_events WHERE order_id = ANY ($1) ORDER BY order_id, version',
        [ids],
      ),
    ]);
    const terms = new Map(orders.rows.map((row) => [row.id, termsFrom(row)]));
    const found = new Map(orders.rows.map((row) => [row.id, { events: [] as StoredEvent[] }]));
    for (const row of events.rows) {
      const owner = terms.get(row.order_id);
      if (owner === undefined) continue;
      const event = eventFrom(row.type, row.data, owner);
      found.get(row.order_id)!.events.push({ version: row.version, atMs: row.at.getTime(), correlationId: row.correlation_id, event });
    }
    return found;
  }
}

export function fillFrom(row: FillRow): BookedFill {
  return {
    id: row.id,
    orderId: row.order_id as OrderId,
    account: row.account as AccountName,
    venue: row.venue,
    symbol: row.symbol,
    venueTradeId: row.venue_trade_id,
    venueOrderId: row.venue_order_id,
    side: row.side as Side,
    price: decimal(row.price),
    quantity: decimal(row.quantity),
    fee: row.fee_asset === null || row.fee_amount === null ? null : { asset: row.fee_asset, amount: decimal(row.fee_amount) },
    liquidity: row.liquidity,
    source: row.source,
    venueTimeMs: row.venue_time.getTime(),
    bookedAtMs: row.booked_at.getTime(),
  };
}
