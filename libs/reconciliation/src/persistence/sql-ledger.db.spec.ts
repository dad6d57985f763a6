import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { violatedConstraint } from '#libs/database';
import type { Database } from '#libs/database';
import { ManualClock, UuidV7Source, decimal, timeText } from '#libs/kernel';
import { testDatabase } from '#testing/database';
import type { TestDatabase } from '#testing/database';
import { postExternalFill, postTransfer } from '../domain/index.js';
import { TEST_NOW_MS, testVenueFill } from '../testing.js';
import { SqlLedger } from './sql-ledger.js';

const ids = new UuidV7Source();
const clock = new ManualClock(TEST_NOW_MS);
let server: TestDatabase;
let owner: Database;
let app: Database;
let account = '';
let accounts = 0;
let orderId = '';

beforeAll(async () => {
  server = await testDatabase();
  owner = server.database();
  app = server.database({ url: server.appUrl });
});
afterAll(() => server.close());

/** An account of its own, with an order whose fills it books. */
async function begin(): Promise<void> {
  accounts += 1;
  account = `account-${accounts}`;
  orderId = ids.uuid();
  await owner.query(
    'test.order',
    `INSERT INTO orders (id, account, venue, symbol, side, type, post_only, reduce_only, fingerprint, venue_client_id, api_key_id, created_at)
     VALUES ($1, $2, 'binance', 'BTC/USDT', 'buy', 'limit', false, false, 'f', 'c', 'k', now())`,
    [orderId, account],
  );
}

beforeEach(begin);

interface FillMore {
  readonly quantity?: string;
  readonly price?: string;
  readonly side?: 'buy' | 'sell';
  readonly fee?: readonly [asset: string, amount: string];
  readonly atMs?: number;
  readonly inferred?: boolean;
}

async function journal(seq: number, more: FillMore = {}): Promise<string> {
  const { quantity = '0.5', price = '100', side = 'buy', fee = ['BTC', '0.0005'], atMs = TEST_NOW_MS, inferred = false } = more;
  const trade = `t${seq}`;
  const values = [ids.uuid(), orderId, account, trade, side, price, quantity, fee[0], fee[1], timeText(atMs), seq, inferred];
  await owner.query(
    'test.fill',
    `INSERT INTO fills (id, order_id, account, venue, symbol, venue_trade_id, venue_order_id, side, price, quantity, fee_asset, fee_amount,
       source, venue_time, booked_at, seq, inferred)
     VALUES ($1, $2, $3, 'binance', 'BTC/USDT', $4, '9', $5, $6, $7, $8, $9, 'stream', $10, now(), $11, $12)`,
    values,
  );
  return trade;
}

async function voidFill(trade: string): Promise<void> {
  await owner.query(
    'test.void',
    `INSERT INTO fill_voids (order_id, venue_trade_id, account, order_version, reason, voided_at) VALUES ($1, $2, $3, 1, 'replaced', now())`,
    [orderId, trade, account],
  );
}

function ledger(database: Database = app): SqlLedger {
  return new SqlLedger(database, clock);
}

async function totals(): Promise<Record<string, string>> {
  const { totals: read } = await ledger().read(account, TEST_NOW_MS);
  return Object.fromEntries([...read].map(([asset, total]) => [asset, total.toFixed()]));
}

/** The whole ledger of the account as it stands, and the sum of its lines instead of the totals that are kept. */
async function wholeLedger(): Promise<{ lines: unknown; sums: Record<string, string> }> {
  const lines = await owner.query('test.lines', 'SELECT * FROM ledger_entries WHERE account = $1 ORDER BY tx_id, line', [account]);
  const sums = await owner.query<{ asset: string; sum: string }>(
    'test.sums',
    `SELECT asset, sum(amount) FROM ledger_entries WHERE account = $1 AND book = 'holdings' GROUP BY asset`,
    [account],
  );
  return { lines: lines.rows, sums: Object.fromEntries(sums.rows.map((row) => [row.asset, decimal(row.sum).toFixed()])) };
}

const TRANSFER = { asset: 'USDT', amount: decimal('5'), key: 'k', atMs: TEST_NOW_MS, reason: 'reported' } as const;

describe('the ledger in Postgres', () => {
  it('[lesson 10] posts fills in their order, and the same again after ten restarts', async () => {
    for (let seq = 1; seq <= 7; seq += 1) await journal(seq, { side: seq % 3 === 0 ? 'sell' : 'buy', price: `${100 + seq}.000000001` });
    expect(await ledger().postJournal(account, 8)).toEqual({ posted: 7, complete: true });
    const before = await wholeLedger();
    expect(before.sums).toEqual(await totals());
    for (let restart = 0; restart < 10; restart += 1) {
      // Also after a crash that lost where it was.
      await owner.query('test.forget', 'UPDATE ledger_heads SET fill_seq = 0 WHERE account = $1', [account]);
      expect(await ledger(server.database({ url: server.appUrl })).postJournal(account, 8)).toEqual({ posted: 0, complete: true });
      expect(await wholeLedger()).toEqual(before);
    }
    expect(await totals()).toEqual(before.sums);
  });

  it('goes on where it was', async () => {
    await journal(1);
    await ledger().postJournal(account, 8);
    await journal(2);
    expect((await ledger().postJournal(account, 8)).posted).toBe(1);
    expect(await totals()).toEqual({ BTC: '0.999', USDT: '-100' });
  });

  it('posts each fill once where two replicas post at the same time', async () => {
    for (let seq = 1; seq <= 40; seq += 1) await journal(seq);
    const replicas = Array.from({ length: 4 }, () => ledger(server.database({ url: server.appUrl, poolMax: 2 })));
    const counts = await Promise.all(replicas.flatMap((replica) => [replica.postJournal(account, 8), replica.postJournal(account, 8)]));
    expect(counts.reduce((sum, { posted }) => sum + posted, 0)).toBe(40);
    expect(await totals()).toEqual({ BTC: '19.98', USDT: '-2000' });
    expect((await wholeLedger()).sums).toEqual(await totals());
  });

  it.each<[string, (one: SqlLedger) => Promise<unknown>]>([
    ['posting fills', (one) => one.postJournal(account, 8)],
    ['posting a transfer', (one) => one.post(account, [postTransfer({ ...TRANSFER, account })])],
    ['reading', (one) => one.read(account, TEST_NOW_MS)],
  ])('waits with %s while another replica posts for the account', async (_name, work) => {
    await journal(1);
    const waiting = async (): Promise<number> => (await owner.query('test.waiting', 'SELECT 1 FROM pg_locks WHERE NOT granted')).rowCount;
    let done: Promise<unknown> = Promise.resolve();
    await owner.transaction(async (tx) => {
      await tx.query('test.make', 'INSERT INTO ledger_heads (account, fill_seq) VALUES ($1, 0)', [account]);
      done = work(ledger());
      await expect.poll(waiting).toBeGreaterThan(0);
    });
    await done;
    await owner.transaction(async (tx) => {
      await tx.query('test.hold', 'SELECT 1 FROM ledger_heads WHERE account = $1 FOR UPDATE', [account]);
      done = work(ledger());
      await expect.poll(waiting).toBeGreaterThan(0);
    });
    await done;
  });

  it('posts nothing of a transaction that fails', async () => {
    await journal(1);
    const broken = Object.assign(Object.create(app) as Database, {
      transaction: (work: Parameters<Database['transaction']>[0]) =>
        app.transaction(async (tx) => {
          await work(tx);
          throw new Error('crash before the commit');
        }),
    });
    await expect(ledger(broken).postJournal(account, 8)).rejects.toThrow('crash before the commit');
    expect((await wholeLedger()).lines).toEqual([]);
    expect((await ledger().postJournal(account, 8)).posted).toBe(1);
  });

  it('takes a void back line by line, once', async () => {
    await journal(1);
    const guess = await journal(2, { inferred: true });
    await ledger().postJournal(account, 8);
    expect((await ledger().read(account, TEST_NOW_MS)).inferredSymbols).toEqual(['BTC/USDT']);
    await voidFill(guess);
    await journal(3, { quantity: '0.3' });
    expect((await ledger().postJournal(account, 8)).posted).toBe(2);
    expect((await ledger().postJournal(account, 8)).posted).toBe(0);
    expect((await ledger().read(account, TEST_NOW_MS)).inferredSymbols).toEqual([]);
    expect(await totals()).toEqual({ BTC: '0.799', USDT: '-80' });
  });

  it('[lesson 11] comes to the same totals in whatever order a guessed fill, its void and the real ones come', async () => {
    const parts: ((seq: number) => Promise<unknown>)[] = [
      async (seq) => voidFill(await journal(seq, { inferred: true, quantity: '0.5' })),
      (seq) => journal(seq, { quantity: '0.2', price: '99.9' }),
      (seq) => journal(seq, { quantity: '0.3', price: '100.1', fee: ['BNB', '0.001'] }),
    ];
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    const results: Record<string, string>[] = [];
    for (const order of orders) {
      await begin();
      for (const [at, part] of order.entries()) {
        await parts[part]!(at + 1);
        if (at % 2 === order[0]! % 2) await ledger().postJournal(account, 8);
      }
      await ledger().postJournal(account, 8);
      results.push(await totals());
    }
    expect(
      results.every(
        (result) => JSON.stringify(Object.entries(result).toSorted()) === JSON.stringify(Object.entries(results[0]!).toSorted()),
      ),
    ).toBe(true);
    expect(results[0]).toMatchObject({ BNB: '-0.001', USDT: '-50.01' });
  });

  it('opens once, with what the venue holds beyond what is posted', async () => {
    await journal(1);
    await ledger().postJournal(account, 8);
    const venue = new Map([
      ['BTC', decimal('1')],
      ['BNB', decimal('3')],
    ]);
    const opened = await Promise.all([ledger().open(account, venue, TEST_NOW_MS), ledger().open(account, venue, TEST_NOW_MS)]);
    expect(opened.toSorted()).toEqual([false, true]);
    expect((await ledger().read(account, TEST_NOW_MS)).openedAtMs).toBe(TEST_NOW_MS);
    expect(await totals()).toEqual({ BTC: '1', BNB: '3', USDT: '0' });
  });

  it('books a transfer and a fill of others once, and lists what is recent by itself', async () => {
    await journal(1, { atMs: TEST_NOW_MS - 60_000 });
    await journal(2, { atMs: TEST_NOW_MS });
    await ledger().postJournal(account, 8);
    const transfer = postTransfer({ account, asset: 'USDT', amount: decimal('500'), key: 'k1', atMs: TEST_NOW_MS, reason: 'reported' });
    const external = postExternalFill({ ...testVenueFill({ quantity: decimal('2'), venueTimeMs: TEST_NOW_MS + 1 }), account }, 8);
    expect(await ledger().post(account, [transfer, external])).toBe(2);
    expect(await ledger().post(account, [transfer, external])).toBe(0);
    const { recent } = await ledger().read(account, TEST_NOW_MS - 1_000);
    expect(recent.get('USDT')!.map((amount) => amount.toFixed())).toEqual(['-50', '-200']);
    expect(await totals()).toEqual({ BTC: '2.999', USDT: '200' });
  });

  it('refuses a posting that does not sum to zero, and any change of what is posted', async () => {
    const crooked = { ...postTransfer({ account, asset: 'USDT', amount: decimal('5'), key: 'x', atMs: 1, reason: 'reported' }) };
    const half = { ...crooked, entries: crooked.entries.slice(0, 1) };
    await expect(ledger().post(account, [half])).rejects.toMatchObject({ code: '23514' });
    expect(await ledger().post(account, [crooked])).toBe(1);
    const change = owner.query('test.change', 'UPDATE ledger_entries SET amount = 0 WHERE account = $1', [account]);
    await expect(change).rejects.toThrow();
    await expect(owner.query('test.truncate', 'TRUNCATE ledger_entries')).rejects.toThrow();
    const taken = owner.query('test.twice', `INSERT INTO ledger_entries SELECT * FROM ledger_entries WHERE account = $1 AND line = 0`, [
      account,
    ]);
    expect(violatedConstraint(await taken.catch((error: unknown) => error))).toBe('ledger_entries_pkey');
  });
});
