import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PooledDatabase, createPool } from '#libs/database';
import { TimerScheduler, UuidV7Source, decimal } from '#libs/kernel';
import { testDatabase } from '#testing/database';
import type { TestDatabase } from '#testing/database';
import { fold, observeReport } from '../domain/index.js';
import type { OrderState, OrderTerms } from '../domain/index.js';
import { SilentOrderLog } from '../application/order-log.js';
import type { Change } from '../application/order-journal.js';
import { TEST_NOW_MS, testAttempt, testFill, testReport, testTerms } from '../testing.js';
import { pgArray } from './pg-array.js';
import { SqlOrderJournal } from './sql-order-journal.js';
import { SqlOrderReader } from './sql-order-reader.js';

const FLUSH_MS = 5_000;

describe('the journal in Postgres', () => {
  let server: TestDatabase;
  let database: PooledDatabase;
  let journal: SqlOrderJournal;
  let reader: SqlOrderReader;

  beforeAll(async () => {
    server = await testDatabase();
    database = new PooledDatabase(createPool({ url: server.appUrl }));
    journal = new SqlOrderJournal(database, new UuidV7Source(), new TimerScheduler(), new SilentOrderLog(), {
      maxBatch: 64,
      maxWaiting: 1_000,
    });
    reader = new SqlOrderReader(database);
  });

  afterAll(async () => {
    await database.end();
    await server.close();
  });

  function beginning(terms: OrderTerms): { state: OrderState; stored: Parameters<typeof fold>[1] } {
    const stored = {
      version: 1,
      atMs: TEST_NOW_MS,
      correlationId: terms.correlationId,
      event: { type: 'submitted' as const, terms, attempt: testAttempt },
    };
    return { state: fold(null, stored), stored };
  }

  function acknowledged(state: OrderState, fills: string[] = []): Change {
    const { terms } = state;
    const filled = fills.reduce((total, quantity) => total.plus(decimal(quantity)), decimal('0'));
    const report = testReport(terms, {
      filledQuantity: filled,
      fills: fills.map((quantity, index) => testFill(terms, `t${index}`, quantity)),
    });
    const stored = {
      version: state.version + 1,
      atMs: TEST_NOW_MS + 1,
      correlationId: null,
      event: observeReport(state, report, 'answer').event!,
    };
    return { stored, after: fold(state, stored), fills: report.fills, source: 'answer' };
  }

  async function count(table: string, column: string, id: string): Promise<number> {
    const { rows } = await database.query<{ n: string }>(
      `test.count-${table}`,
      `SELECT count(*) AS n FROM ${table} WHERE ${column}::text = $1`,
      [id],
    );
    return Number.parseInt(rows[0]!.n, 10);
  }

  it('gives an order back exactly as it was begun, down to the last digit and the oddest name', async () => {
    const terms = testTerms({
      clientOrderId: `odd"\\{},'null ☃`,
      quantity: decimal('123456789012345678.000000000000000001'),
      price: decimal('0.00000001'),
      correlationId: 'null',
    });
    expect(await journal.begin(beginning(terms))).toBe('journaled');
    const read = await reader.byId(terms.id);
    expect(read).toEqual(beginning(terms).state);
    expect(read!.terms.quantity!.toFixed()).toBe('123456789012345678.000000000000000001');
  });

  it('binds any text that Postgres can store', async () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text), { minLength: 1, maxLength: 8 }), async (values) => {
        const { rows } = await database.query<{ given: string[] }>('test.array', 'SELECT $1::text[] AS given', [pgArray(values)]);
        expect(rows[0]!.given).toEqual(values);
      }),
      { numRuns: 200 },
    );
  });

  it('lets one of many equal beginnings through, within one batch and across batches', async () => {
    const beginnings = Array.from({ length: 50 }, () => beginning(testTerms({ clientOrderId: 'same' })));
    const outcomes = await Promise.all(beginnings.map((each) => journal.begin(each)));
    expect(outcomes.filter((outcome) => outcome === 'journaled')).toHaveLength(1);
    expect(await journal.begin(beginning(testTerms({ clientOrderId: 'same' })))).toBe('taken');
    expect((await reader.byClientOrderId('test-account', 'same'))!.terms.id).toBe(
      beginnings[outcomes.indexOf('journaled')]!.state.terms.id,
    );
  });

  it('keeps order, event, attempt and audit row together', async () => {
    const terms = testTerms();
    await journal.begin(beginning(terms));
    expect(
      await Promise.all([
        count('orders', 'id', terms.id),
        count('order_events', 'order_id', terms.id),
        count('open_attempts', 'order_id', terms.id),
        count('audit_events', 'subject_id', terms.id),
      ]),
    ).toEqual([1, 1, 1, 1]);
  });

  it('takes one bad order out of a batch without losing the others', async () => {
    const good = testTerms();
    const bad = testTerms({ symbol: 'NUL\0' });
    const [first, second] = await Promise.allSettled([journal.begin(beginning(bad)), journal.begin(beginning(good))]);
    expect(first.status).toBe('rejected');
    expect(second).toEqual({ status: 'fulfilled', value: 'journaled' });
  });

  it('writes what follows behind: event, fills, state, and the attempt closed', async () => {
    const terms = testTerms();
    const begun = beginning(terms);
    await journal.begin(begun);
    const change = acknowledged(begun.state, ['0.4', '0.1']);
    journal.record(change);
    await journal.flushed(FLUSH_MS);
    expect(await reader.byId(terms.id)).toEqual(change.after);
    expect(await count('open_attempts', 'order_id', terms.id)).toBe(0);
    const [listed] = await reader.list({
      accounts: ['test-account'],
      symbol: null,
      statuses: ['partially-filled'],
      clientOrderId: null,
      before: null,
      limit: 1,
    });
    expect(listed).toMatchObject({ status: 'partially-filled', version: 2, venueOrderId: '77' });
    expect(listed!.filledQuantity.toFixed()).toBe('0.5');
    expect(await reader.fills({ accounts: null, symbol: null, orderId: terms.id, before: null, limit: 10 })).toHaveLength(2);
  });

  it('changes nothing when the same is written twice, as after a commit whose verdict was lost', async () => {
    const terms = testTerms();
    const begun = beginning(terms);
    await journal.begin(begun);
    const change = acknowledged(begun.state, ['0.4']);
    await journal.recordDurably(change);
    await journal.recordDurably(change);
    expect(await Promise.all([count('order_events', 'order_id', terms.id), count('fills', 'order_id', terms.id)])).toEqual([2, 1]);
    expect(await reader.byId(terms.id)).toEqual(change.after);
  });

  it('refuses to change or remove history, whoever asks', async () => {
    const terms = testTerms();
    await journal.begin(beginning(terms));
    for (const text of [
      `UPDATE orders SET account = 'x' WHERE id = $1`,
      'DELETE FROM orders WHERE id = $1',
      `UPDATE order_events SET type = 'x' WHERE order_id = $1`,
    ]) {
      await expect(database.query(`test.${text}`, text, [terms.id])).rejects.toThrow('permission denied');
      await expect(server.database().query(`test.${text}`, text, [terms.id])).rejects.toThrow('is history');
    }
    await expect(server.database().query('test.truncate', 'TRUNCATE fills')).rejects.toThrow('is history');
  });

  it('finds at a start exactly the orders whose story is not over', async () => {
    const [waiting, resting, done] = [beginning(testTerms()), beginning(testTerms()), beginning(testTerms())];
    for (const each of [waiting, resting, done]) await journal.begin(each);
    journal.record(acknowledged(resting.state));
    journal.record(acknowledged(done.state, ['1']));
    await journal.flushed(FLUSH_MS);
    const open = new Set((await reader.open()).map((state) => state.terms.id));
    expect([open.has(waiting.state.terms.id), open.has(resting.state.terms.id), open.has(done.state.terms.id)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('gives pages of the blotter, newest first, each order once', async () => {
    const account = 'paging';
    const ids = [];
    for (let i = 0; i < 5; i += 1) {
      const terms = testTerms({ account: account as OrderTerms['account'] });
      ids.push(terms.id);
      await journal.begin(beginning(terms));
    }
    const first = await reader.list({ accounts: [account], symbol: null, statuses: null, clientOrderId: null, before: null, limit: 3 });
    const second = await reader.list({
      accounts: [account],
      symbol: null,
      statuses: null,
      clientOrderId: null,
      before: first.at(-1)!.terms.id,
      limit: 3,
    });
    expect([...first, ...second].map((state) => state.terms.id)).toEqual(ids.toReversed());
  });
});
