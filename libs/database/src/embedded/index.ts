export { EmbeddedPostgresError } from './embedded.errors.js';
export { startEmbeddedPostgres, stopEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.js';
export type { PostmasterState } from './postmaster.js';
