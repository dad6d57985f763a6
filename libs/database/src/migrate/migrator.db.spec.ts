import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Entity, PrimaryColumn, type DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { createDataSource } from '../connection/data-source.js';
import { testDatabase, type TestDatabase } from '../testing.js';
import { APP_ROLE, ensureAppRole } from './app-role.js';
import { withMigrations } from './migration-source.js';
import { migrateDown, migrateUp, migrationStatus, pendingMigrations, schemaDrift } from './migrator.js';

class CreateShoes1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE shoes (id integer CONSTRAINT shoes_pkey PRIMARY KEY)');
    await runner.query(`GRANT SELECT ON shoes TO ${APP_ROLE}`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE shoes');
  }
}

class FillShoes1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('INSERT INTO shoes VALUES (42)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DELETE FROM shoes');
  }
}

class BreakShoes1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('INSERT INTO shoes VALUES (43)');
    await runner.query('SELECT no_such_function()');
  }
  async down(): Promise<void> {}
}

@Entity({ name: 'shoes' })
class Shoe {
  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'shoes_pkey' })
  id!: number;
}

let db: TestDatabase;
const GOOD = [CreateShoes1700000000000, FillShoes1700000000001];
const source = (migrations: readonly Function[]) => db.dataSource({ migrations, entities: [Shoe] });
const names = (migrations: readonly Function[]) => migrations.map(({ name }) => name);

beforeAll(async () => {
  db = await testDatabase({ empty: true });
  await ensureAppRole(db.url, 'only-for-tests');
});
afterAll(() => db.close());

describe('migrations', () => {
  let all: DataSource;
  beforeAll(async () => {
    all = await source(GOOD);
  });

  test('are all pending on an empty database, and looking changes nothing', async () => {
    expect(await pendingMigrations(all)).toEqual(names(GOOD));
    expect(await all.query(`SELECT to_regclass('schema_migrations') AS found`)).toEqual([{ found: null }]);
  });

  test('go up, down and up again, and say what they did', async () => {
    expect(await migrateUp(all)).toEqual(names(GOOD));
    expect(await migrateUp(all)).toEqual([]);
    expect(await migrateDown(all)).toBe('FillShoes1700000000001');
    expect(await migrationStatus(all)).toEqual([
      { name: 'CreateShoes1700000000000', applied: true },
      { name: 'FillShoes1700000000001', applied: false },
    ]);
    expect(await migrateDown(all)).toBe('CreateShoes1700000000000');
    expect(await migrateDown(all)).toBeNull();
    expect(await migrateUp(all)).toEqual(names(GOOD));
    expect(await pendingMigrations(all)).toEqual([]);
  });

  test('of three replicas that start together run once', async () => {
    await migrateDown(all);
    const replicas = await Promise.all([source(GOOD), source(GOOD), source(GOOD)]);
    const applied = await Promise.all(replicas.map((replica) => migrateUp(replica)));
    expect(applied.flat()).toEqual(['FillShoes1700000000001']);
  });

  test('that fail leave nothing of themselves behind', async () => {
    const broken = await source([...GOOD, BreakShoes1700000000002]);
    await expect(migrateUp(broken)).rejects.toThrow('no_such_function');
    expect(await pendingMigrations(broken)).toEqual(['BreakShoes1700000000002']);
    expect(await all.query('SELECT id FROM shoes')).toEqual([{ id: 42 }]);
  });

  test('leave no drift when the entities agree, and name it when they do not', async () => {
    expect(await schemaDrift(all)).toEqual([]);
    await all.query('ALTER TABLE shoes ADD COLUMN size integer');
    expect(await schemaDrift(all)).toEqual([expect.stringContaining('"size"')]);
  });
});

test('the role of the gateway reads what it was granted, and can neither write there nor change what has run', async () => {
  const url = new URL(db.url);
  url.username = APP_ROLE;
  url.password = 'only-for-tests';
  const app = await createDataSource({ url: url.href }).initialize();
  try {
    expect(await app.query('SELECT id FROM shoes')).toEqual([{ id: 42 }]);
    expect(await app.query('SELECT count(*)::int AS n FROM schema_migrations')).toEqual([{ n: 2 }]);
    await expect(app.query('INSERT INTO shoes (id) VALUES (1)')).rejects.toThrow('permission denied');
    await expect(app.query('DELETE FROM schema_migrations')).rejects.toThrow('permission denied');
    await expect(app.query('CREATE TABLE mine (id int)')).rejects.toThrow('permission denied');
  } finally {
    await app.destroy();
  }
});

test("the project's own migrations go up, all the way down, and up again", async () => {
  const own = await testDatabase({ empty: true });
  try {
    const steps = await withMigrations(own.url, async (dataSource) => {
      const applied = await migrateUp(dataSource);
      const reverted: string[] = [];
      for (let name = await migrateDown(dataSource); name !== null; name = await migrateDown(dataSource)) reverted.push(name);
      return { applied, reverted, again: await migrateUp(dataSource) };
    });
    expect(steps.applied.length).toBeGreaterThan(0);
    expect(steps.reverted.toReversed()).toEqual(steps.applied);
    expect(steps.again).toEqual(steps.applied);
  } finally {
    await own.close();
  }
});
