import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { program, type PostgresBinaries } from './binaries.js';
import { EmbeddedPostgresError } from './embedded.errors.js';
import type { Identity } from './identity.js';
import { isAlive, worksIn } from '#libs/processes';
import { serverArguments } from './server-settings.js';

const POLL_MS = 10;
/** Children of a killed server hold its shared memory for a moment; a taken port is taken for good, so another is tried. */
const START_ATTEMPTS = 40;
const RETRY_PAUSE_MS = 250;
const START_WAIT_MS = 60_000;
const STOP_WAIT_MS = 20_000;
const LOG_BYTES_MAX = 10 * 1024 * 1024;

/** A server process and where it listens. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

export interface PostmasterPlan {
  readonly binaries: PostgresBinaries;
  readonly dataFolder: string;
  readonly logFile: string;
  readonly identity: Identity | null;
  readonly settings: Readonly<Record<string, string>>;
  /** 0: any free one. */
  readonly port: number;
  /** Only that port will do: those who use the server know it already. */
  readonly samePort?: boolean;
  /** Ends the attempts. A server that was launched meanwhile is left to the caller. */
  readonly signal?: AbortSignal;
}

/** `stopping`: it was asked to stop, takes no new session, and waits for those it has. */
export type PostmasterState = 'running' | 'stopping' | 'gone';

/** How the server's user reaches the data: by its path, or through the working folder that root opened for it. */
export function dataArgument(plan: Pick<PostmasterPlan, 'dataFolder' | 'identity'>): string {
  return plan.identity !== null && process.platform === 'linux' ? '/proc/self/cwd' : plan.dataFolder;
}

/** A server that is already serving this data folder: one that outlived the process that had started it. */
export function runningPostmaster(dataFolder: string): Postmaster | null {
  const found = readPidFile(dataFolder);
  if (found === null || !isAlive(found.pid)) return null;
  if (worksIn(found.pid, dataFolder) === false) return null;
  return found;
}

/** How that very process fares. One that is halted (SIGSTOP) is running: it may go on at any moment. */
export function postmasterState(postmaster: Postmaster, dataFolder: string): PostmasterState {
  if (!isAlive(postmaster.pid) || worksIn(postmaster.pid, dataFolder) === false) return 'gone';
  const [pid, , , , , , , status] = pidFileLines(dataFolder);
  return Number.parseInt(pid ?? '', 10) === postmaster.pid && status?.trim() === 'stopping' ? 'stopping' : 'running';
}

/**
 * Starts a server and waits until its port answers.
 * @throws {EmbeddedPostgresError} with the end of the server's log when it does not come up.
 */
export async function startPostmaster(plan: PostmasterPlan): Promise<Postmaster> {
  removeStalePidFile(plan.dataFolder);
  rotateLog(plan.logFile);
  for (let attempt = 1; ; attempt += 1) {
    const mayRepeat = attempt < START_ATTEMPTS && plan.signal?.aborted !== true;
    const port = await choosePort(plan, attempt);
    if (port !== null) {
      const logStart = existsSync(plan.logFile) ? statSync(plan.logFile).size : 0;
      const pid = await launch(plan, port);
      if (pid !== null) return { pid, port };
      if (!mayRepeat || !mayPass(plan.logFile, logStart)) throw doesNotStart(lastComplaint(plan.logFile, logStart), plan);
    } else if (!mayRepeat) throw doesNotStart(`port ${plan.port} on 127.0.0.1 is taken by another program`, plan);
    await delay(RETRY_PAUSE_MS);
  }
}

/** Asks the server to end its sessions and stop; insists where it does not. Resolves when it is gone. */
export async function stopPostmaster(postmaster: Postmaster): Promise<void> {
  signal(postmaster.pid, 'SIGINT');
  if (await gone(postmaster.pid, STOP_WAIT_MS)) return;
  signal(postmaster.pid, 'SIGQUIT');
  if (await gone(postmaster.pid, STOP_WAIT_MS)) return;
  throw new EmbeddedPostgresError(`the embedded Postgres (pid ${postmaster.pid}) does not stop`);
}

function doesNotStart(reason: string, plan: PostmasterPlan): EmbeddedPostgresError {
  return new EmbeddedPostgresError(`the embedded Postgres does not start: ${reason} (see ${plan.logFile})`);
}

/** @returns `null` while only a port will do that is taken. */
async function choosePort({ port, samePort }: PostmasterPlan, attempt: number): Promise<number | null> {
  if (samePort === true) return (await isFree(port)) ? port : null;
  return attempt === 1 && port !== 0 && (await isFree(port)) ? port : freePort();
}

async function launch(plan: PostmasterPlan, port: number): Promise<number | null> {
  const log = openSync(plan.logFile, 'a', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(program(plan.binaries, 'postgres'), serverArguments(dataArgument(plan), port, plan.settings), {
      ...(plan.identity === null ? {} : { uid: plan.identity.uid, gid: plan.identity.gid }),
      cwd: plan.dataFolder,
      env: serverEnvironment(),
      // Its own process group: Ctrl-C in the terminal must not reach it before its clients are done.
      detached: true,
      stdio: ['ignore', log, log],
    });
  } finally {
    closeSync(log);
  }
  let ended = false;
  child.once('error', () => (ended = true));
  child.once('exit', () => (ended = true));
  const deadline = performance.now() + START_WAIT_MS;
  while (!ended && plan.signal?.aborted !== true && performance.now() < deadline) {
    if (await answers(port)) break;
    await delay(POLL_MS);
  }
  if (ended || child.pid === undefined) return null;
  child.unref();
  return child.pid;
}

/** Nothing of ours, and no secrets, in the server's environment. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  // oxlint-disable-next-line no-restricted-properties -- no setting: without it no program starts on Windows
  const windows = process.platform === 'win32' ? { SystemRoot: process.env['SystemRoot'] } : {};
  return { ...windows, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
}

/** Whether something accepts connections on that loopback port. */
export async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.setTimeout(1000, () => settle(false));
  });
}

function readPidFile(dataFolder: string): Postmaster | null {
  const [pid, , , port] = pidFileLines(dataFolder);
  const found = { pid: Number.parseInt(pid ?? '', 10), port: Number.parseInt(port ?? '', 10) };
  return Number.isInteger(found.pid) && found.pid > 0 && Number.isInteger(found.port) ? found : null;
}

/** pid, data folder, start time, port, socket folder, address, shared memory, status. */
function pidFileLines(dataFolder: string): string[] {
  try {
    return readFileSync(path.join(dataFolder, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

/**
 * Postgres itself ignores a pid file whose process is dead, but not one whose number now belongs to another process of
 * the same user. A second server on the same data stays impossible: Postgres also checks the shared memory.
 */
function removeStalePidFile(dataFolder: string): void {
  const found = readPidFile(dataFolder);
  if (found === null || !isAlive(found.pid) || worksIn(found.pid, dataFolder) !== false) return;
  rmSync(path.join(dataFolder, 'postmaster.pid'), { force: true });
}

function rotateLog(file: string): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX) renameSync(file, `${file}.1`);
}

const PASSING =
  /pre-existing shared memory block|could not bind|lock file "postmaster.pid" already exists|Address already in use|is another postmaster/i;

function mayPass(logFile: string, from: number): boolean {
  return PASSING.test(logSince(logFile, from));
}

function lastComplaint(logFile: string, from: number): string {
  const lines = logSince(logFile, from)
    .split('\n')
    .filter((line) => /FATAL|PANIC|error/i.test(line));
  return (lines.at(-1) ?? 'it ended without a word').replace(/^.*?(FATAL|PANIC):\s*/, '');
}

function logSince(file: string, from: number): string {
  try {
    return readFileSync(file).subarray(from).toString('utf8');
  } catch {
    return '';
  }
}

async function isFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== null;
}

async function freePort(): Promise<number> {
  const port = await listenOnce(0);
  if (port === null) throw new EmbeddedPostgresError('no free port on 127.0.0.1 for the embedded Postgres');
  return port;
}

async function listenOnce(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function gone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
