import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Scope } from '#libs/http';

/** What is known of a key. The secret is not: only its hash was kept. */
export interface ApiKey {
  /** UUIDv7; stands without hyphens in the key itself. */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Names of the accounts it may use; `null` is all of them. */
  readonly accounts: readonly string[] | null;
  /** Addresses and CIDR ranges it may come from; none listed is anywhere. */
  readonly allowedAddresses: readonly string[];
  readonly expiresAtMs: number | null;
}

/** The key of the request being served, as handlers see it. */
export type AuthenticatedKey = Pick<ApiKey, 'id' | 'name' | 'scopes' | 'accounts'>;

const SECRET_BYTES = 32;
const TOKEN = /^bw_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;

/** A new secret for the key with this id, 256 bits from the system's generator. Shown once, kept nowhere. */
export function makeToken(id: string): string {
  return `bw_${id.replaceAll('-', '')}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** The id in a key; `null` for text that is not in the form of a key. */
export function idOfToken(token: string): string | null {
  const id = TOKEN.exec(token)?.[1];
  return id === undefined ? null : `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`;
}

/**
 * SHA-256 of the whole key. A fast hash is enough: with 256 bits of chance there is nothing to guess, so there is nothing to slow down.
 */
export function tokenHash(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** Compares in a time that does not depend on how much is equal. */
export function sameHash(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Whether the key may see and use the account. */
export function mayUseAccount(key: Pick<ApiKey, 'accounts'>, account: string): boolean {
  return key.accounts === null || key.accounts.includes(account);
}

/** The accounts a list is narrowed to for this key; `null` is all of them. */
export function accountsOf(key: Pick<ApiKey, 'accounts'>): readonly string[] | null {
  return key.accounts;
}

/** The first of the needed scopes that the key does not have; `null` when it has all. */
export function missingScope(key: Pick<ApiKey, 'scopes'>, needed: readonly Scope[]): Scope | null {
  return needed.find((scope) => !key.scopes.includes(scope)) ?? null;
}
