import { Inject, Injectable, Logger, Optional, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Clock, SystemClock } from '#libs/kernel';
import { AddressList } from './address-list.js';
import { idOfToken, sameHash, tokenHash, type ApiKey } from './api-key.js';
import { ApiKeyStore } from './api-key-store.js';

/** How often changes made elsewhere are looked for: a revocation counts everywhere within a second. */
export const REFRESH_EVERY_MS = 500;
/** Without a look at the table for so long, a revocation could have been missed: nobody is let in. */
export const TRUST_MS = 10_000;

export type Verdict =
  | { readonly kind: 'known'; readonly key: ApiKey }
  | {
      readonly kind: 'refused';
      readonly reason: 'malformed-key' | 'unknown-key' | 'expired-key' | 'address-not-allowed';
      readonly keyId: string | null;
    }
  /** The table has not been seen for too long. */
  | { readonly kind: 'not-known-now' };

interface Entry {
  readonly key: ApiKey;
  readonly secretHash: Buffer;
  readonly addresses: AddressList | null;
}

const NO_HASH = Buffer.alloc(32);

/** All live keys in memory, so that a request costs no query. */
@Injectable()
export class KeyRing implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('access');
  private entries: ReadonlyMap<string, Entry> = new Map();
  private seen: string | null = null;
  private seenAtMs = Number.NEGATIVE_INFINITY;
  private failing = false;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(
    @Inject(ApiKeyStore) private readonly store: ApiKeyStore,
    @Optional() @Inject(Clock) private readonly clock: Clock = new SystemClock(),
  ) {}

  async onModuleInit(): Promise<void> {
    await this.refresh();
    this.plan();
  }

  onModuleDestroy(): void {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  /** Who is it? Costs one hash and no I/O; the same whether or not the key exists. */
  verify(token: string, address: string): Verdict {
    if (this.clock.monotonicMs() - this.seenAtMs > TRUST_MS) return { kind: 'not-known-now' };
    const keyId = idOfToken(token);
    if (keyId === null) return { kind: 'refused', reason: 'malformed-key', keyId: null };
    const entry = this.entries.get(keyId);
    const equal = sameHash(tokenHash(token), entry?.secretHash ?? NO_HASH);
    if (entry === undefined || !equal) return { kind: 'refused', reason: 'unknown-key', keyId };
    return this.judge(entry, address);
  }

  /** Whether a key that was verified before still counts, for connections that outlive a request. Needs no secret: keys never change. */
  recheck(keyId: string, address: string): Verdict {
    if (this.clock.monotonicMs() - this.seenAtMs > TRUST_MS) return { kind: 'not-known-now' };
    const entry = this.entries.get(keyId);
    return entry === undefined ? { kind: 'refused', reason: 'unknown-key', keyId } : this.judge(entry, address);
  }

  /** Looks for changes now. @throws {DatabaseUnavailableError} when no answer came; what was known stays. */
  async refresh(): Promise<void> {
    const askedAtMs = this.clock.monotonicMs();
    const fingerprint = await this.store.fingerprint();
    if (fingerprint !== this.seen) {
      const live = await this.store.live();
      this.entries = new Map(live.map(({ key, secretHash }) => [key.id, { key, secretHash, addresses: addressesOf(key) }]));
      this.seen = fingerprint;
    }
    this.seenAtMs = askedAtMs;
  }

  private judge({ key, addresses }: Entry, address: string): Verdict {
    const keyId = key.id;
    if (key.expiresAtMs !== null && key.expiresAtMs <= this.clock.nowMs()) return { kind: 'refused', reason: 'expired-key', keyId };
    if (addresses !== null && !addresses.has(address)) return { kind: 'refused', reason: 'address-not-allowed', keyId };
    return { kind: 'known', key };
  }

  private plan(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.round(), REFRESH_EVERY_MS);
    this.timer.unref();
  }

  private async round(): Promise<void> {
    try {
      await this.refresh();
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.logger.warn({ msg: 'keys could not be read again', err: error });
      this.failing = true;
    }
    this.plan();
  }
}

function addressesOf(key: ApiKey): AddressList | null {
  return key.allowedAddresses.length === 0 ? null : new AddressList(key.allowedAddresses);
}
