import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#libs/database';
import { testDatabase } from '#testing/database';
import type { TestDatabase } from '#testing/database';
import { INVARIANT_QUERIES } from './invariant-queries.js';

const ID = '018bcfe5-6800-7000-8000-000000000001';
const ORDER = `INSERT INTO orders (id, account, venue, symbol, side, type, post_only, reduce_only, fingerprint, venue_client_id, api_key_id, created_at)
  VALUES ('${ID}', 'a', 'v', 'BTC/USDT', 'buy', 'limit', false, false, 'f', 'c', 'k', now())`;
const event = (version: number, type: string, data: object): string =>
  `INSERT INTO order_events (order_id, version, type, at, data, event_id) VALUES ('${ID}', ${version}, '${type}', now(), '${JSON.stringify(data)}', gen_random_uuid())`;
const EVIDENCE = { horizonMs: 100, negatives: [{ family: 'by-id', atMs: 101 }] };

/** For each invariant, rows that break it. */
const BROKEN: Readonly<Record<string, readonly string[]>> = {
  'INV-03': [
    ORDER,
    `INSERT INTO open_attempts (order_id, kind, number, fence, pinned_at, not_after, request_hash) VALUES ('${ID}', 'place', 1, 1, now(), now(), 'h')`,
  ],
  'INV-04': [
    ORDER,
    `INSERT INTO account_gates VALUES ('a', 'v', 1, false)`,
    `INSERT INTO open_attempts (order_id, kind, number, fence, pinned_at, not_after, request_hash) VALUES ('${ID}', 'place', 1, 2, now(), now(), 'h')`,
  ],
  'INV-06': [ORDER, event(2, 'reported', {})],
  'INV-07': [
    ORDER,
    `INSERT INTO order_states (order_id, status, version, filled_quantity, filled_quote, fees, updated_at) VALUES ('${ID}', 'filled', 1, 1, 1, '{}', now())`,
  ],
  'INV-10': [ORDER, event(1, 'not-created', { evidence: EVIDENCE })],
  'INV-15': [ORDER, event(1, 'submitted', {})],
  'INV-19': [`INSERT INTO order_outbox VALUES ('a', 2, '${ID}', 1)`],
};

describe('the invariants as queries', () => {
  let server: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    server = await testDatabase();
    database = server.database();
  });
  afterAll(() => server.close());

  it.each(INVARIANT_QUERIES.map(({ invariant, about, text }) => [invariant, about, text] as const))(
    '%s: %s - finds nothing in an empty database, and the row that breaks it',
    async (invariant, _about, text) => {
      expect((await database.query(`test.${invariant}`, text)).rows).toEqual([]);
      const rolledBack = new Error('rolled back');
      const found: unknown[] = [];
      const breaking = database.transaction(async (tx) => {
        for (const [index, statement] of BROKEN[invariant]!.entries()) await tx.query(`test.break-${invariant}-${index}`, statement);
        found.push(...(await tx.query(`test.broken-${invariant}`, text)).rows);
        throw rolledBack;
      });
      await expect(breaking).rejects.toBe(rolledBack);
      expect(found).not.toHaveLength(0);
    },
  );
});
