import { setTimeout as delay } from 'node:timers/promises';
import { MigrationExecutor, type DataSource, type QueryRunner } from 'typeorm';
import { MIGRATIONS_TABLE } from '../connection/data-source.js';
import { APP_ROLE } from './app-role.js';

/** Any number that nothing else in this database locks: "bwmigr" in hexadecimal. */
const LOCK_KEY = 0x62776d696772;
const LOCK_WAIT_MS = 60_000;
const LOCK_POLL_MS = 50;

export interface MigrationState {
  readonly name: string;
  readonly applied: boolean;
}

/** Another process holds the migration lock for longer than we wait. */
export class MigrationLockError extends Error {
  override readonly name = 'MigrationLockError';
}

/**
 * Applies what is pending, each migration in its own transaction, while no other process migrates this database.
 * @returns the names of those applied, in order.
 */
export async function migrateUp(dataSource: DataSource): Promise<string[]> {
  return alone(dataSource, async (executor, runner) => {
    const applied = await executor.executePendingMigrations();
    await letAppReadTable(runner);
    return applied.map((migration) => migration.name);
  });
}

/** Reverts the migration that was applied last. @returns its name; `null` when none is applied. */
export async function migrateDown(dataSource: DataSource): Promise<string | null> {
  return alone(dataSource, async (executor) => {
    const last = (await executor.getExecutedMigrations()).sort((a, b) => b.timestamp - a.timestamp)[0];
    if (last === undefined) return null;
    await executor.undoLastMigration();
    return last.name;
  });
}

/** All migrations that the data source knows, oldest first. Changes nothing; makes no table. */
export async function migrationStatus(dataSource: DataSource): Promise<MigrationState[]> {
  const applied = new Set(await appliedNames(dataSource));
  const names = dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name);
  return names.sort((a, b) => timeIn(a).localeCompare(timeIn(b))).map((name) => ({ name, applied: applied.has(name) }));
}

/** Names of migrations that have not run yet. For the readiness probe: reads only. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  return (await migrationStatus(dataSource)).filter(({ applied }) => !applied).map(({ name }) => name);
}

/** The statements that would make the schema equal to the data source's entities; empty when they agree. */
export async function schemaDrift(dataSource: DataSource): Promise<string[]> {
  const log = await dataSource.driver.createSchemaBuilder().log();
  return log.upQueries.map(({ query }) => query);
}

/** TypeORM puts the time of writing, 13 digits, at the end of a migration's name, and orders by it. */
function timeIn(name: string): string {
  return name.slice(-13);
}

async function appliedNames(dataSource: DataSource): Promise<string[]> {
  const [table] = (await dataSource.query(`SELECT to_regclass($1) IS NOT NULL AS "exists"`, [MIGRATIONS_TABLE])) as { exists: boolean }[];
  if (table?.exists !== true) return [];
  const rows = (await dataSource.query(`SELECT name FROM ${MIGRATIONS_TABLE}`)) as { name: string }[];
  return rows.map(({ name }) => name);
}

/** The lock and the migrations share one connection: should it break, both end together. */
async function alone<T>(dataSource: DataSource, work: (executor: MigrationExecutor, runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    await lock(runner);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'each';
    try {
      return await work(executor, runner);
    } finally {
      await runner.query('SELECT pg_advisory_unlock($1)', [LOCK_KEY]).catch(() => undefined);
    }
  } finally {
    await runner.release();
  }
}

async function lock(runner: QueryRunner): Promise<void> {
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    const [row] = (await runner.query('SELECT pg_try_advisory_lock($1) AS locked', [LOCK_KEY])) as { locked: boolean }[];
    if (row?.locked === true) return;
    if (performance.now() > deadline) throw new MigrationLockError(`another process has been migrating for ${LOCK_WAIT_MS / 1000} s`);
    await delay(LOCK_POLL_MS);
  }
}

/** The gateway's role compares what has run with what it knows, and changes nothing here. */
async function letAppReadTable(runner: QueryRunner): Promise<void> {
  const [role] = (await runner.query('SELECT 1 AS found FROM pg_roles WHERE rolname = $1', [APP_ROLE])) as unknown[];
  if (role !== undefined) await runner.query(`GRANT SELECT ON ${MIGRATIONS_TABLE} TO ${APP_ROLE}`);
}
