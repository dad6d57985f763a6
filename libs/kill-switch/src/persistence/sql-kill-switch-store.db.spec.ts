import { hash } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { PooledDatabase, createPool } from '#libs/database';
import { SystemClock, TimerScheduler } from '#libs/kernel';
import { testDatabase } from '#testing/database';
import type { TestDatabase } from '#testing/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HeldUp } from '../application/kill-switch-store.js';
import { KillSwitches } from '../application/kill-switches.js';
import { OpenOrders } from '../application/open-orders.js';
import type { KillScope } from '../domain/kill-switch.js';
import { SqlKillSwitchStore } from './sql-kill-switch-store.js';

const BY = { name: 'key:1', correlationId: 'c-1' };
const PERMIT = "SELECT token, halted FROM account_gates WHERE account = 'one' FOR SHARE";

let server: TestDatabase;
let pools: PooledDatabase[];
let store: SqlKillSwitchStore;

const run = (text: string) => pools[1]!.query(`test.${hash('sha256', text).slice(0, 32)}`, text);
const wanted = (scope: KillScope, cancelOpenOrders = false) => ({
  scope,
  cancelOpenOrders,
  reason: 'a drill',
  engagedAtMs: Date.now(),
  engagedBy: BY.name,
});
const halted = async () => (await run('SELECT account FROM account_gates WHERE halted ORDER BY account')).rows.map((row) => row['account']);

class NoOrders extends OpenOrders {
  readonly canceled: string[] = [];

  held() {
    return [
      { account: 'one', venue: 'binance' },
      { account: 'two', venue: 'kraken' },
    ];
  }

  cancelAll(account: string, by: string): Promise<number> {
    this.canceled.push(`${account} ${by}`);
    return Promise.resolve(0);
  }
}

const switchesOf = (orders = new NoOrders()) => new KillSwitches(store, orders, new SystemClock(), new TimerScheduler());

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await testDatabase();
  pools = Array.from({ length: 2 }, () => new PooledDatabase(createPool({ url: server.appUrl, lockTimeoutMs: 100 })));
  store = new SqlKillSwitchStore(pools[0]!, new AuditTrail(pools[0]!));
});

beforeEach(async () => {
  for (const table of ['kill_switches', 'account_gates']) await run(`DELETE FROM ${table}`);
  await run("INSERT INTO account_gates VALUES ('one', 'binance', 1, false), ('two', 'kraken', 1, false)");
});

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await server.close();
});

describe('kill switches in Postgres', () => {
  it('mark the gates in their scope and no others, and lifting leaves those that another switch still holds', async () => {
    for (const scope of ['venue:binance', 'account:one', 'all'] as const) await store.engage(wanted(scope), BY);
    expect(await store.halt()).toBe(2);
    await store.lift('all', BY);
    expect(await halted()).toEqual(['one']);
    await store.lift('venue:binance', BY);
    expect(await halted()).toEqual(['one']);
    await store.lift('account:one', BY);
    expect(await halted()).toEqual([]);
    expect(await store.lift('account:one', BY)).toBeNull();
  });

  it('keep when and by whom they were engaged, take a new reason, and cancel once either asked for it', async () => {
    const first = await store.engage(wanted('all'), BY);
    expect(first.before).toBeNull();
    const again = await store.engage({ ...wanted('all', true), reason: null, engagedBy: 'key:2', engagedAtMs: 0 }, BY);
    expect(again.before).toEqual(first.after);
    expect(again.after).toEqual({ ...first.after, cancelOpenOrders: true });
    expect(await store.all()).toEqual([again.after]);
  });

  it('stand in the audit trail with what was before and after', async () => {
    await store.engage(wanted('account:one'), BY);
    await store.lift('account:one', BY);
    const { rows } = await run(
      "SELECT type, actor, account, subject_id, correlation_id, data FROM audit_events WHERE subject_id = 'account:one' ORDER BY id DESC LIMIT 2",
    );
    const common = { actor: 'key:1', account: 'one', subject_id: 'account:one', correlation_id: 'c-1' };
    const engaged = { engagedBy: 'key:1', reason: 'a drill', cancelOpenOrders: false, engagedAt: expect.any(String) as string };
    expect(rows).toEqual([
      { ...common, type: 'kill-switch.lifted', data: { before: engaged, after: null } },
      { ...common, type: 'kill-switch.engaged', data: { before: null, after: engaged } },
    ]);
  });

  it('wait for a permit under way: until it has ended, engaging is not answered', async () => {
    let answered = false;
    let engaging: Promise<unknown> = Promise.resolve();
    await pools[1]!.transaction(async (permit) => {
      expect((await permit.query('test.permit', PERMIT)).rows[0]).toMatchObject({ halted: false });
      await store.engage(wanted('all'), BY);
      await expect(store.halt()).rejects.toThrow(HeldUp);
      engaging = switchesOf()
        .engage(wanted('all'), BY)
        .then(() => (answered = true));
      await expect(store.halt()).rejects.toThrow(HeldUp);
      expect(answered).toBe(false);
    });
    await engaging;
    expect((await run(PERMIT)).rows[0]).toMatchObject({ halted: true });
  });

  it('let no permit through after the answer, in a hundred races with permits', async () => {
    const late: number[] = [];
    let given = 0;
    for (let round = 0; round < 100; round += 1) {
      let isAnswered = false;
      const permits = async (): Promise<void> => {
        for (let isHalted = false; !isHalted;) {
          await pools[1]!.transaction(async (permit) => {
            isHalted = (await permit.query('test.permit', PERMIT)).rows[0]?.['halted'] === true;
            if (isHalted) return;
            given += 1;
            await permit.query('test.more', 'SELECT 1');
            if (isAnswered) late.push(round);
          });
        }
      };
      const running = [permits(), permits(), permits()];
      await switchesOf().engage(wanted('all'), BY);
      isAnswered = true;
      await Promise.all(running);
      await store.lift('all', BY);
    }
    expect(given).toBeGreaterThan(100);
    expect(late).toEqual([]);
    expect(await halted()).toEqual([]);
  });

  it('never leave marks behind when engaging and lifting race', async () => {
    const flip = async (scope: KillScope): Promise<void> => {
      const switches = switchesOf();
      for (let round = 0; round < 25; round += 1) {
        await switches.engage(wanted(scope), BY);
        expect(await halted(), scope).toContain('one');
        await switches.lift(scope, BY);
      }
    };
    await Promise.all([flip('all'), flip('venue:binance'), flip('account:one')]);
    expect(await store.all()).toEqual([]);
    expect(await halted()).toEqual([]);
  });

  it('are finished by another process where the first one ended half-way, and canceled there', async () => {
    await store.engage(wanted('venue:binance', true), BY);
    const orders = new NoOrders();
    const switches = switchesOf(orders);
    await switches.look();
    expect(await halted()).toEqual(['one']);
    expect(orders.canceled).toEqual(['one key:1']);
    expect(switches.lastSeen()).toHaveLength(1);
  });
});
