import {
  addressWithoutSecrets,
  DatabaseUnavailableError,
  ensureAppRole,
  reachDatabase,
  startEmbeddedPostgres,
  stopEmbeddedPostgres,
} from '#libs/database';
import type { Settings } from '#libs/settings';
import { CommandFault } from './command-fault.js';
import { KeptPostgres, type PostgresNews } from './kept-postgres.js';
import type { StateFolder } from './state-folder.js';
import { StateLock } from './state-lock.js';

/** How long a database that refuses connections may still be starting, ms. */
const REACH_WAIT_MS = 5000;

/** The database that this run works on. */
export interface StateDatabase {
  /** Runs migrations, owns the tables. Holds the password. */
  readonly ownerUrl: string;
  /** What the gateway may use: a role without ownership; with `DATABASE_URL` the given user. */
  readonly appUrl: string;
  /** For people: `embedded, 127.0.0.1:54321/breakwater`. */
  readonly description: string;
  /**
   * From now on starts the embedded server again, on the same port, whenever it goes away. Resolves when that cannot be done, with the
   * reason; never for a server that is not ours.
   */
  keep(news: PostgresNews): Promise<string>;
  /** Stops what was started here; nothing where it was running before. */
  stop(): Promise<void>;
}

/**
 * The server that `DATABASE_URL` names, or the embedded one of the state folder.
 * @throws {CommandFault} naming DATABASE_URL when it cannot be reached.
 * @throws {EmbeddedPostgresError} when the embedded one does not start.
 */
export async function openDatabase(settings: Settings, state: StateFolder): Promise<StateDatabase> {
  const named = settings.database.url;
  if (named !== undefined) {
    await reach(named);
    return {
      ownerUrl: named,
      appUrl: named,
      description: addressWithoutSecrets(named),
      keep: () => new Promise(() => undefined),
      stop: () => Promise.resolve(),
    };
  }
  const folder = state.postgresFolder;
  const server = await startEmbeddedPostgres({ folder, port: state.lastDatabasePort() });
  try {
    const appUrl = await ensureAppRole(server.url, state.appRolePassword());
    state.writeDatabaseUrl(server.url);
    const how = server.adopted ? 'embedded, was still running' : 'embedded';
    const kept = new KeptPostgres(server, {
      start: (signal) => startEmbeddedPostgres({ folder, port: server.port, samePort: true, signal }),
      stopAny: () => stopEmbeddedPostgres(folder),
    });
    return {
      ownerUrl: server.url,
      appUrl,
      description: `${how}, ${addressWithoutSecrets(server.url)}`,
      keep: (news) => kept.keep(news),
      stop: () => kept.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/**
 * Runs `work` on the database of these settings. The embedded one is started and stopped for it, unless a running
 * Breakwater has it open: then that one is used.
 */
export async function withDatabase<T>(settings: Settings, state: StateFolder, work: (database: StateDatabase) => Promise<T>): Promise<T> {
  const shared = settings.database.url !== undefined || StateLock.holder(state.lockFile) !== null;
  const lock = shared ? null : await StateLock.take(state.lockFile);
  try {
    const database = await openDatabase(settings, state);
    try {
      return await work(database);
    } finally {
      if (lock !== null) await database.stop();
    }
  } finally {
    lock?.release();
  }
}

async function reach(url: string): Promise<void> {
  try {
    await reachDatabase(url, REACH_WAIT_MS);
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) throw new CommandFault(`DATABASE_URL: ${error.message}`);
    throw error;
  }
}
