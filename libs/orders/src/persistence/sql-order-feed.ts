import { Database } from '#libs/database';
import { invariant } from '#libs/kernel';
import { isFinal } from '#libs/model';
import { fold } from '../domain/index.js';
import type { OrderState, OrderTerms } from '../domain/index.js';
import { OrderFeed } from '../application/order-feed.js';
import type { FillUpdate, OpenOrders, OrderUpdate, StreamHeads } from '../application/order-feed.js';
import { eventFrom } from './event.mapper.js';
import { FoldMemory } from './fold-memory.js';
import { termsFrom } from './order.mapper.js';
import type { OrderRow } from './order.mapper.js';
import { fillFrom } from './sql-order-reader.js';
import type { EventRow, FillRow } from './sql-order-reader.js';

/** One event that is wanted: the order as it stood after it. */
interface Wanted {
  readonly orderId: string;
  readonly version: number;
}

interface OutboxRow {
  readonly seq: string;
  readonly order_id: string;
  readonly version: number;
}

const HEADS = 'SELECT order_seq, fill_seq FROM stream_heads WHERE account = $1';

const ORDERS_AFTER = 'SELECT seq, order_id, version FROM order_outbox WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3';

const FILLS_AFTER = 'SELECT * FROM fills WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3';

/** One statement, so one moment: the head, and every order that may still trade with the last of its events up to that head. */
const OPEN = `
  WITH open AS (
    SELECT order_id FROM open_attempts
    UNION
    SELECT order_id FROM order_states WHERE status NOT IN ('filled', 'canceled', 'rejected', 'expired')
  )
  SELECT coalesce((SELECT order_seq FROM stream_heads WHERE account = $1), 0) AS seq, o.id AS order_id,
    (SELECT max(b.version) FROM order_outbox b WHERE b.order_id = o.id) AS version
  FROM (SELECT 1) one LEFT JOIN (open JOIN orders o ON o.id = open.order_id AND o.account = $1) ON true
  ORDER BY o.id`;

const EVENTS = `
  SELECT e.* FROM unnest($1::uuid[], $2::int[], $3::int[]) AS wanted (order_id, above, upto)
  JOIN order_events e ON e.order_id = wanted.order_id AND e.version > wanted.above AND e.version <= wanted.upto
  ORDER BY e.order_id, e.version`;

/** Open orders of one read, so that a long list does not outgrow the statement's time. */
const OPEN_CHUNK = 500;

/**
 * Reads the outbox from Postgres and folds page by page. The states at the end of a page are remembered, so that whoever reads on
 * folds each event once.
 */
export class SqlOrderFeed extends OrderFeed {
  private readonly memory = new FoldMemory();

  constructor(private readonly database: Database) {
    super();
  }

  async heads(account: string): Promise<StreamHeads> {
    const { rows } = await this.database.query<{ order_seq: string; fill_seq: string }>('streams.heads', HEADS, [account]);
    const row = rows[0];
    return row === undefined ? { orders: 0, fills: 0 } : { orders: whole(row.order_seq), fills: whole(row.fill_seq) };
  }

  async ordersAfter(account: string, seq: number, limit: number): Promise<readonly OrderUpdate[]> {
    const { rows } = await this.database.query<OutboxRow>('streams.orders-after', ORDERS_AFTER, [account, seq, limit]);
    const states = await this.statesAt(rows.map((row) => ({ orderId: row.order_id, version: row.version })));
    return rows.map((row, index) => {
      const { state, atMs } = states[index]!;
      return { seq: whole(row.seq), atMs, state };
    });
  }

  async fillsAfter(account: string, seq: number, limit: number): Promise<readonly FillUpdate[]> {
    const { rows } = await this.database.query<FillRow & { seq: string }>('streams.fills-after', FILLS_AFTER, [account, seq, limit]);
    return rows.map((row) => ({ seq: whole(row.seq), atMs: row.booked_at.getTime(), fill: fillFrom(row) }));
  }

  async openOrders(account: string): Promise<OpenOrders> {
    const { rows } = await this.database.query<{ seq: string; order_id: string | null; version: number | null }>('streams.open', OPEN, [
      account,
    ]);
    // Of an order without a number nothing was told yet: its beginning follows as an update.
    const wanted = rows.flatMap(({ order_id: orderId, version }) => (orderId === null || version === null ? [] : [{ orderId, version }]));
    const states: OrderState[] = [];
    for (let from = 0; from < wanted.length; from += OPEN_CHUNK) {
      const chunk = await this.statesAt(wanted.slice(from, from + OPEN_CHUNK));
      states.push(...chunk.map(({ state }) => state).filter((state) => !isFinal(state.status)));
    }
    return { seq: whole(rows[0]?.seq ?? '0'), states };
  }

  /** The orders as they stood after each of these events, in the same order. */
  private async statesAt(wanted: readonly Wanted[]): Promise<readonly { state: OrderState; atMs: number }[]> {
    if (wanted.length === 0) return [];
    const spans = spansOf(wanted);
    const ids = [...spans.keys()];
    const starts = ids.map((id) => this.memory.at(id, spans.get(id)!.first - 1));
    const unknown = ids.filter((_, index) => starts[index] === null);
    const [terms, events] = await Promise.all([
      this.terms(unknown),
      this.database.query<EventRow>('streams.events', EVENTS, [
        ids,
        starts.map((start) => start?.version ?? 0),
        ids.map((id) => spans.get(id)!.last),
      ]),
    ]);
    const states = new Map(ids.map((id, index) => [id, starts[index] ?? null]));
    const folded = new Map<string, { state: OrderState; atMs: number }>();
    for (const row of events.rows) {
      const before = states.get(row.order_id) ?? null;
      const own = before?.terms ?? terms.get(row.order_id);
      invariant(own !== undefined, 'every event belongs to an order');
      const event = eventFrom(row.type, row.data, own);
      const state = fold(before, { version: row.version, atMs: row.at.getTime(), correlationId: row.correlation_id, event });
      states.set(row.order_id, state);
      if (row.version >= spans.get(row.order_id)!.first) {
        folded.set(`${row.order_id} ${row.version}`, { state, atMs: row.at.getTime() });
      }
    }
    for (const state of states.values()) if (state !== null) this.memory.keep(state);
    return wanted.map(({ orderId, version }) => {
      const found = folded.get(`${orderId} ${version}`);
      invariant(found !== undefined, 'every number of the outbox has its event');
      return found;
    });
  }

  private async terms(ids: readonly string[]): Promise<ReadonlyMap<string, OrderTerms>> {
    if (ids.length === 0) return new Map();
    const { rows } = await this.database.query<OrderRow>('streams.terms', 'SELECT * FROM orders WHERE id = ANY ($1)', [ids]);
    return new Map(rows.map((row) => [row.id, termsFrom(row)]));
  }
}

/** First and last wanted version of each order. */
function spansOf(wanted: readonly Wanted[]): ReadonlyMap<string, { first: number; last: number }> {
  const spans = new Map<string, { first: number; last: number }>();
  for (const { orderId, version } of wanted) {
    const span = spans.get(orderId);
    if (span === undefined) spans.set(orderId, { first: version, last: version });
    else spans.set(orderId, { first: Math.min(span.first, version), last: Math.max(span.last, version) });
  }
  return spans;
}

function whole(text: string): number {
  return Number.parseInt(text, 10);
}
