import { Inject, Injectable } from '@nestjs/common';
import { auditColumns, auditInsertText, type AuditRow } from '#libs/audit';
import { Database } from '#libs/database';
import { timeText } from '#libs/kernel';
import type { Scope } from '#libs/http';
import { ApiKeyStore, type LiveKey, type StoredApiKey } from '../application/api-key-store.js';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly secret_hash: Buffer;
  readonly scopes: string[];
  readonly accounts: string[] | null;
  readonly allowed_addresses: string[];
  readonly expires_at: Date | null;
  readonly created_at: Date;
  readonly created_by: string;
  readonly revoked_at: Date | null;
}

const COLUMNS = 'id, name, secret_hash, scopes, accounts, allowed_addresses, expires_at, created_at, created_by, revoked_at';

const INSERT = `WITH audit AS (${auditInsertText(10)})
  INSERT INTO api_keys (id, name, secret_hash, scopes, accounts, allowed_addresses, expires_at, created_at, created_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

const REVOKE = `WITH revoked AS (UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING ${COLUMNS}),
  audit AS (${auditInsertText(3)} WHERE EXISTS (SELECT FROM revoked))
  SELECT ${COLUMNS} FROM revoked`;

@Injectable()
export class SqlApiKeyStore extends ApiKeyStore {
  constructor(@Inject(Database) private readonly database: Database) {
    super();
  }

  async insert(key: Omit<StoredApiKey, 'revokedAtMs'>, secretHash: Buffer, audit: readonly AuditRow[]): Promise<void> {
    const expiresAt = key.expiresAtMs === null ? null : timeText(key.expiresAtMs);
    const values = [
      key.id,
      key.name,
      secretHash,
      key.scopes,
      key.accounts,
      key.allowedAddresses,
      expiresAt,
      timeText(key.createdAtMs),
      key.createdBy,
    ];
    await this.database.query('api-keys.insert', INSERT, [...values, ...auditColumns(audit)]);
  }

  async revoke(id: string, atMs: number, audit: readonly AuditRow[]): Promise<StoredApiKey | null> {
    const { rows } = await this.database.query<Row & Record<string, unknown>>('api-keys.revoke', REVOKE, [
      id,
      timeText(atMs),
      ...auditColumns(audit),
    ]);
    return rows[0] === undefined ? null : toStored(rows[0]);
  }

  async list(beforeId: string | undefined, limit: number): Promise<readonly StoredApiKey[]> {
    const text = `SELECT ${COLUMNS} FROM api_keys WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`;
    const { rows } = await this.database.query<Row & Record<string, unknown>>('api-keys.list', text, [beforeId ?? null, limit]);
    return rows.map(toStored);
  }

  async exists(id: string): Promise<boolean> {
    return (await this.database.query('api-keys.exists', 'SELECT 1 FROM api_keys WHERE id = $1', [id])).rows.length > 0;
  }

  async live(): Promise<readonly LiveKey[]> {
    const text = `SELECT ${COLUMNS} FROM api_keys WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`;
    const { rows } = await this.database.query<Row & Record<string, unknown>>('api-keys.live', text);
    return rows.map((row) => ({ key: toStored(row), secretHash: row.secret_hash }));
  }

  /** Keys are only added and revoked, so two counts tell every change apart. */
  async fingerprint(): Promise<string> {
    const text = `SELECT count(*) || '/' || count(revoked_at) AS fingerprint FROM api_keys`;
    const { rows } = await this.database.query<{ fingerprint: string }>('api-keys.fingerprint', text);
    return rows[0]?.fingerprint ?? '';
  }
}

function toStored(row: Row): StoredApiKey {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes as Scope[],
    accounts: row.accounts,
    allowedAddresses: row.allowed_addresses,
    expiresAtMs: row.expires_at?.getTime() ?? null,
    createdAtMs: row.created_at.getTime(),
    createdBy: row.created_by,
    revokedAtMs: row.revoked_at?.getTime() ?? null,
  };
}
