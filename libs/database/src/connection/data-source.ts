import { DataSource, type DataSourceOptions, type Logger } from 'typeorm';
import { pgPoolConfig, type ConnectionOptions } from './connection-options.js';
import { ORM_DRIVER } from './orm-driver.js';

/** Entity and migration classes come from those who own them. */
export interface DataSourceInput extends ConnectionOptions {
  /** Entity classes. */
  readonly entities?: readonly Function[];
  /** Migration classes, in any order: TypeORM sorts by the time in their names. */
  readonly migrations?: readonly Function[];
}

/** The table that remembers which migrations have run. */
export const MIGRATIONS_TABLE = 'schema_migrations';

/** TypeORM prints faults that it also throws: whoever catches them decides what is shown. */
const QUIET: Logger = {
  logQuery() {},
  logQueryError() {},
  logQuerySlow() {},
  logSchemaBuild() {},
  logMigration() {},
  log() {},
};

/** TypeORM options with nothing automatic: no synchronisation, no extensions, no logging of statements. */
export function dataSourceOptions(input: DataSourceInput): DataSourceOptions {
  const { connectionString, max, connectionTimeoutMillis, ...extra } = pgPoolConfig(input);
  return {
    type: 'postgres',
    driver: ORM_DRIVER,
    url: connectionString,
    poolSize: max,
    connectTimeoutMS: connectionTimeoutMillis,
    extra,
    entities: [...(input.entities ?? [])],
    migrations: [...(input.migrations ?? [])],
    migrationsTableName: MIGRATIONS_TABLE,
    migrationsTransactionMode: 'each',
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    uuidExtension: 'pgcrypto',
    logging: false,
    logger: QUIET,
    poolErrorHandler: (error: Error) => input.onIdleError?.(error),
  };
}

/** A data source that is not connected yet: call `initialize()`. */
export function createDataSource(input: DataSourceInput): DataSource {
  return new DataSource(dataSourceOptions(input));
}
