import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '../embedded/embedded-postgres.js';
import { isAlive } from '#libs/processes';
import { ensureAppRole } from '../migrate/app-role.js';
import { withMigrations } from '../migrate/migration-source.js';
import { migrateUp } from '../migrate/migrator.js';

/** One folder per test run, handed from Vitest's main process to its workers by this variable. */
export const TEST_SERVER_FOLDER = 'TEST_DATABASE_FOLDER';
const PREFIX = 'breakwater-test-';
const START_WAIT_MS = 60_000;
const POLL_MS = 20;

/** The server that all spec files of a run share, and the database that each copies. */
export interface TestServer {
  /** As a role that may create databases. */
  readonly url: string;
  readonly template: string;
  readonly appPassword: string;
  /** pid of an embedded server; `null` for one that `TEST_DATABASE_URL` names. */
  readonly pid: number | null;
}

/** Makes the folder of this run. Starts nothing: the first spec that needs a database does. */
export function beginTestRun(): string {
  const folder = mkdtempSync(path.join(tmpdir(), PREFIX));
  writeFileSync(path.join(folder, 'run.pid'), String(process.pid));
  process.env[TEST_SERVER_FOLDER] = folder;
  return folder;
}

/** Stops what the run started and removes its folder, and those of runs that were killed. */
export async function endTestRun(folder: string): Promise<void> {
  await discard(folder);
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const other = path.join(tmpdir(), name);
    const pid = Number.parseInt(textOf(path.join(other, 'run.pid')) ?? '', 10);
    if (Number.isInteger(pid) && !isAlive(pid)) await discard(other).catch(() => undefined);
  }
}

/** The run's server; started by whoever comes first, waited for by the others. */
export async function testServer(): Promise<TestServer> {
  const folder = process.env[TEST_SERVER_FOLDER];
  if (folder === undefined)
    throw new Error(`${TEST_SERVER_FOLDER} is not set: the run needs the global set-up test/setup/embedded-postgres.ts`);
  const card = path.join(folder, 'server.json');
  const deadline = performance.now() + START_WAIT_MS;
  while (performance.now() < deadline) {
    const text = textOf(card);
    if (text !== null) return JSON.parse(text) as TestServer;
    if (takes(path.join(folder, 'starting'))) return publish(card, await start(folder));
    const failure = textOf(path.join(folder, 'failure'));
    if (failure !== null) throw new Error(failure);
    await delay(POLL_MS);
  }
  throw new Error(`no test database within ${START_WAIT_MS / 1000} s`);
}

async function start(folder: string): Promise<TestServer> {
  try {
    const named = process.env['TEST_DATABASE_URL'];
    const embedded = named === undefined ? await startEmbeddedPostgres({ folder: path.join(folder, 'postgres'), durable: false }) : null;
    const url = embedded?.url ?? named ?? '';
    const template = `breakwater_template_${path.basename(folder).slice(PREFIX.length).toLowerCase()}`;
    const server = { url, template, appPassword: 'only-for-tests', pid: embedded?.pid ?? null };
    await onServer(url, (client) => client.query(`CREATE DATABASE ${pg.escapeIdentifier(template)}`));
    await ensureAppRole(databaseUrl(url, template), server.appPassword);
    await withMigrations(databaseUrl(url, template), migrateUp);
    return server;
  } catch (error) {
    writeFileSync(path.join(folder, 'failure'), `the test database does not start: ${(error as Error).message}`);
    throw error;
  }
}

/** The same server, another database. */
export function databaseUrl(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

/** Runs one piece of work on a short connection of its own. */
export async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'breakwater-tests' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function publish(card: string, server: TestServer): TestServer {
  writeFileSync(`${card}.new`, JSON.stringify(server), { mode: 0o600 });
  renameSync(`${card}.new`, card);
  return server;
}

async function discard(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const text = textOf(path.join(folder, 'server.json'));
  const server = text === null ? null : (JSON.parse(text) as TestServer);
  if (server !== null && server.pid === null) {
    await onServer(server.url, (client) =>
      client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(server.template)} WITH (FORCE)`),
    ).catch(() => undefined);
  }
  const embedded = path.join(folder, 'postgres');
  if (existsSync(embedded)) await stopEmbeddedPostgres(embedded);
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function takes(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
