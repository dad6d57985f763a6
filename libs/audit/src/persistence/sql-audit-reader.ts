import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { AuditReader, type AuditQuery, type StoredAuditEvent } from '../application/audit-reader.js';

const COLUMNS = `id, at, type, actor, account, subject_kind AS "subjectKind", subject_id AS "subjectId",
  correlation_id AS "correlationId", data, content_hash AS "contentHash"`;

/** Each filter that is present, as a condition. Their combination is part of the statement's name. */
const FILTERS: readonly (readonly [keyof AuditQuery, string])[] = [
  ['type', 'type ='],
  ['actor', 'actor ='],
  ['account', 'account ='],
  ['fromMs', 'at >='],
  ['toMs', 'at <'],
  ['beforeId', 'id <'],
];

@Injectable()
export class SqlAuditReader extends AuditReader {
  constructor(@Inject(Database) private readonly database: Database) {
    super();
  }

  async list(query: AuditQuery): Promise<readonly StoredAuditEvent[]> {
    const values: unknown[] = [];
    const used: string[] = [];
    const conditions: string[] = [];
    for (const [field, condition] of FILTERS) {
      const value = query[field];
      if (value === undefined) continue;
      values.push(field === 'fromMs' || field === 'toMs' ? new Date(value).toISOString() : value);
      used.push(field);
      conditions.push(`${condition} $${values.length}`);
    }
    values.push(query.limit);
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const text = `SELECT ${COLUMNS} FROM audit_events ${where} ORDER BY id DESC LIMIT $${values.length}`;
    const { rows } = await this.database.query<StoredAuditEvent>(`audit.list:${used.join('+')}`, text, values);
    return rows;
  }
}
