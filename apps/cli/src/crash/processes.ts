import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';

/** How long a process may take to end once it was asked to. */
const END_WITHIN_MS = 15_000;

export interface Launched<Message> {
  readonly child: ChildProcess;
  /** What it says when it is ready; `null` where it ended before. */
  readonly ready: Promise<Message | null>;
  /** The signal that ended it, or its exit code. */
  readonly ended: Promise<NodeJS.Signals | number | null>;
}

/**
 * Starts one of our own processes, which tells over IPC when it is ready. It sees only the settings given here, none of those of
 * whoever runs the test.
 */
export function launch<Message>(
  script: string,
  settings: Readonly<Record<string, string>>,
  root: string,
  logFile: string,
): Launched<Message> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('BREAKWATER_') && name !== 'DATABASE_URL');
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [script], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), NODE_ENV: 'production', ...settings },
    stdio: ['ignore', log, log, 'ipc'],
  });
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as NodeJS.Signals | number | null);
  const ready = Promise.race([once(child, 'message').then(([message]) => message as Message), ended.then(() => null)]);
  return { child, ready, ended };
}

export function isRunning({ child }: Launched<unknown>): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** Kills it where it still runs, and resolves when it is gone. */
export async function kill(launched: Launched<unknown>): Promise<void> {
  if (isRunning(launched)) launched.child.kill('SIGKILL');
  await launched.ended;
}

/** Asks it to end, and kills it where it does not. @returns the signal or exit code it ended with. */
export async function stop(launched: Launched<unknown>): Promise<NodeJS.Signals | number | null> {
  if (isRunning(launched)) launched.child.kill('SIGTERM');
  const force = setTimeout(() => launched.child.kill('SIGKILL'), END_WITHIN_MS);
  const how = await launched.ended;
  clearTimeout(force);
  return how;
}
