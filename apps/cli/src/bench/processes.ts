import { fork, spawn, type ChildProcess } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** How long a process may take to get ready, and to end once it was asked to. */
const READY_WITHIN_MS = 60_000;
const END_WITHIN_MS = 15_000;
const POLL_MS = 25;
const LOG_TAIL_CHARACTERS = 1500;

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  });
}

export interface Started {
  readonly process: ChildProcess;
  readonly logFile: string;
  /** Asks it to end, and makes it end when it does not. Resolves when it has. */
  stop(): Promise<void>;
}

/** Starts a Node process whose output goes into a file. */
export function startProcess(
  script: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  cwd: string,
  logFile: string,
): Started {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [script, ...args], { cwd, env: { ...process.env, ...environment }, stdio: ['ignore', log, log] });
  return { process: child, logFile, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
  await ended;
  clearTimeout(force);
}

/** Waits until `url` answers 200. @throws with the end of the log when the process ends first or takes too long. */
export async function untilReady(started: Started, url: string): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (started.process.exitCode !== null) throw new Error(`it ended with ${started.process.exitCode}: ${logTail(started.logFile)}`);
    if (await answers(url)) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${url} was not ready within ${READY_WITHIN_MS / 1000} s: ${logTail(started.logFile)}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

function logTail(file: string): string {
  return readFileSync(file, 'utf8').slice(-LOG_TAIL_CHARACTERS);
}

/** Gives one task to a worker process and waits for its one answer. @throws when the worker ends without one. */
export function askWorker<Answer>(script: string, task: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const worker = fork(script, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    worker.once('message', (answer) => resolve(answer as Answer));
    worker.once('error', reject);
    worker.once('exit', (code, signal) => reject(new Error(`${script} ended without an answer (${code ?? signal})`)));
    worker.send(task);
  });
}
