import { describe, expect, it } from 'vitest';
import { accountsOf, idOfToken, makeToken, mayUseAccount, missingScope, sameHash, tokenHash } from './api-key.js';

const ID = '0190a5d0-1234-7000-8000-0123456789ab';

describe('an API key', () => {
  it('carries its id and 256 bits of chance', () => {
    const token = makeToken(ID);
    expect(token).toMatch(/^bw_0190a5d01234700080000123456789ab_[\w-]{43}$/);
    expect(idOfToken(token)).toBe(ID);
  });

  it('is never made twice, and every position of its secret varies', () => {
    const secrets = Array.from({ length: 10_000 }, () => makeToken(ID).slice(-43));
    expect(new Set(secrets).size).toBe(10_000);
    for (let position = 0; position < 42; position += 1) expect(new Set(secrets.map((secret) => secret[position])).size).toBe(64);
  });

  it.each(['', 'bw_', 'Bearer x', `bw_${'0'.repeat(32)}_short`, `bw_${'G'.repeat(32)}_${'a'.repeat(43)}`, `${makeToken(ID)}x`])(
    'has an id only in its own form: %j has none',
    (text) => {
      expect(idOfToken(text)).toBeNull();
    },
  );

  it('is recognised by its hash', () => {
    const token = makeToken(ID);
    expect(sameHash(tokenHash(token), tokenHash(token))).toBe(true);
    expect(sameHash(tokenHash(token), tokenHash(makeToken(ID)))).toBe(false);
    expect(sameHash(tokenHash(token), Buffer.alloc(1))).toBe(false);
  });

  it('may use the accounts it is bound to, or all', () => {
    expect(mayUseAccount({ accounts: ['a'] }, 'a')).toBe(true);
    expect(mayUseAccount({ accounts: ['a'] }, 'b')).toBe(false);
    expect(mayUseAccount({ accounts: [] }, 'a')).toBe(false);
    expect(mayUseAccount({ accounts: null }, 'b')).toBe(true);
    expect(accountsOf({ accounts: ['a'] })).toEqual(['a']);
  });

  it('names the scope it lacks, and implies none: write is not read', () => {
    expect(missingScope({ scopes: ['orders:write'] }, ['orders:write', 'orders:read'])).toBe('orders:read');
    expect(missingScope({ scopes: ['admin:write'] }, ['admin:read'])).toBe('admin:read');
    expect(missingScope({ scopes: ['orders:read', 'orders:write'] }, ['orders:write'])).toBeNull();
  });
});
