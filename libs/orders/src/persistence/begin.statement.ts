import { auditRow, canonicalJson } from '#libs/audit';
import type { AuditRow, JsonValue } from '#libs/audit';
import { timeText } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import type { Attempt, OrderTerms } from '../domain/index.js';
import type { Beginning, BeginOutcome } from '../application/order-journal.js';
import { eventData } from './event.mapper.js';
import { pgColumns } from './pg-array.js';

interface Row {
  readonly terms: OrderTerms;
  readonly type: string;
  readonly data: string;
  readonly at: string;
  readonly status: string;
  readonly reason: string | null;
  readonly attempt: Attempt | null;
  readonly audit: AuditRow;
}

type Column = readonly [name: string, type: string, value: (row: Row) => string | null];

const text = (value: Decimal | null): string | null => (value === null ? null : value.toFixed());
const time = (ms: number | null | undefined): string | null => (ms === null || ms === undefined ? null : timeText(ms));

const TERMS: readonly Column[] = [
  ['id', 'uuid', (row) => row.terms.id],
  ['account', 'text', (row) => row.terms.account],
  ['venue', 'text', (row) => row.terms.venue],
  ['symbol', 'text', (row) => row.terms.symbol],
  ['side', 'text', (row) => row.terms.side],
  ['type', 'text', (row) => row.terms.type],
  ['time_in_force', 'text', (row) => row.terms.timeInForce],
  ['quantity', 'numeric', (row) => text(row.terms.quantity)],
  ['quote_quantity', 'numeric', (row) => text(row.terms.quoteQuantity)],
  ['price', 'numeric', (row) => text(row.terms.price)],
  ['stop_price', 'numeric', (row) => text(row.terms.stopPrice)],
  ['post_only', 'boolean', (row) => String(row.terms.postOnly)],
  ['reduce_only', 'boolean', (row) => String(row.terms.reduceOnly)],
  ['expires_at', 'timestamptz', (row) => time(row.terms.expiresAtMs)],
  ['client_order_id', 'text', (row) => row.terms.clientOrderId],
  ['idempotency_key', 'text', (row) => row.terms.idempotencyKey],
  ['fingerprint', 'text', (row) => row.terms.fingerprint],
  ['venue_client_id', 'text', (row) => row.terms.venueClientId],
  ['api_key_id', 'text', (row) => row.terms.apiKeyId],
  ['correlation_id', 'text', (row) => row.terms.correlationId],
  ['created_at', 'timestamptz', (row) => time(row.terms.createdAtMs)],
  ['on_not_created', 'text', (row) => row.terms.onNotCreated],
  ['resubmit_until', 'timestamptz', (row) => time(row.terms.resubmitUntilMs)],
];

const MORE: readonly Column[] = [
  ['event_type', 'text', (row) => row.type],
  ['event_at', 'timestamptz', (row) => row.at],
  ['event_data', 'jsonb', (row) => row.data],
  ['status', 'text', (row) => row.status],
  ['reject_reason', 'jsonb', (row) => row.reason],
  ['attempt', 'integer', (row) => row.attempt?.number.toString() ?? null],
  ['fence', 'bigint', (row) => row.attempt?.fence.toString() ?? null],
  ['pinned_at', 'timestamptz', (row) => time(row.attempt?.timestampMs)],
  ['not_after', 'timestamptz', (row) => time(row.attempt?.notAfterMs)],
  ['request_hash', 'text', (row) => row.attempt?.hash ?? null],
  ['audit_id', 'uuid', (row) => row.audit.id],
  ['audit_actor', 'text', (row) => row.audit.actor],
  ['audit_data', 'jsonb', (row) => row.audit.data],
  ['audit_hash', 'text', (row) => row.audit.contentHash.toString('hex')],
];

const COLUMNS = [...TERMS, ...MORE];
const termNames = TERMS.map(([name]) => name).join(', ');

/**
 * What a permit reads inside its own transaction. The gates are read under a share lock, which a takeover or a kill switch waits for: once
 * either has committed, no permit of the old token, and none in the switch's scope, can be given any more.
 */
export const GATES = `
  gates AS MATERIALIZED (
    SELECT account, token, halted FROM account_gates WHERE account IN (SELECT account FROM input WHERE fence IS NOT NULL)
    ORDER BY account FOR SHARE
  ), killed AS MATERIALIZED (
    SELECT scope FROM kill_switches
  )`;

/** Whether a row of `input` meets a kill switch. */
export const HALTED = `(coalesce(gates.halted, false) OR EXISTS (SELECT FROM killed
    WHERE scope = 'all' OR scope = 'venue:' || input.venue OR scope = 'account:' || input.account))`;

/**
 * Journals any number of orders in one statement, which is one transaction: order, event, first attempt (or, where it was refused
 * before sending, its final state) and audit row. Answers for each id what became of it: see `BeginOutcome`.
 */
export const BEGIN_TEXT = `
  WITH input AS (
    SELECT * FROM unnest(${COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')})
      AS input (${COLUMNS.map(([name]) => name).join(', ')})
  ), ${GATES}, judged AS MATERIALIZED (
    SELECT input.*, CASE WHEN fence IS NULL THEN 'open' WHEN gates.token IS DISTINCT FROM fence THEN 'fenced'
      WHEN ${HALTED} THEN 'halted' ELSE 'open' END AS verdict
    FROM input LEFT JOIN gates USING (account)
  ), begun AS (
    INSERT INTO orders (${termNames}) SELECT ${termNames} FROM judged WHERE verdict = 'open' ON CONFLICT DO NOTHING RETURNING id
  ), kept AS (
    SELECT judged.* FROM judged JOIN begun USING (id)
  ), events AS (
    INSERT INTO order_events (order_id, version, event_id, type, at, correlation_id, data)
    SELECT id, 1, audit_id, event_type, event_at, correlation_id, event_data FROM kept
  ), attempts AS (
    INSERT INTO open_attempts (order_id, kind, number, fence, pinned_at, not_after, request_hash)
    SELECT id, 'place', attempt, fence, pinned_at, not_after, request_hash FROM kept WHERE attempt IS NOT NULL
  ), states AS (
    INSERT INTO order_states (order_id, status, version, quantity, filled_quantity, filled_quote, fees, reject_reason, updated_at)
    SELECT id, status, 1, quantity, 0, 0, '{}', reject_reason, event_at FROM kept WHERE attempt IS NULL
  ), audited AS (
    INSERT INTO audit_events (id, at, type, actor, account, subject_kind, subject_id, correlation_id, data, content_hash)
    SELECT audit_id, event_at, 'order.' || event_type, audit_actor, account, 'order', id::text, correlation_id, audit_data, decode(audit_hash, 'hex') FROM kept
  )
  SELECT id, CASE WHEN verdict <> 'open' THEN verdict WHEN id IN (SELECT id FROM begun) THEN 'journaled' ELSE 'taken' END AS outcome FROM judged`;

export interface BegunRow {
  readonly id: string;
  readonly outcome: BeginOutcome;
}

/** @param auditId - a fresh UUIDv7 for each audit row */
export function beginValues(beginnings: readonly Beginning[], auditId: () => string): string[] {
  return pgColumns(
    beginnings.map((beginning) => rowOf(beginning, auditId())),
    COLUMNS.map(([, , value]) => value),
  );
}

function rowOf({ state, stored }: Beginning, auditId: string): Row {
  const { terms } = state;
  const data = eventData(stored.event);
  return {
    terms,
    type: stored.event.type,
    data: canonicalJson(data),
    at: timeText(stored.atMs),
    status: state.status,
    reason: state.rejectReason === null ? null : JSON.stringify(state.rejectReason),
    attempt: state.openAttempt,
    audit: auditRow(auditOf(state.terms, stored.event.type, data), auditId, stored.atMs),
  };
}

function auditOf(terms: OrderTerms, type: string, data: { readonly [key: string]: JsonValue }) {
  const { side, symbol } = terms;
  const asked = {
    venue: terms.venue,
    symbol,
    side,
    type: terms.type,
    timeInForce: terms.timeInForce,
    quantity: text(terms.quantity),
    quoteQuantity: text(terms.quoteQuantity),
    price: text(terms.price),
    stopPrice: text(terms.stopPrice),
    clientOrderId: terms.clientOrderId,
    venueClientId: terms.venueClientId,
    fingerprint: terms.fingerprint,
  };
  return {
    type: `order.${type}`,
    actor: `key:${terms.apiKeyId}`,
    account: terms.account,
    subject: { kind: 'order', id: terms.id },
    correlationId: terms.correlationId,
    data: { ...data, order: asked },
  };
}
