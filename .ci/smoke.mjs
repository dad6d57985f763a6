/**
 * `npm start` as a newcomer sees it: start in a fresh state folder on free ports, paste the first order from README.md, stop, look
 * whether anything is left running, start again and find the order.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const READY_WITHIN_MS = 180_000;
const SECOND_READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 30_000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function check(condition, message) {
  if (!condition) throw new Error(message);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy(resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

/** Starts the launcher itself and not npm, so that its exit code is seen. */
function start(environment) {
  const child = spawn(process.execPath, ['apps/cli/bin/run.mjs', 'start'], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const started = { child, output: '', ended: new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal))) };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (started.output += data));
  return started;
}

async function untilReady(started, url, withinMs) {
  const from = performance.now();
  while (performance.now() - from < withinMs) {
    check(started.child.exitCode === null, `npm start ended with ${started.child.exitCode}`);
    const answer = await fetch(`${url}/health/ready`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) return Math.round(performance.now() - from);
    await pause(100);
  }
  throw new Error(`not ready within ${withinMs / 1000} s`);
}

async function stop(started, ports) {
  const from = performance.now();
  started.child.kill('SIGTERM');
  const code = await Promise.race([started.ended, pause(STOP_WITHIN_MS).then(() => 'nothing, it went on running')]);
  check(code === 0, `after SIGTERM npm start ended with ${code}, not with 0`);
  for (const [name, port] of Object.entries(ports)) check(!(await isOpen(port)), `${name} still listens on ${port} after npm start ended`);
  console.log(`stopped within ${Math.round(performance.now() - from)} ms`);
}

/** The first block of README.md that posts an order, with this run's ports and state folder in place of the usual ones. */
function firstOrderOfReadme(ports, home) {
  const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  const block = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
    .map((match) => match[1])
    .find((text) => /curl[\s\S]*\/v1\/orders[\s\S]*"market"/.test(text));
  check(block !== undefined, 'README.md has no curl that places a market order');
  return block.replaceAll('127.0.0.1:3000', `127.0.0.1:${ports.gateway}`).replaceAll('.breakwater/', `${home}/`);
}

async function main() {
  const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-smoke-'));
  const home = path.join(folder, 'state');
  const ports = { gateway: await freePort(), simulator: await freePort() };
  const environment = { BREAKWATER_HOME: home, BREAKWATER_PORT: String(ports.gateway), BREAKWATER_SIMULATOR_PORT: String(ports.simulator) };
  const url = `http://127.0.0.1:${ports.gateway}`;
  let running = start(environment);
  try {
    console.log(`ready after ${await untilReady(running, url, READY_WITHIN_MS)} ms`);
    const database = new URL(readFileSync(path.join(home, 'database-url'), 'utf8').trim());
    if (database.port !== '') ports.postgres = Number(database.port);

    const pasted = spawnSync('sh', ['-c', firstOrderOfReadme(ports, home)], { cwd: ROOT, encoding: 'utf8' });
    check(pasted.status === 0, `the curl of README.md ended with ${pasted.status}: ${pasted.stderr}`);
    const order = JSON.parse(pasted.stdout);
    check(order.status === 'filled', `the first order is not filled: ${pasted.stdout}`);
    console.log(`order ${order.id} filled at ${order.averagePrice}`);

    await stop(running, ports);
    running = start(environment);
    console.log(`ready again after ${await untilReady(running, url, SECOND_READY_WITHIN_MS)} ms`);
    const key = readFileSync(path.join(home, 'admin-key'), 'utf8').trim();
    const answer = await fetch(`${url}/v1/orders/${order.id}`, { headers: { authorization: `Bearer ${key}` } });
    check(answer.ok && (await answer.json()).status === 'filled', `after a restart the order is not there: ${answer.status}`);
    await stop(running, ports);
    console.log('stopped twice with exit code 0, nothing left listening');
  } catch (failure) {
    console.error(`${failure.message}\n--- what npm start said ---\n${running.output.slice(-4000)}`);
    process.exitCode = 1;
    running.child.kill('SIGTERM');
    await Promise.race([running.ended, pause(STOP_WITHIN_MS)]);
    running.child.kill('SIGKILL');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
// The timers of races that were won are still set.
process.exit();
