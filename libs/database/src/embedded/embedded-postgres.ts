import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { installedBinaries } from './binaries.js';
import { clusterFolder, ensureCluster, ownerPassword, OWNER_ROLE } from './cluster.js';
import { EmbeddedPostgresError } from './embedded.errors.js';
import { serverIdentity } from './identity.js';
import { isAlive } from '#libs/processes';
import {
  postmasterState,
  runningPostmaster,
  startPostmaster,
  stopPostmaster,
  type Postmaster,
  type PostmasterState,
} from './postmaster.js';
import { DURABLE_SETTINGS, THROWAWAY_SETTINGS } from './server-settings.js';
import { executableBinaries } from './staging.js';

const READY_WAIT_MS = 60_000;
const READY_POLL_MS = 20;
const CONNECT_TIMEOUT_MS = 5000;
/** Refusals of a server that is still recovering, or of a port that does not listen yet. */
const NOT_YET = new Set(['57P03', 'ECONNREFUSED', 'ECONNRESET']);

/** Whether that server process may yet let us in. */
type MayWait = (pid: number) => boolean;

export interface EmbeddedPostgresOptions {
  /** Holds the data, the log and the password of this server, such as `.breakwater/postgres`; made where missing. */
  readonly folder: string;
  /** Database to make where missing; default `breakwater`. */
  readonly database?: string;
  /** Preferred port on 127.0.0.1; another is taken when it is busy. Default 0: any free one. */
  readonly port?: number;
  /** Refuse to take another port than `port`: a server that died is started again for those who know its address. Default `false`. */
  readonly samePort?: boolean;
  /** Gives the start up; what was launched until then is stopped by `stopEmbeddedPostgres`. */
  readonly signal?: AbortSignal;
  /** `false` for data that is thrown away (tests): no fsync. Default `true`. */
  readonly durable?: boolean;
}

export interface EmbeddedPostgres {
  /** `postgres://` address of the database, as its owner; holds the password. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** The cluster was made by this call. */
  readonly fresh: boolean;
  /** The server was already running: a killed process had left it behind. */
  readonly adopted: boolean;
  /** How the server process fares now; costs two small files to read. */
  state(): PostmasterState;
  /** Ends all sessions, stops the server and resolves when it is gone. Harmless when called twice. */
  stop(): Promise<void>;
}

/**
 * Starts (or finds running) a real Postgres whose data lies in `folder`. Callers make sure that only one process at a time
 * works on a folder.
 * @throws {EmbeddedPostgresError} in one line, when it cannot run here.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const where = clusterFolder(realpathSync(options.folder));
  // Those who wait for a server to come back wait for its data.
  if (options.samePort === true && !existsSync(path.join(where.data, 'PG_VERSION')))
    throw new EmbeddedPostgresError(`the data of the embedded Postgres is gone from ${where.data}`);
  const durable = options.durable ?? true;
  const identity = serverIdentity(where.data);
  const binaries = executableBinaries(installedBinaries(), identity);
  const fresh = await ensureCluster(where, binaries, identity, durable);
  const password = ownerPassword(where);
  const database = options.database ?? 'breakwater';

  const start = () =>
    startPostmaster({
      binaries,
      identity,
      dataFolder: where.data,
      logFile: where.logFile,
      settings: durable ? DURABLE_SETTINGS : THROWAWAY_SETTINGS,
      port: options.port ?? 0,
      ...(options.samePort === true ? { samePort: true } : {}),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  if (options.samePort === true) await stopElsewhere(where.data, options.port ?? 0);
  const mayWait = (pid: number) => isAlive(pid) && options.signal?.aborted !== true;
  const adopted = await adopt(where.data, password, database, mayWait);
  const postmaster = adopted ?? (await start());
  if (adopted === null) await ensureDatabase(postmaster, password, database, mayWait);
  let stopping: Promise<void> | null = null;
  return {
    url: address(postmaster.port, password, database),
    port: postmaster.port,
    pid: postmaster.pid,
    fresh,
    adopted: adopted !== null,
    state: () => postmasterState(postmaster, where.data),
    stop: () => (stopping ??= stopPostmaster(postmaster)),
  };
}

/** Stops the server of that folder, should one be running. For cleaning up after a process that was killed. */
export async function stopEmbeddedPostgres(folder: string): Promise<void> {
  const running = runningPostmaster(path.join(realpathSync(folder), 'data'));
  if (running !== null) await stopPostmaster(running);
}

/** Someone started the server by hand, on another port than the one its clients know. */
async function stopElsewhere(dataFolder: string, port: number): Promise<void> {
  const running = runningPostmaster(dataFolder);
  if (running !== null && running.port !== port) await stopPostmaster(running);
}

/** A server that is left over may just be on its way out: then it is waited for, and not adopted. */
async function adopt(dataFolder: string, password: string, database: string, mayWait: MayWait): Promise<Postmaster | null> {
  const running = runningPostmaster(dataFolder);
  if (running === null) return null;
  try {
    await ensureDatabase(running, password, database, mayWait);
    return running;
  } catch (error) {
    if (isAlive(running.pid)) throw error;
    return null;
  }
}

function address(port: number, password: string, database: string): string {
  return `postgres://${OWNER_ROLE}:${password}@127.0.0.1:${port}/${database}`;
}

/** A login with our own password also proves that the server is ours, and not another one on the same port. */
async function ensureDatabase(postmaster: Postmaster, password: string, database: string, mayWait: MayWait): Promise<void> {
  const client = await connected(address(postmaster.port, password, 'postgres'), () => mayWait(postmaster.pid));
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}

async function connected(url: string, mayWait: () => boolean): Promise<pg.Client> {
  const deadline = performance.now() + READY_WAIT_MS;
  for (;;) {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'breakwater-launcher',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      await client.end().catch(() => undefined);
      if (performance.now() > deadline || !NOT_YET.has(code ?? '') || !mayWait()) {
        throw new EmbeddedPostgresError(`the embedded Postgres does not let us in: ${message}`);
      }
      await delay(READY_POLL_MS);
    }
  }
}
