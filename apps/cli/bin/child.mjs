import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';

const WATCH_MS = 500;
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'];

/**
 * Runs a program in our place: same terminal, signals passed on, its exit code is ours.
 * @returns {Promise<number>} the exit code; 128 and the signal's number where a signal ended it.
 */
export function runChild(node, args, cwd) {
  // Compiled code is kept from one start to the next, except where coverage is measured on it.
  const cache = args.some((arg) => arg.includes('vitest'))
    ? {}
    : { NODE_COMPILE_CACHE: path.join(cwd, 'node_modules', '.cache', 'compiled') };
  const env = {
    ...cache,
    ...process.env,
    BREAKWATER_LAUNCHER: String(process.pid),
    PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`,
  };
  const child = spawn(node, args, { cwd, env, stdio: 'inherit' });
  const pass = (signal) => child.kill(signal);
  for (const signal of FORWARDED) if (!ignoresHangup(signal)) process.on(signal, pass);
  const watch = stopWhenOrphaned(() => child.kill('SIGTERM'));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`breakwater: ${node} cannot be run: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code, signal) => {
      clearInterval(watch);
      for (const name of FORWARDED) process.off(name, pass);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/**
 * `kill <pid of npm>` ends npm, and perhaps its shell, but not us. Under npm we therefore watch those above us, and stop
 * when they are gone. Started by hand or by a service manager, nobody above us matters.
 */
function stopWhenOrphaned(stop) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  const grandparent = parentOf(parent);
  const above = isShell(parent) ? grandparent : null;
  const timer = setInterval(() => {
    if (process.ppid === parent && (above === null || parentOf(parent) === above)) return;
    clearInterval(timer);
    stop();
  }, WATCH_MS);
  timer.unref();
  return timer;
}

function parentOf(pid) {
  const fields = statOf(pid);
  return fields === null ? null : Number.parseInt(fields.rest[1], 10);
}

/** Under nohup a hang-up is none of our business, and a listener would make it one. */
function ignoresHangup(signal) {
  if (signal !== 'SIGHUP') return false;
  try {
    const [, mask] = /^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return mask !== undefined && (BigInt(`0x${mask}`) & 1n) === 1n;
  } catch {
    return false;
  }
}

function isShell(pid) {
  return /^(sh|dash|bash|ash|zsh)$/.test(statOf(pid)?.name ?? '');
}

/** Linux only; elsewhere nothing is known, and only our own parent is watched. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = text.lastIndexOf(')');
    return { name: text.slice(text.indexOf('(') + 1, end), rest: text.slice(end + 2).split(' ') };
  } catch {
    return null;
  }
}
