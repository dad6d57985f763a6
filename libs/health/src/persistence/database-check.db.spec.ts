import { testDatabase, type TestDatabase } from '#testing/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlDatabaseCheck } from './database-check.js';

describe('the check of the database', () => {
  let db: TestDatabase;
  let empty: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase();
    empty = await testDatabase({ empty: true });
  });
  afterAll(async () => {
    await db.close();
    await empty.close();
  });

  it('finds nothing pending in a database that has been migrated, with the rights of the gateway', async () => {
    const check = new SqlDatabaseCheck(db.database({ url: db.appUrl }));
    await check.ping();
    expect(await check.pendingMigrations()).toEqual([]);
  });

  it('names what a database has not seen, also when it has seen nothing', async () => {
    await db.database().query('test.forget', `DELETE FROM schema_migrations WHERE name LIKE 'CreateApiKeys%'`);
    expect(await new SqlDatabaseCheck(db.database()).pendingMigrations()).toEqual(['CreateApiKeys1763800100000']);
    expect(await new SqlDatabaseCheck(empty.database()).pendingMigrations()).toContain('CreateAuditEvents1763800000000');
  });
});
