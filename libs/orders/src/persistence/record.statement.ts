import { auditRow, canonicalJson } from '#libs/audit';
import type { AuditRow } from '#libs/audit';
import { timeText } from '#libs/kernel';
import { isFinal } from '#libs/model';
import type { VenueFill } from '#libs/model';
import type { OrderEvent, OrderState } from '../domain/index.js';
import type { Change } from '../application/order-journal.js';
import { eventData } from './event.mapper.js';
import { feesJson } from './order.mapper.js';
import { pgColumns } from './pg-array.js';

/** A change with everything its rows need, worked out once, so that writing it again writes the same. */
export interface RecordedChange {
  readonly change: Change;
  readonly audit: AuditRow;
  readonly json: string;
  readonly fills: readonly FillRow[];
}

interface FillRow {
  readonly id: string;
  readonly fill: VenueFill;
  readonly change: Change;
}

type Column<Row> = readonly [name: string, type: string, value: (row: Row) => string | null];

const EVENTS: readonly Column<RecordedChange>[] = [
  ['order_id', 'uuid', ({ change }) => change.after.terms.id],
  ['version', 'integer', ({ change }) => String(change.stored.version)],
  ['type', 'text', ({ change }) => change.stored.event.type],
  ['at', 'timestamptz', ({ audit }) => audit.at],
  ['correlation_id', 'text', ({ audit }) => audit.correlationId],
  ['data', 'jsonb', ({ json }) => json],
  ['audit_id', 'uuid', ({ audit }) => audit.id],
  ['actor', 'text', ({ audit }) => audit.actor],
  ['account', 'text', ({ audit }) => audit.account],
  ['audit_data', 'jsonb', ({ audit }) => audit.data],
  ['audit_hash', 'text', ({ audit }) => audit.contentHash.toString('hex')],
];

const FILLS: readonly Column<FillRow>[] = [
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

function unnest(columns: readonly Column<never>[], from: number): string {
  return `unnest(${columns.map(([, type], index) => `$${from + index}::${type}[]`).join(', ')})`;
}

const FILLS_FROM = EVENTS.length + 1;
const STATES_FROM = FILLS_FROM + FILLS.length;
const CLOSED = STATES_FROM + STATES.length;
const updated = STATES.slice(1)
  .map(([name]) => `${name} = EXCLUDED.${name}`)
  .join(', ');

/**
 * Writes any number of later events in one transaction: events, audit rows, fills, the orders' states, and the attempts that are
 * no longer open. Writing the same twice changes nothing, so a commit whose verdict was lost is simply written again.
 */
export const RECORD_TEXT = `
  WITH input AS (
    SELECT * FROM ${unnest(EVENTS, 1)} AS input (${names(EVENTS)})
  ), events AS (
    INSERT INTO order_events (order_id, version, type, at, correlation_id, data)
    SELECT order_id, version, type, at, correlation_id, data FROM input ON CONFLICT DO NOTHING
  ), booked AS (
    INSERT INTO fills (${names(FILLS)}) SELECT * FROM ${unnest(FILLS, FILLS_FROM)} ON CONFLICT DO NOTHING
  ), projected AS (
    INSERT INTO order_states (${names(STATES)}) SELECT * FROM ${unnest(STATES, STATES_FROM)}
    ON CONFLICT (order_id) DO UPDATE SET ${updated} WHERE order_states.version < EXCLUDED.version
  ), closed AS (
    DELETE FROM open_attempts WHERE order_id = ANY ($${CLOSED}::uuid[])
  )
  INSERT INTO audit_events (id, at, type, actor, account, subject_kind, subject_id, correlation_id, data, content_hash)
  SELECT audit_id, at, 'order.' || type, actor, account, 'order', order_id::text, correlation_id, audit_data, decode(audit_hash, 'hex') FROM input
  ON CONFLICT DO NOTHING`;

/** Works out the rows of a change. @param nextId - gives a fresh UUIDv7 at each call */
export function recordedChange(change: Change, nextId: () => string): RecordedChange {
  const { stored, after } = change;
  const data = eventData(stored.event);
  const audit = auditRow(
    {
      type: `order.${stored.event.type}`,
      actor: actorOf(stored.event, after),
      account: after.terms.account,
      subject: { kind: 'order', id: after.terms.id },
      correlationId: stored.correlationId,
      data: { ...data, status: after.status, version: stored.version },
    },
    nextId(),
    stored.atMs,
  );
  return { change, audit, json: canonicalJson(data), fills: change.fills.map((fill) => ({ id: nextId(), fill, change })) };
}

export function recordValues(changes: readonly RecordedChange[]): string[] {
  const last = new Map<string, OrderState>();
  for (const { change } of changes) last.set(change.after.terms.id, change.after);
  const states = [...last.values()];
  const closed = states.filter((state) => state.openAttempt === null || isFinal(state.status)).map((state) => state.terms.id);
  return [
    ...pgColumns(
      changes,
      EVENTS.map(([, , value]) => value),
    ),
    ...pgColumns(
      changes.flatMap((change) => change.fills),
      FILLS.map(([, , value]) => value),
    ),
    ...pgColumns(
      states,
      STATES.map(([, , value]) => value),
    ),
    `{${closed.join(',')}}`,
  ];
}

function actorOf(event: OrderEvent, state: OrderState): string {
  if (event.type === 'cancel-requested' || event.type === 'amend-requested') return `key:${event.apiKeyId}`;
  if (event.type === 'reported' || event.type === 'refused') return `venue:${state.terms.venue}`;
  return 'system';
}
