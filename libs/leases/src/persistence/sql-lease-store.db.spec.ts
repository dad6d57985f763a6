import { hash } from 'node:crypto';
import { PooledDatabase, createPool } from '#libs/database';
import { SystemClock, TimerScheduler } from '#libs/kernel';
import { testDatabase } from '#testing/database';
import type { TestDatabase } from '#testing/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LeaseKeeper } from '../application/lease-keeper.js';
import { SqlLeaseStore } from './sql-lease-store.js';

const TTL_MS = 10_000;
const REQUEST = [{ account: 'one', venue: 'binance' }];

let server: TestDatabase;
let pools: PooledDatabase[];
let store: SqlLeaseStore;
let other: SqlLeaseStore;

const run = (text: string) => pools[2]!.query(`test.${hash('sha256', text).slice(0, 32)}`, text);

beforeAll(async () => {
  server = await testDatabase();
  pools = Array.from({ length: 3 }, () => new PooledDatabase(createPool({ url: server.appUrl, lockTimeoutMs: 300 })));
  store = new SqlLeaseStore(pools[0]!);
  other = new SqlLeaseStore(pools[1]!);
});

beforeEach(async () => {
  for (const table of ['account_leases', 'account_gates', 'kill_switches']) await run(`DELETE FROM ${table}`);
});

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await server.close();
});

const gate = async () => (await run("SELECT token, halted, venue FROM account_gates WHERE account = 'one'")).rows[0];
const lapse = () => run("UPDATE account_leases SET expires_at = clock_timestamp() - interval '1 second'");

describe('leases in Postgres', () => {
  it('gives an account to one, moves its gate to the same token, and refuses the other while the lease is alive', async () => {
    expect(await store.acquire(REQUEST, 'a', 'http://a', TTL_MS)).toEqual([{ account: 'one', token: 1 }]);
    expect(await gate()).toEqual({ token: '1', halted: false, venue: 'binance' });
    expect(await other.acquire(REQUEST, 'b', null, TTL_MS)).toEqual([]);
    expect(await other.holders(['one', 'two'])).toEqual([{ account: 'one', owner: 'a', url: 'http://a', token: 1, isAlive: true }]);
  });

  it('lets another take over what has run out or was given back, each time with the next token', async () => {
    await store.acquire(REQUEST, 'a', null, TTL_MS);
    await lapse();
    expect(await other.acquire(REQUEST, 'b', null, TTL_MS)).toEqual([{ account: 'one', token: 2 }]);
    await other.release([{ account: 'one', token: 2 }], 'b');
    expect((await store.holders(['one']))[0]).toMatchObject({ owner: 'b', isAlive: false });
    expect(await store.acquire(REQUEST, 'a', null, TTL_MS)).toEqual([{ account: 'one', token: 3 }]);
    expect(await gate()).toMatchObject({ token: '3' });
  });

  it('gives a process that came back under its name the next token at once', async () => {
    await store.acquire(REQUEST, 'a', null, TTL_MS);
    expect(await store.acquire(REQUEST, 'a', null, TTL_MS)).toEqual([{ account: 'one', token: 2 }]);
  });

  it('renews only what is alive and still ours', async () => {
    await store.acquire([...REQUEST, { account: 'two', venue: 'binance' }], 'a', null, TTL_MS);
    const both = [
      { account: 'one', token: 1 },
      { account: 'two', token: 1 },
    ];
    expect(await store.renew(both, 'b', TTL_MS)).toEqual([]);
    await run("UPDATE account_leases SET expires_at = clock_timestamp() WHERE account = 'one'");
    expect(await store.renew(both, 'a', TTL_MS)).toEqual([both[1]]);
    await other.acquire(REQUEST, 'b', null, TTL_MS);
    await store.release(both, 'a');
    expect((await store.holders(['one']))[0]).toMatchObject({ owner: 'b', isAlive: true });
  });

  it('never falls behind the gate, whatever became of the lease row', async () => {
    await run("INSERT INTO account_gates (account, venue, token, halted) VALUES ('one', 'binance', 41, false)");
    expect(await store.acquire(REQUEST, 'a', null, TTL_MS)).toEqual([{ account: 'one', token: 42 }]);
    expect(await gate()).toMatchObject({ token: '42' });
  });

  it('makes a gate that a kill switch already holds', async () => {
    for (const scope of ['all', 'venue:binance', 'account:one']) {
      await run('DELETE FROM kill_switches');
      await run('DELETE FROM account_gates');
      await run(`INSERT INTO kill_switches (scope, engaged_at, engaged_by) VALUES ('${scope}', now(), 'system')`);
      await store.acquire(REQUEST, 'a', null, TTL_MS);
      expect(await gate(), scope).toMatchObject({ halted: true });
    }
    await run("UPDATE kill_switches SET scope = 'venue:other'");
    await store.acquire(REQUEST, 'a', null, TTL_MS);
    expect(await gate()).toMatchObject({ halted: false });
  });

  it('waits for permits under way before it takes over, and goes on with the accounts whose gates are free', async () => {
    const requests = [...REQUEST, { account: 'two', venue: 'binance' }];
    await store.acquire(requests, 'a', null, TTL_MS);
    await lapse();
    await pools[2]!.transaction(async (permit) => {
      await permit.query('test.permit', "SELECT token FROM account_gates WHERE account = 'one' FOR SHARE");
      await expect(other.acquire(REQUEST, 'b', null, TTL_MS)).rejects.toThrow(/lock timeout/);
      expect(await other.acquire(requests, 'b', null, TTL_MS)).toEqual([{ account: 'two', token: 2 }]);
    });
    expect(await other.acquire(REQUEST, 'b', null, TTL_MS)).toEqual([{ account: 'one', token: 2 }]);
  });

  it('never gives one token to two, in a thousand races of two replicas', async () => {
    const given = new Map<number, string>();
    let attempts = 0;
    const race = async (from: SqlLeaseStore, owner: string): Promise<void> => {
      while (attempts < 1_000) {
        attempts += 1;
        for (const { token } of await from.acquire(REQUEST, owner, null, TTL_MS)) {
          expect(given.has(token), `token ${token} was given to ${given.get(token)} and to ${owner}`).toBe(false);
          given.set(token, owner);
          await from.release([{ account: 'one', token }], owner);
        }
      }
    };
    await Promise.all([race(store, 'a'), race(other, 'b'), race(store, 'c'), race(other, 'd')]);
    expect(given.size).toBeGreaterThan(50);
    expect([...given.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: given.size }, (_, index) => index + 1));
    expect(await gate()).toMatchObject({ token: String(given.size) });
  });
});

describe('two replicas on one database', () => {
  it('hand an account over within a second when the first one stops, and the second counts as holder everywhere', async () => {
    const log = { info: () => undefined, warn: () => undefined };
    const ports = { clock: new SystemClock(), scheduler: new TimerScheduler(), log };
    const options = { ttlMs: 4_000, renewEveryMs: 500, stopBeforeEndMs: 2_000, pollMs: 100 };
    const first = new LeaseKeeper({ ...ports, store }, { ...options, owner: 'a', ownerUrl: () => 'http://a' });
    const second = new LeaseKeeper({ ...ports, store: other }, { ...options, owner: 'b', ownerUrl: () => 'http://b' });
    first.want('one', 'binance');
    await expect.poll(() => first.current('one')?.token).toBe(1);
    second.want('one', 'binance');
    await expect.poll(() => second.holder('one')).toEqual({ owner: 'a', url: 'http://a', isOurs: false });
    await first.releaseAll();
    await expect.poll(() => second.current('one')?.token).toBe(2);
    expect(first.current('one')).toBeNull();
    await second.releaseAll();
  });
});
