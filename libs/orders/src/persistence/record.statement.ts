import { timeText } from '#libs/kernel';
import type { Attempt, IntentKind, OrderState } from '../domain/index.js';
import { GATES, HALTED } from './begin.statement.js';
import type { FillRow, JournalItem, RecordedChange } from './journal-store.js';
import { feesJson } from './order.mapper.js';
import { pgColumns } from './pg-array.js';

interface VoidRow {
  readonly change: RecordedChange['change'];
  readonly venueTradeId: string;
  readonly reason: string;
}

interface OutboxRow {
  readonly account: string;
  readonly place: number;
  readonly orderId: string;
  readonly version: number;
}

interface HeadRow {
  readonly account: string;
  orders: number;
  fills: number;
}

interface ClosedRow {
  readonly orderId: string;
  readonly intent: IntentKind;
}

interface NumberedFill extends FillRow {
  readonly place: number;
}

type Column<Row> = readonly [name: string, type: string, value: (row: Row) => string | null];

const EVENTS: readonly Column<RecordedChange>[] = [
  ['order_id', 'uuid', ({ change }) => change.after.terms.id],
  ['version', 'integer', ({ change }) => String(change.stored.version)],
  ['event_id', 'uuid', ({ eventId }) => eventId],
  ['type', 'text', ({ change }) => change.stored.event.type],
  ['at', 'timestamptz', ({ audit }) => audit.at],
  ['correlation_id', 'text', ({ audit }) => audit.correlationId],
  ['data', 'jsonb', ({ json }) => json],
  ['venue', 'text', ({ change }) => change.after.terms.venue],
  ['intent', 'text', (item) => permitOf(item)?.intent ?? null],
  ['attempt', 'integer', (item) => permitOf(item)?.attempt.number.toString() ?? null],
  ['fence', 'bigint', (item) => permitOf(item)?.attempt.fence.toString() ?? null],
  ['pinned_at', 'timestamptz', (item) => timeOf(permitOf(item)?.attempt.timestampMs)],
  ['not_after', 'timestamptz', (item) => timeOf(permitOf(item)?.attempt.notAfterMs)],
  ['request_hash', 'text', (item) => permitOf(item)?.attempt.hash ?? null],
  ['actor', 'text', ({ audit }) => audit.actor],
  ['account', 'text', ({ audit }) => audit.account],
  ['audit_data', 'jsonb', ({ audit }) => audit.data],
  ['audit_hash', 'text', ({ audit }) => audit.contentHash.toString('hex')],
];

const FILLS: readonly Column<NumberedFill>[] = [
  ['id', 'uuid', ({ id }) => id],
  ['order_id', 'uuid', ({ change }) => change.after.terms.id],
  ['account', 'text', ({ change }) => change.after.terms.account],
  ['venue', 'text', ({ change }) => change.after.terms.venue],
  ['symbol', 'text', ({ change }) => change.after.terms.symbol],
  ['venue_trade_id', 'text', ({ fill }) => fill.venueTradeId],
  ['venue_order_id', 'text', ({ fill }) => fill.venueOrderId],
  ['side', 'text', ({ change }) => change.after.terms.side],
  ['price', 'numeric', ({ fill }) => fill.price.toFixed()],
  ['quantity', 'numeric', ({ fill }) => fill.quantity.toFixed()],
  ['fee_asset', 'text', ({ fill }) => fill.fee?.asset ?? null],
  ['fee_amount', 'numeric', ({ fill }) => fill.fee?.amount.toFixed() ?? null],
  ['liquidity', 'text', ({ fill }) => fill.liquidity],
  ['source', 'text', ({ change }) => change.source],
  ['venue_time', 'timestamptz', ({ fill }) => timeText(fill.venueTimeMs)],
  ['booked_at', 'timestamptz', ({ change }) => timeText(change.stored.atMs)],
  ['inferred', 'boolean', ({ fill }) => String(fill.inferred === true)],
  ['order_version', 'integer', ({ change }) => String(change.stored.version)],
  ['place', 'bigint', ({ place }) => String(place)],
];

/** Fills taken back: for an explicit reason, or because real ones replace an inferred one. */
const VOIDS: readonly Column<VoidRow>[] = [
  ['order_id', 'uuid', ({ change }) => change.after.terms.id],
  ['venue_trade_id', 'text', ({ venueTradeId }) => venueTradeId],
  ['account', 'text', ({ change }) => change.after.terms.account],
  ['order_version', 'integer', ({ change }) => String(change.stored.version)],
  ['reason', 'text', ({ reason }) => reason],
  ['voided_at', 'timestamptz', ({ change }) => timeText(change.stored.atMs)],
];

/** One line of the outbox, with its place among those of its account in this write. */
const OUTBOX: readonly Column<OutboxRow>[] = [
  ['account', 'text', ({ account }) => account],
  ['place', 'bigint', ({ place }) => String(place)],
  ['order_id', 'uuid', ({ orderId }) => orderId],
  ['version', 'integer', ({ version }) => String(version)],
];

/** How many numbers each account's streams need. */
const HEADS: readonly Column<HeadRow>[] = [
  ['account', 'text', ({ account }) => account],
  ['order_count', 'bigint', ({ orders }) => String(orders)],
  ['fill_count', 'bigint', ({ fills }) => String(fills)],
];

const CLOSED: readonly Column<ClosedRow>[] = [
  ['order_id', 'uuid', ({ orderId }) => orderId],
  ['kind', 'text', ({ intent }) => intent],
];

const STATES: readonly Column<OrderState>[] = [
  ['order_id', 'uuid', (state) => state.terms.id],
  ['status', 'text', (state) => state.status],
  ['version', 'integer', (state) => String(state.version)],
  ['venue_order_id', 'text', (state) => state.venueOrderId],
  ['quantity', 'numeric', (state) => state.quantity?.toFixed() ?? null],
  ['filled_quantity', 'numeric', (state) => state.filledQuantity.toFixed()],
  ['filled_quote', 'numeric', (state) => state.filledQuote.toFixed()],
  ['fees', 'jsonb', (state) => feesJson(state.fees)],
  ['reject_reason', 'jsonb', (state) => (state.rejectReason === null ? null : JSON.stringify(state.rejectReason))],
  ['sent_at', 'timestamptz', (state) => (state.sentAtMs === null ? null : timeText(state.sentAtMs))],
  ['acknowledged_at', 'timestamptz', (state) => (state.acknowledgedAtMs === null ? null : timeText(state.acknowledgedAtMs))],
  ['updated_at', 'timestamptz', (state) => timeText(state.updatedAtMs)],
];

function names(columns: readonly Column<never>[]): string {
  return columns.map(([name]) => name).join(', ');
}

let parameters = 0;

/** A table out of one array parameter for each column; each call takes the next parameters. */
function table(name: string, columns: readonly Column<never>[]): string {
  const arrays = columns.map(([, type]) => `$${(parameters += 1)}::${type}[]`).join(', ');
  return `SELECT * FROM unnest(${arrays}) AS ${name} (${names(columns)})`;
}

const INPUT = table('input', EVENTS);
const FILL_INPUT = table('fill_input', FILLS);
const VOID_INPUT = table('void_input', VOIDS);
const STATE_INPUT = table('state_input', STATES);
const OUTBOX_INPUT = table('outbox_input', OUTBOX);
const HEAD_INPUT = table('head_input', HEADS);
const CLOSED_INPUT = table('closed_input', CLOSED);

const fillNames = names(FILLS.slice(0, -1));
const updated = STATES.slice(1)
  .map(([name]) => `${name} = EXCLUDED.${name}`)
  .join(', ');

/**
 * Writes any number of later events in one transaction: events, audit rows, permits, fills, voids, the orders' states, the outbox, and the
 * end of attempts that are no longer open. What is there already makes the whole statement fail as a duplicate, and nothing is written:
 * whoever was first is found out then. Answers the permits that were given.
 */
export const RECORD_TEXT = `
  WITH input AS MATERIALIZED (${INPUT}), ${GATES}, permits AS (
    INSERT INTO open_attempts (order_id, kind, number, fence, pinned_at, not_after, request_hash)
    SELECT order_id, intent, attempt, fence, pinned_at, not_after, request_hash FROM input JOIN gates USING (account)
    WHERE intent IS NOT NULL AND gates.token = fence AND (intent = 'cancel' OR NOT ${HALTED})
    ON CONFLICT DO NOTHING RETURNING order_id, kind
  ), events AS (
    INSERT INTO order_events (order_id, version, event_id, type, at, correlation_id, data)
    SELECT order_id, version, event_id, type, at, correlation_id, data FROM input
  ), heads AS (
    INSERT INTO stream_heads AS head (account, order_seq, fill_seq) ${HEAD_INPUT}
    ON CONFLICT (account) DO UPDATE SET order_seq = head.order_seq + EXCLUDED.order_seq, fill_seq = head.fill_seq + EXCLUDED.fill_seq
    RETURNING account, order_seq, fill_seq
  ), published AS (
    INSERT INTO order_outbox (account, seq, order_id, version)
    SELECT account, order_seq - place, order_id, version FROM (${OUTBOX_INPUT}) AS line JOIN heads USING (account)
  ), booked AS (
    INSERT INTO fills (${fillNames}, seq) SELECT ${fillNames}, fill_seq - place FROM (${FILL_INPUT}) AS line JOIN heads USING (account)
  ), voided AS (
    INSERT INTO fill_voids (${names(VOIDS)}) ${VOID_INPUT}
  ), projected AS (
    INSERT INTO order_states (${names(STATES)}) ${STATE_INPUT}
    ON CONFLICT (order_id) DO UPDATE SET ${updated} WHERE order_states.version < EXCLUDED.version
  ), closed AS (
    DELETE FROM open_attempts WHERE (order_id, kind) IN (${CLOSED_INPUT})
  ), audited AS (
    INSERT INTO audit_events (id, at, type, actor, account, subject_kind, subject_id, correlation_id, data, content_hash)
    SELECT event_id, at, 'order.' || type, actor, account, 'order', order_id::text, correlation_id, audit_data, decode(audit_hash, 'hex') FROM input
  )
  SELECT order_id, kind FROM permits`;

export function recordValues(items: readonly JournalItem[]): string[] {
  const changes = items.filter((item) => item.kind === 'change');
  const last = new Map<string, OrderState>();
  for (const { change } of changes) last.set(change.after.terms.id, change.after);
  const states = [...last.values()];
  const heads = new Map<string, HeadRow>();
  const counted = outboxRows(items, heads);
  const fills = numberedFills(changes, heads);
  return [
    ...values(changes, EVENTS),
    ...values(fills, FILLS),
    ...values(changes.flatMap(voidsOf), VOIDS),
    ...values(states, STATES),
    ...values(counted, OUTBOX),
    ...values([...heads.values()].sort(byAccount), HEADS),
    ...values(states.flatMap(closedOf), CLOSED),
  ];
}

function values<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
  return pgColumns(
    rows,
    columns.map(([, , value]) => value),
  );
}

/** The head is raised by the whole count first, so that a place is counted from its end. */
function outboxRows(items: readonly JournalItem[], heads: Map<string, HeadRow>): OutboxRow[] {
  const rows = items.map((item) => {
    const account = item.kind === 'change' ? item.change.after.terms.account : item.account;
    const head = headOf(heads, account);
    head.orders += 1;
    return item.kind === 'change'
      ? { account, place: head.orders, orderId: item.change.after.terms.id as string, version: item.change.stored.version }
      : { account, place: head.orders, orderId: item.orderId as string, version: 1 };
  });
  return rows.map((row) => ({ ...row, place: headOf(heads, row.account).orders - row.place }));
}

function numberedFills(changes: readonly RecordedChange[], heads: Map<string, HeadRow>): NumberedFill[] {
  const rows = changes.flatMap((change) => change.fills).map((row) => ({ ...row, place: (headOf(heads, accountOf(row)).fills += 1) }));
  return rows.map((row) => ({ ...row, place: headOf(heads, accountOf(row)).fills - row.place }));
}

function accountOf(row: FillRow): string {
  return row.change.after.terms.account;
}

function headOf(heads: Map<string, HeadRow>, account: string): HeadRow {
  let head = heads.get(account);
  if (head === undefined) heads.set(account, (head = { account, orders: 0, fills: 0 }));
  return head;
}

/** Every writer takes the heads in the same order, so that two never wait for each other. */
function byAccount(a: HeadRow, b: HeadRow): number {
  return a.account < b.account ? -1 : 1;
}

function voidsOf({ change }: RecordedChange): VoidRow[] {
  const { event } = change.stored;
  if (event.type === 'voided') return event.fills.map((fill) => ({ change, venueTradeId: fill.venueTradeId, reason: event.reason }));
  if (event.type !== 'reported' || event.change.replaced === undefined) return [];
  return event.change.replaced.map((fill) => ({ change, venueTradeId: fill.venueTradeId, reason: 'replaced by the real trades' }));
}

function closedOf(state: OrderState): ClosedRow[] {
  const open: readonly (readonly [IntentKind, Attempt | null])[] = [
    ['place', state.openAttempt],
    ['cancel', state.cancelAttempt],
    ['amend', state.amendAttempt],
  ];
  return open.filter(([, attempt]) => attempt === null).map(([intent]) => ({ orderId: state.terms.id, intent }));
}

function permitOf({ change }: RecordedChange): { readonly intent: IntentKind; readonly attempt: Attempt } | null {
  const { event } = change.stored;
  return event.type === 'permitted' ? event : null;
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : timeText(ms);
}
