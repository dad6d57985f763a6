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
import { NoCrashPoints } from '../application/crash-points.js';
import { TEST_NOW_MS, testAttempt, testFill, testReport, testTerms } from '../testing.js';
import { pgArray } from './pg-array.js';
import { QueuedOrderJournal } from './queued-order-journal.js';
import { SqlJournalStore } from './sql-journal-store.js';
import { SqlOrderReader } from './sql-order-reader.js';

const FLUSH_MS = 5_000;

describe('the journal in Postgres', () => {
  let server: TestDatabase;
  let database: PooledDatabase;
  let journal: QueuedOrderJournal;
  let reader: SqlOrderReader;

  beforeAll(async () => {
    server = await testDatabase();
    database = new PooledDatabase(createPool({ url: server.appUrl }));
    journal = anotherJournal();
    for (const account of ['test-account', 'paging', 'halted', 'streamed'])
      await database.query(
        'test.gate',
        `INSERT INTO account_gates (account, venue, token, halted) VALUES ($1, 'test-venue', 1, $1 = 'halted')`,
        [account],
      );
    reader = new SqlOrderReader(database);
  });

  /** As another replica has it: on the same database, with a queue of its own. */
  function anotherJournal(): QueuedOrderJournal {
    const store = new SqlJournalStore(database, new UuidV7Source(), new NoCrashPoints());
    return new QueuedOrderJournal(store, new UuidV7Source(), new TimerScheduler(), new SilentOrderLog(), {
      maxBatch: 64,
      maxWaiting: 1_000,
    });
  }

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
    const open = new Set((await reader.open('test-account')).map((state) => state.terms.id));
    expect([open.has(waiting.state.terms.id), open.has(resting.state.terms.id), open.has(done.state.terms.id)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  function permit(state: OrderState, intent: 'place' | 'cancel' | 'amend', fence: number): Change {
    const event = { type: 'permitted' as const, intent, attempt: { ...testAttempt, number: 2, fence, hash: `${intent}-${fence}` } };
    const stored = { version: state.version + 1, atMs: TEST_NOW_MS + 2, correlationId: null, event };
    return { stored, after: fold(state, stored), fills: [], source: 'gateway' };
  }

  it('gives no permit under an earlier fencing token, and none in the scope of a kill switch', async () => {
    const early = testTerms();
    const stored = {
      ...beginning(early).stored,
      event: { type: 'submitted' as const, terms: early, attempt: { ...testAttempt, fence: 0 } },
    };
    expect(await journal.begin({ state: fold(null, stored), stored })).toBe('fenced');
    expect(await journal.begin(beginning(testTerms({ account: 'halted' as OrderTerms['account'] })))).toBe('halted');
    await server.database().query('test.kill', `INSERT INTO kill_switches VALUES ('venue:test-venue', now(), 'test', null)`);
    expect(await journal.begin(beginning(testTerms()))).toBe('halted');
    await server.database().query('test.lift', 'DELETE FROM kill_switches');
    expect(await journal.begin(beginning(testTerms()))).toBe('journaled');
  });

  it('permits one open attempt for each intent, and none to whoever lost the account', async () => {
    const begun = beginning(testTerms());
    await journal.begin(begun);
    const resting = acknowledged(begun.state);
    journal.record(resting);
    const cancel = permit(resting.after, 'cancel', 1);
    expect(await journal.permit(cancel)).toBe(true);
    expect(await journal.permit(permit(cancel.after, 'cancel', 1))).toBe(false);
    const fenced = beginning(testTerms());
    await journal.begin(fenced);
    expect(await journal.permit(permit(fenced.state, 'cancel', 0))).toBe(false);
  });

  it('gives back what another replica was faster to write about, with all that was still to be said about the order', async () => {
    const begun = beginning(testTerms());
    await journal.begin(begun);
    const other = anotherJournal();
    const given: (readonly [string, number])[] = [];
    other.onConflict((orderId, changes) => given.push([orderId, changes.length]));
    await journal.recordDurably(acknowledged(begun.state, ['0.4']));
    const late = acknowledged(begun.state);
    other.record(late);
    other.record({ ...permit(late.after, 'cancel', 1) });
    await other.flushed(FLUSH_MS);
    expect(given).toEqual([[begun.state.terms.id, 2]]);
    expect(await count('order_events', 'order_id', begun.state.terms.id)).toBe(2);
  });

  it('numbers events and fills of an account without gaps, each once, whatever is written twice and by whom', async () => {
    const account = 'streamed' as OrderTerms['account'];
    const journals = [journal, anotherJournal()];
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const writer = journals[index % 2]!;
        const begun = beginning(testTerms({ account }));
        await writer.begin(begun);
        writer.announce(account, begun.state.terms.id);
        const change = acknowledged(begun.state, ['0.4', '0.1']);
        await writer.recordDurably(change);
        if (index % 5 === 0) writer.announce(account, begun.state.terms.id);
      }),
    );
    await Promise.all(journals.map((each) => each.flushed(FLUSH_MS)));
    const { rows } = await database.query<{ seq: string }>('test.outbox', 'SELECT seq FROM order_outbox WHERE account = $1 ORDER BY seq', [
      account,
    ]);
    expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: 80 }, (_, index) => String(index + 1)));
    const fills = await database.query<{ seq: string }>('test.fill-seq', 'SELECT seq FROM fills WHERE account = $1 ORDER BY seq', [
      account,
    ]);
    expect(fills.rows.map((row) => row.seq)).toEqual(Array.from({ length: 80 }, (_, index) => String(index + 1)));
    const heads = await database.query('test.heads', 'SELECT order_seq, fill_seq FROM stream_heads WHERE account = $1', [account]);
    expect(heads.rows).toEqual([{ order_seq: '80', fill_seq: '80' }]);
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
