import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from './fault.mjs';

const POLL_MS = 100;

/**
 * Runs `work` while no other process on this machine runs something under the same file.
 * @param {string} file
 * @param {string} doing said once to whoever has to wait
 * @param {() => Promise<void>} work told nothing about who was first: it looks again whether there is still something to do
 */
export async function alone(file, doing, work) {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    accessSync(path.dirname(file), constants.W_OK);
  } catch {
    throw new Fault(`cannot write to ${path.dirname(file)}, which is needed for ${doing}; run as the owner of the checkout`);
  }
  let told = false;
  while (!take(file)) {
    const holder = holderOf(file);
    if (holder === null || !isAlive(holder)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) console.error(`breakwater: waiting for process ${holder}, which is ${doing}`);
    told = true;
    await delay(POLL_MS);
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function holderOf(file) {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
