import { Inject, Injectable } from '@nestjs/common';
import { DenialLog, KeyRing, mayUseAccount, missingScope } from '#libs/access';
import type { ApiKey } from '#libs/access';
import { ProblemException } from '#libs/http';
import type { ProblemCode, Scope } from '#libs/http';
import type { Channel, Topic } from './client-message.js';

/** Where a connection comes from, for the record of refusals. */
export interface Origin {
  readonly address: string;
  readonly correlationId: string;
}

/** What each channel needs: the same as the routes that answer the same. */
const SCOPES: Readonly<Record<Channel, Scope>> = {
  orders: 'orders:read',
  fills: 'orders:read',
  balances: 'account:read',
  book: 'market:read',
  trades: 'market:read',
  ticker: 'market:read',
  health: 'admin:read',
};

export const STREAM_PATH = '/v1/stream';

/** Who may hear what: the keys, scopes, accounts and addresses of the whole API. */
@Injectable()
export class StreamAccess {
  constructor(
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DenialLog) private readonly denials: DenialLog,
  ) {}

  /** @throws {ProblemException} `unauthenticated`, `ip-blocked`, or `database-unavailable` where keys cannot be checked now. */
  admit(token: string, origin: Origin): ApiKey {
    const verdict = this.ring.verify(token, origin.address);
    if (verdict.kind === 'known') return verdict.key;
    if (verdict.kind === 'not-known-now')
      throw new ProblemException('database-unavailable', 'keys cannot be checked just now', { retryAfterMs: 1_000 });
    if (verdict.reason === 'address-not-allowed')
      throw this.refusal(origin, verdict.reason, verdict.keyId, 'ip-blocked', 'the key may not be used from this address');
    throw this.refusal(origin, verdict.reason, verdict.keyId, 'unauthenticated', 'the key is not known, has expired or was revoked');
  }

  /** Records a refusal and words it. */
  refusal(origin: Origin, reason: string, keyId: string | null, code: ProblemCode, detail: string): ProblemException {
    const { address, correlationId } = origin;
    this.denials.note({ reason, keyId, address, method: 'GET', route: STREAM_PATH, correlationId });
    return new ProblemException(code, detail);
  }

  /**
   * Whether an admitted key still counts. While the table of keys cannot be read, what is open stays open: orders and fills come from the
   * same database, and none arrive meanwhile.
   */
  isStillGood(key: ApiKey, address: string): boolean {
    return this.ring.recheck(key.id, address).kind !== 'refused';
  }

  /** @throws {ProblemException} `forbidden` */
  permit(key: ApiKey, topic: Topic, origin: Origin): void {
    const missing = missingScope(key, [SCOPES[topic.channel]]);
    if (missing !== null) throw this.refusal(origin, 'missing-scope', key.id, 'forbidden', `the key lacks the scope ${missing}`);
    if ('account' in topic && !mayUseAccount(key, topic.account))
      throw new ProblemException('forbidden', `this key may not use the account ${topic.account}`);
  }
}
