import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Fault } from './fault.mjs';
import { alone } from './lock.mjs';

/**
 * `npm ci` when `node_modules` is missing or belongs to another package-lock.json; otherwise nothing, and no network.
 * @throws {Fault} when npm fails.
 */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return;
  // npm ci empties node_modules, so the lock lies elsewhere.
  await alone(path.join(root, 'dist', '.installing'), 'installing dependencies', async () => {
    if (isInstalled(root)) return;
    const began = performance.now();
    console.error('breakwater: installing dependencies (npm ci; about half a minute, only when they changed) …');
    await npmCi(root);
    writeFileSync(stampFile(root), lockHash(root));
    console.error(`breakwater: dependencies installed in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  });
}

/**
 * npm writes `node_modules/.package-lock.json` last. A checkout may touch package-lock.json without changing it: then the
 * remembered hash says that nothing is to do.
 */
function isInstalled(root) {
  const mark = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(mark)) return false;
  if (statSync(mark).mtimeMs >= statSync(path.join(root, 'package-lock.json')).mtimeMs) return true;
  return existsSync(stampFile(root)) && readFileSync(stampFile(root), 'utf8') === lockHash(root);
}

function stampFile(root) {
  return path.join(root, 'node_modules', '.breakwater-installed');
}

function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
}

async function npmCi(root) {
  // Under `npm start` npm says where it is itself; it may be on nobody's PATH. NODE_ENV=production must not leave the compiler out.
  const args = ['ci', '--include=dev', '--include=optional', '--loglevel=error', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const viaNpm = npm !== undefined && /\.[cm]?js$/.test(npm);
  const child = viaNpm
    ? spawn(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
    : spawn('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
  const stop = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, stop);
  if (code !== 0) throw new Fault(`npm ci failed${code === null ? '' : ` (exit ${code})`}; it needs the network once, and npm 9 or newer`);
}
