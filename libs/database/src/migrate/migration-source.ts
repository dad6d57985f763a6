import type { DataSource } from 'typeorm';
import { createDataSource } from '../connection/data-source.js';
import { loadMigrations } from './migration-files.js';

/** A migration may rebuild a large table, but must not queue up behind a long transaction and block everyone behind it. */
const LOCK_TIMEOUT_MS = 10_000;

/**
 * Runs `work` on a data source that knows the migrations of the folder, and closes it afterwards.
 * @param url address of the database as its owner.
 * @param folder default: the project's own.
 */
export async function withMigrations<T>(url: string, work: (dataSource: DataSource) => Promise<T>, folder?: string): Promise<T> {
  const dataSource = createDataSource({
    url,
    migrations: await loadMigrations(folder),
    poolMax: 2,
    statementTimeoutMs: 0,
    idleInTransactionTimeoutMs: 0,
    lockTimeoutMs: LOCK_TIMEOUT_MS,
    connectTimeoutMs: 5000,
    applicationName: 'breakwater-migrate',
  });
  await dataSource.initialize();
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
