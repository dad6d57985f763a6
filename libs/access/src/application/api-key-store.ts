import type { Statements } from '#libs/database';
import type { ApiKey } from '../domain/api-key.js';

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

/** Rows of `api_keys`. A key is written once and can only be revoked after that. */
export abstract class ApiKeyStore {
  abstract insert(key: Omit<StoredApiKey, 'revokedAtMs'>, secretHash: Buffer, statements: Statements): Promise<void>;
  /** `null` where there is no such key, or it is revoked already. */
  abstract revoke(id: string, atMs: number, statements: Statements): Promise<StoredApiKey | null>;
  /** Newest first. */
  abstract list(beforeId: string | undefined, limit: number): Promise<readonly StoredApiKey[]>;
  abstract exists(id: string): Promise<boolean>;
  /** Not revoked; may have expired since. */
  abstract live(): Promise<readonly LiveKey[]>;
  /** Changes whenever `live` does, and costs little to ask. */
  abstract fingerprint(): Promise<string>;
}
