import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../testing.js';
import type { Database } from './database.js';
import { DatabaseUnavailableError, sqlState, UnknownCommitError, violatedConstraint } from './database.errors.js';

let db: TestDatabase;
let database: Database;

beforeAll(async () => {
  db = await testDatabase();
  database = db.database({ poolMax: 3, statementTimeoutMs: 300, lockTimeoutMs: 100 });
  await database.query('t.create', 'CREATE TABLE t (id int CONSTRAINT t_pkey PRIMARY KEY, amount numeric)');
});
afterAll(() => db.close());

const backend = async () => (await database.query<{ pid: number }>('t.pid', 'SELECT pg_backend_pid() AS pid')).rows[0]?.pid;

describe('hot SQL', () => {
  test('gives numerics back as the text that was stored', async () => {
    await database.query('t.insert', 'INSERT INTO t VALUES ($1, $2)', [1, '0.000000010000000000000000001']);
    const { rows, rowCount } = await database.query('t.read', 'SELECT amount FROM t WHERE id = $1', [1]);
    expect({ rows, rowCount }).toEqual({ rows: [{ amount: '0.000000010000000000000000001' }], rowCount: 1 });
  });

  test('names the constraint that was violated, and keeps the connection', async () => {
    const before = await backend();
    const error = await database.query('t.insert', 'INSERT INTO t VALUES ($1, $2)', [1, '1']).catch((fault: unknown) => fault);
    expect(violatedConstraint(error)).toBe('t_pkey');
    expect(await backend()).toBe(before);
  });

  test('ends a statement that runs longer than its timeout', async () => {
    const error = await database.query('t.sleep', 'SELECT pg_sleep(5)').catch((fault: unknown) => fault);
    expect(sqlState(error)).toBe('57014');
  });

  test('ends a statement that waits too long for a lock', async () => {
    await database.transaction(async (first) => {
      await first.query('t.lock', 'LOCK TABLE t IN ACCESS EXCLUSIVE MODE');
      const error = await database.query('t.read', 'SELECT amount FROM t WHERE id = $1', [1]).catch((fault: unknown) => fault);
      expect(sqlState(error)).toBe('55P03');
    });
  });
});

test('a statement whose connection breaks may have taken effect; the next one has a new connection', async () => {
  const run = database.query('t.die', 'SELECT pg_terminate_backend(pg_backend_pid())');
  await expect(run).rejects.toMatchObject({ name: 'DatabaseUnavailableError', outcome: 'unknown' });
  await database.ping();
});

describe('a transaction', () => {
  test('commits what it wrote', async () => {
    await database.transaction((tx) => tx.query('t.insert', 'INSERT INTO t VALUES ($1, $2)', [2, '2']));
    expect((await database.query('t.read', 'SELECT amount FROM t WHERE id = $1', [2])).rowCount).toBe(1);
  });

  test('leaves nothing behind when its work fails, and fails with the same error', async () => {
    const fault = new Error('mine');
    const run = database.transaction(async (tx) => {
      await tx.query('t.insert', 'INSERT INTO t VALUES ($1, $2)', [3, '3']);
      throw fault;
    });
    await expect(run).rejects.toBe(fault);
    expect((await database.query('t.read', 'SELECT amount FROM t WHERE id = $1', [3])).rowCount).toBe(0);
  });

  test('does not call it committed when a failed statement was swallowed', async () => {
    const run = database.transaction(async (tx) => {
      await tx.query('t.insert', 'INSERT INTO t VALUES ($1, $2)', [2, '2']).catch(() => undefined);
    });
    await expect(run).rejects.toThrow('rolled back');
  });

  test('whose connection breaks before the commit says that the database is not there, and later work goes on', async () => {
    const run = database.transaction(async (tx) => {
      await tx.query('t.die', 'SELECT pg_terminate_backend(pg_backend_pid())');
    });
    await expect(run).rejects.toMatchObject({ name: 'DatabaseUnavailableError', outcome: 'not-done' });
    await database.ping();
  });

  test('whose connection breaks during the commit says that the outcome is unknown', async () => {
    // A deferred trigger runs inside COMMIT, and there ends its own connection.
    await database.query(
      't.function',
      `CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$`,
    );
    await database.query('t.fragile', 'CREATE TABLE fragile (id int)');
    await database.query(
      't.trigger',
      'CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON fragile DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()',
    );
    const run = database.transaction((tx) => tx.query('t.break', 'INSERT INTO fragile VALUES (1)'));
    await expect(run).rejects.toBeInstanceOf(UnknownCommitError);
  });
});

test('a database that nobody serves is unavailable, in one line without the password', async () => {
  const nowhere = db.database({ url: 'postgres://user:hunter2@127.0.0.1:1/none' });
  const error = (await nowhere.ping().catch((fault: unknown) => fault)) as Error;
  expect(error).toBeInstanceOf(DatabaseUnavailableError);
  expect(error).toMatchObject({ outcome: 'not-done' });
  expect(error.message).not.toContain('hunter2');
});
