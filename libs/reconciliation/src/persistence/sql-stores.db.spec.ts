import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#libs/database';
import { UuidV7Source, decimal } from '#libs/kernel';
import { testDatabase } from '#testing/database';
import type { TestDatabase } from '#testing/database';
import { TEST_NOW_MS, testReport } from '../testing.js';
import { SqlDiscrepancyStore } from './sql-discrepancy-store.js';
import { SqlRunStore } from './sql-run-store.js';
import { SqlVenueRecords } from './sql-venue-records.js';

const ids = new UuidV7Source();
let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await testDatabase();
  database = server.database({ url: server.appUrl });
});
afterAll(() => server.close());

describe('discrepancies', () => {
  const drift = { account: 'a', kind: 'balance-drift', subject: 'USDT', detail: { looks: 1 } };

  it('are one row while they are open, whoever sees them, and a new one after that', async () => {
    const store = new SqlDiscrepancyStore(database, ids);
    const seen = await Promise.all(Array.from({ length: 8 }, (_, at) => store.see({ ...drift, detail: { looks: at } }, TEST_NOW_MS + at)));
    expect(new Set(seen.map(({ id }) => id)).size).toBe(1);
    const [open] = await store.openOf('a');
    expect(open).toMatchObject({ seenCount: 8, state: 'open', repair: null, closedAtMs: null });
    const closing = { state: 'explained' as const, repair: 'a transfer', atMs: TEST_NOW_MS + 60 };
    expect(await store.close('a', 'balance-drift', ['USDT', 'BTC'], closing)).toBe(1);
    expect(await store.close('a', 'balance-drift', ['USDT'], closing)).toBe(0);
    const again = await store.see(drift, TEST_NOW_MS + 100);
    expect(again.id).not.toBe(open!.id);
    expect(again).toMatchObject({ seenCount: 1, firstSeenAtMs: TEST_NOW_MS + 100 });
    expect(await store.countOpen()).toEqual(new Map([['balance-drift', 1]]));
  });

  it('are listed newest first, by account, state and kind, page by page', async () => {
    const store = new SqlDiscrepancyStore(database, ids);
    for (const subject of ['1', '2', '3']) await store.see({ account: 'b', kind: 'missing-fill', subject, detail: {} }, TEST_NOW_MS);
    const filter = { accounts: ['b'], state: null, kind: null, before: null, limit: 2 };
    const first = await store.list(filter);
    expect(first.map(({ subject }) => subject)).toEqual(['3', '2']);
    expect((await store.list({ ...filter, before: first[1]!.id })).map(({ subject }) => subject)).toEqual(['1']);
    expect(await store.list({ ...filter, state: 'repaired' })).toEqual([]);
    expect(await store.list({ ...filter, kind: 'overfill' })).toEqual([]);
    expect(await store.list({ ...filter, accounts: [] })).toEqual([]);
  });
});

describe('runs', () => {
  it('are written once and never changed', async () => {
    const store = new SqlRunStore(database);
    const run = {
      id: ids.uuid(),
      account: 'a',
      cause: 'start' as const,
      startedAtMs: TEST_NOW_MS,
      finishedAtMs: TEST_NOW_MS + 5,
      outcome: 'failed' as const,
      counts: { error: 'venue-unavailable', fillsRead: 3, waiting: ['BTC: unknown-order'] },
    };
    await store.add(run);
    await store.add({ ...run, outcome: 'agreed' });
    expect(await store.last(['a'], 10)).toEqual([run]);
    expect(await store.last(['other'], 10)).toEqual([]);
    await expect(server.database().query('test.change-run', `UPDATE reconciliation_runs SET outcome = 'agreed'`)).rejects.toThrow();
  });
});

describe('what was read at venues', () => {
  it('keeps a cursor that never goes back', async () => {
    const records = new SqlVenueRecords(database);
    const cursor = { symbol: 'BTC/USDT', venueTimeMs: TEST_NOW_MS, venueTradeId: '10', readAtMs: TEST_NOW_MS };
    await records.saveCursors('a', [cursor, { ...cursor, symbol: 'ETH/USDT', venueTradeId: null }]);
    await records.saveCursors('a', [{ ...cursor, venueTimeMs: TEST_NOW_MS - 1, venueTradeId: '9', readAtMs: TEST_NOW_MS + 5 }]);
    const [bitcoin] = (await records.cursors('a')).filter(({ symbol }) => symbol === 'BTC/USDT');
    expect(bitcoin).toEqual({ ...cursor, readAtMs: TEST_NOW_MS + 5 });
    expect(await records.cursors('b')).toEqual([]);
  });

  it('shows orders of others with their last word, and marks those that are gone', async () => {
    const records = new SqlVenueRecords(database);
    const one = testReport({ venueOrderId: '1', venueClientId: 'web-1' });
    const two = testReport({ venueOrderId: '2', venueClientId: 'web-2', filledQuantity: null, price: null });
    await records.seeExternal('a', [one, two, one], TEST_NOW_MS);
    await records.seeExternal('a', [{ ...one, status: 'partially-filled', filledQuantity: decimal('0.4') }], TEST_NOW_MS + 9);
    await records.endExternal('a', ['1'], TEST_NOW_MS + 10);
    expect(await records.knownExternal('a', 'BTC/USDT', ['1', '7'])).toEqual(['1']);
    expect(await records.knownExternal('a', 'ETH/USDT', ['1'])).toEqual([]);
    const rows = await records.externals('a', null, 10);
    expect(rows.map(({ venueOrderId, status }) => [venueOrderId, status])).toEqual([
      ['1', 'partially-filled'],
      ['2', 'not-listed'],
    ]);
    expect(rows[0]).toMatchObject({ firstSeenAtMs: TEST_NOW_MS, lastSeenAtMs: TEST_NOW_MS + 9 });
    expect(rows[0]!.filledQuantity!.toFixed()).toBe('0.4');
    const after = await records.externals('a', { symbol: 'BTC/USDT', venueOrderId: '1' }, 10);
    expect(after.map(({ venueOrderId }) => venueOrderId)).toEqual(['2']);
  });
});
