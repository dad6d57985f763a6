import type { AuditRow } from '#libs/audit';
import type { ApiKey } from './api-key.js';

export interface StoredApiKey extends ApiKey {
  readonly createdAtMs: number;
  /** Actor: `key:<id>` or `system`. */
  readonly createdBy: string;
  readonly revokedAtMs: number | null;
}

export interface LiveKey {
  readonly key: ApiKey;
  readonly secretHash: Buffer;
}

/** Rows of `api_keys`. A key is written once and can only be revoked after that; each with its audit rows, both or neither. */
export abstract class ApiKeyStore {
  abstract insert(key: Omit<StoredApiKey, 'revokedAtMs'>, secretHash: Buffer, audit: readonly AuditRow[]): Promise<void>;
  /** `null`, and nothing recorded, where there is no such key or it is revoked already. */
  abstract revoke(id: string, atMs: number, audit: readonly AuditRow[]): Promise<StoredApiKey | null>;
  /** Newest first. */
  abstract list(beforeId: string | undefined, limit: number): Promise<readonly StoredApiKey[]>;
  abstract exists(id: string): Promise<boolean>;
  /** Not revoked; may have expired since. */
  abstract live(): Promise<readonly LiveKey[]>;
  /** Changes whenever `live` does, and costs little to ask. */
  abstract fingerprint(): Promise<string>;
}
