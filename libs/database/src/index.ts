export {
  GroupCommit,
  GroupCommitClosedError,
  GroupCommitFullError,
  type GroupCommitOptions,
  type GroupCommitStats,
} from './commit/group-commit.js';
export { addressWithoutSecrets, type ConnectionOptions } from './connection/connection-options.js';
export { createDataSource, dataSourceOptions, type DataSourceInput } from './connection/data-source.js';
export { BatchDatabase, Database, type Answer, type Statements } from './connection/database.js';
export {
  DatabaseUnavailableError,
  isConnectionFault,
  isDatabaseGone,
  isTransient,
  sqlState,
  UnknownCommitError,
  violatedConstraint,
} from './connection/database.errors.js';
export { createPool, PooledDatabase } from './connection/pooled-database.js';
export { reachDatabase } from './connection/reach.js';
export { DatabaseModule, type DatabaseModuleAsyncOptions, type DatabaseModuleOptions } from './database.module.js';
export * from './embedded/index.js';
export { APP_ROLE, ensureAppRole } from './migrate/app-role.js';
export { loadMigrations, MIGRATIONS_FOLDER } from './migrate/migration-files.js';
export { withMigrations } from './migrate/migration-source.js';
export {
  migrateDown,
  migrateUp,
  MigrationLockError,
  migrationStatus,
  pendingMigrations,
  schemaDrift,
  type MigrationState,
} from './migrate/migrator.js';
