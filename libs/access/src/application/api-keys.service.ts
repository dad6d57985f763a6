import { Inject, Injectable, Optional } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { Clock, IdSource, SystemClock, UuidV7Source, timeText } from '#libs/kernel';
import type { Scope } from '#libs/http';
import { makeToken, tokenHash } from './api-key.js';
import { ApiKeyStore, type StoredApiKey } from './api-key-store.js';
import { KeyRing } from './key-ring.js';

export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly accounts: readonly string[] | null;
  readonly allowedAddresses: readonly string[];
  readonly expiresAtMs: number | null;
}

export interface IssuedApiKey {
  readonly key: StoredApiKey;
  /** The key itself, for the one and only time. */
  readonly token: string;
}

/** Issues and revokes keys: each in one statement with its audit event. */
@Injectable()
export class ApiKeysService {
  constructor(
    @Inject(ApiKeyStore) private readonly store: ApiKeyStore,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Optional() @Inject(Clock) private readonly clock: Clock = new SystemClock(),
    @Optional() @Inject(IdSource) private readonly ids: IdSource = new UuidV7Source(),
  ) {}

  async issue(wanted: NewApiKey, actor: string, correlationId: string | null): Promise<IssuedApiKey> {
    const id = this.ids.uuid();
    const token = makeToken(id);
    return { key: await this.add(id, token, wanted, actor, correlationId), token };
  }

  /** Stores a key whose secret was made before, such as the first one. */
  async add(id: string, token: string, wanted: NewApiKey, actor: string, correlationId: string | null): Promise<StoredApiKey> {
    const key = { ...wanted, id, createdAtMs: this.clock.nowMs(), createdBy: actor };
    const { name, scopes, accounts, allowedAddresses, expiresAtMs } = wanted;
    const data = { name, scopes, accounts, allowedAddresses, expiresAt: expiresAtMs === null ? null : timeText(expiresAtMs) };
    const audit = this.trail.rows([{ type: 'api-key.created', actor, subject: { kind: 'api-key', id }, correlationId, data }]);
    await this.store.insert(key, tokenHash(token), audit);
    await this.ring.refresh();
    return { ...key, revokedAtMs: null };
  }

  /** `null` where there is no such key, or it is revoked already. Counts at once here, within a second elsewhere. */
  async revoke(id: string, actor: string, correlationId: string | null): Promise<StoredApiKey | null> {
    const audit = this.trail.rows([{ type: 'api-key.revoked', actor, subject: { kind: 'api-key', id }, correlationId }]);
    const revoked = await this.store.revoke(id, this.clock.nowMs(), audit);
    await this.ring.refresh();
    return revoked;
  }

  list(beforeId: string | undefined, limit: number): Promise<readonly StoredApiKey[]> {
    return this.store.list(beforeId, limit);
  }

  exists(id: string): Promise<boolean> {
    return this.store.exists(id);
  }
}
