import { hash } from 'node:crypto';
import { timeText } from '#libs/kernel';
import { canonicalJson, storableText, type JsonValue } from '../domain/canonical-json.js';

/** Something that happened and must stay provable. */
export interface AuditEventInput {
  /** Dotted and lower-case, subject first: `order.submitted`, `access.denied`, `api-key.created`. */
  readonly type: string;
  /** Who did it: `key:<id>`, `venue:<id>`, `system`. */
  readonly actor: string;
  readonly account?: string | null;
  /** What it was done to: `{ kind: 'order', id }`. */
  readonly subject?: { readonly kind: string; readonly id: string } | null;
  readonly correlationId?: string | null;
  /** Plain facts without secrets. Amounts as text, times as RFC 3339. */
  readonly data?: { readonly [key: string]: JsonValue };
}

/** One row of `audit_events`, ready to insert. */
export interface AuditRow {
  readonly id: string;
  /** RFC 3339 UTC with milliseconds. */
  readonly at: string;
  readonly type: string;
  readonly actor: string;
  readonly account: string | null;
  readonly subjectKind: string | null;
  readonly subjectId: string | null;
  readonly correlationId: string | null;
  /** Canonical JSON text. */
  readonly data: string;
  /** SHA-256 of the canonical JSON of everything above. */
  readonly contentHash: Buffer;
}

/** Columns of `audit_events`, in the order of `auditRowValues` and `auditColumns`. */
export const AUDIT_COLUMNS = [
  'id',
  'at',
  'type',
  'actor',
  'account',
  'subject_kind',
  'subject_id',
  'correlation_id',
  'data',
  'content_hash',
] as const;

const ARRAY_TYPES = ['uuid[]', 'timestamptz[]', 'text[]', 'text[]', 'text[]', 'text[]', 'text[]', 'text[]', 'jsonb[]', 'bytea[]'] as const;

/**
 * Builds the row of an event; pure, synchronous and cheap, so that a journal can put it into its own statement.
 * @param id a UUIDv7
 * @param atMs milliseconds since 1970 UTC
 */
export function auditRow(event: AuditEventInput, id: string, atMs: number): AuditRow {
  const at = timeText(atMs);
  const type = storableText(event.type);
  const actor = storableText(event.actor);
  const account = textOrNull(event.account);
  const subjectKind = textOrNull(event.subject?.kind);
  const subjectId = textOrNull(event.subject?.id);
  const correlationId = textOrNull(event.correlationId);
  const data = event.data === undefined ? '{}' : canonicalJson(event.data);
  const content = contentText({ id, at, type, actor, account, subjectKind, subjectId, correlationId, data });
  return { id, at, type, actor, account, subjectKind, subjectId, correlationId, data, contentHash: hash('sha256', content, 'buffer') };
}

/**
 * What the hash covers: every field of the row under its column name, as canonical JSON. Written out by hand, since the keys never change.
 */
export function contentText(row: Omit<AuditRow, 'contentHash'>): string {
  return (
    `{"account":${quoted(row.account)},"actor":${JSON.stringify(row.actor)},"at":"${row.at}","correlation_id":${quoted(row.correlationId)}` +
    `,"data":${row.data},"id":"${row.id}","subject_id":${quoted(row.subjectId)},"subject_kind":${quoted(row.subjectKind)},"type":${JSON.stringify(row.type)}}`
  );
}

/** The values of one row, in the order of `AUDIT_COLUMNS`. */
export function auditRowValues(row: AuditRow): readonly unknown[] {
  return [row.id, row.at, row.type, row.actor, row.account, row.subjectKind, row.subjectId, row.correlationId, row.data, row.contentHash];
}

/** One array per column for any number of rows: the parameters of `auditInsertText`. */
export function auditColumns(rows: readonly AuditRow[]): readonly (readonly unknown[])[] {
  const columns: unknown[][] = AUDIT_COLUMNS.map(() => []);
  for (const row of rows) auditRowValues(row).forEach((value, index) => columns[index]!.push(value));
  return columns;
}

/**
 * An INSERT of any number of rows that takes ten parameters, `$firstParameter` and following, as `auditColumns` gives them.
 * Fit to stand alone or within the `WITH` of another statement.
 */
export function auditInsertText(firstParameter = 1): string {
  const parameters = ARRAY_TYPES.map((type, index) => `$${firstParameter + index}::${type}`);
  return `INSERT INTO audit_events (${AUDIT_COLUMNS.join(', ')}) SELECT * FROM unnest(${parameters.join(', ')})`;
}

function textOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : storableText(text);
}

function quoted(text: string | null): string {
  return text === null ? 'null' : JSON.stringify(text);
}
