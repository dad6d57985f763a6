import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stopEmbeddedPostgres } from '../../libs/database/src/index.js';
import { testDatabase, type TestDatabase } from '../../libs/database/src/testing.js';

const WAIT_MS = 25_000;
const POLL_MS = 25;

/** `npm start` with stand-ins for gateway and simulator: what is tested is starting and stopping. */
class Run {
  output = '';
  errors = '';
  code: number | null | undefined;
  private readonly child: ChildProcess;

  constructor(env: Record<string, string>, cwd = process.cwd()) {
    this.child = spawn(process.execPath, [path.resolve('test/fakes/supervise.mjs')], {
      cwd,
      env: { PATH: process.env['PATH'], BREAKWATER_CONFIG_DIR: path.resolve('config'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.child.once('close', (code) => (this.code = code));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async ready(): Promise<void> {
    await until(
      () => this.output.includes('Breakwater is ready') || this.code !== undefined,
      () => `${this.output}${this.errors}`,
    );
    if (this.code !== undefined) throw new Error(`it ended: ${this.output}${this.errors}`);
  }

  async ended(): Promise<number | null> {
    await until(
      () => this.code !== undefined,
      () => `still running: ${this.output}${this.errors}`,
    );
    return this.code ?? null;
  }
}

async function until(condition: () => boolean | Promise<boolean>, otherwise: () => string): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(otherwise());
    await delay(POLL_MS);
  }
}

async function takenPort(): Promise<{ port: number; server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as { port: number }).port, server };
}

async function freePort(): Promise<number> {
  const { port, server } = await takenPort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const serves = (port: number) =>
  fetch(`http://127.0.0.1:${port}/`).then(
    (response) => response.json() as Promise<Record<string, string>>,
    () => null,
  );

/** Root can act for another user, unless the checkout lies in a folder that is closed to everyone else. */
function othersCanRun(program: string): boolean {
  if (process.getuid?.() !== 0) return false;
  return spawnSync(program, ['-e', "require('fs').accessSync('package.json')"], { uid: 65_534, gid: 65_534 }).status === 0;
}

let folder: string;
let home: string;
let gatewayPort: number;
let simulatorPort: number;
let db: TestDatabase;
const runs: Run[] = [];

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'breakwater-start-'));
  home = path.join(folder, 'state');
  [gatewayPort, simulatorPort] = [await freePort(), await freePort()];
});
afterEach(async () => {
  for (const run of runs.splice(0)) {
    run.kill('SIGTERM');
    await run.ended();
  }
  if (existsSync(path.join(home, 'postgres', 'data'))) await stopEmbeddedPostgres(path.join(home, 'postgres'));
  rmSync(folder, { recursive: true, force: true });
});

function start(env: Record<string, string> = {}): Run {
  const run = new Run({
    BREAKWATER_HOME: home,
    BREAKWATER_PORT: String(gatewayPort),
    BREAKWATER_SIMULATOR_PORT: String(simulatorPort),
    DATABASE_URL: db.url,
    ...env,
  });
  runs.push(run);
  return run;
}

const startEmbedded = (env: Record<string, string> = {}) => start({ DATABASE_URL: '', ...env });
const nothingServes = () =>
  until(
    async () => (await serves(gatewayPort)) === null && (await serves(simulatorPort)) === null,
    () => 'something still serves',
  );

describe('npm start', () => {
  test('brings up an embedded database, simulator and gateway, says what to do next, and stops all of it on SIGTERM', async () => {
    const run = startEmbedded();
    await run.ready();
    expect(await serves(gatewayPort)).toEqual({ database: 'bw_app', format: 'pretty' });
    for (const part of ['/docs', '/health/ready', '/_sim/accounts', 'admin-key', 'curl -s ', '"account":"binance-sim"'])
      expect(run.output).toContain(part);
    expect(run.output).not.toContain('\u001B[');

    const urlFile = path.join(home, 'database-url');
    expect(statSync(urlFile).mode & 0o777).toBe(0o600);
    const client = new pg.Client({ connectionString: readFileSync(urlFile, 'utf8').trim() });
    await client.connect();
    expect((await client.query('SELECT current_user AS who')).rows).toEqual([{ who: 'breakwater' }]);
    await client.end();

    run.kill('SIGTERM');
    expect(await run.ended()).toBe(0);
    expect(run.output).toContain('gateway drained');
    expect(run.output.indexOf('gateway drained')).toBeLessThan(run.output.indexOf('simulator stopped'));
    expect(existsSync(path.join(home, 'postgres', 'data', 'postmaster.pid'))).toBe(false);
    expect(existsSync(path.join(home, 'lock'))).toBe(false);
    await nothingServes();
  });

  test("on a server of one's own hands the given user on, and tells machines apart from people", async () => {
    const run = start({ NODE_ENV: 'production' });
    await run.ready();
    expect((await serves(gatewayPort))?.['database']).toBe(new URL(db.url).username);
    expect((await serves(gatewayPort))?.['format']).toBeUndefined();
    expect(existsSync(path.join(home, 'postgres'))).toBe(false);
  });

  test('without a simulator starts none and offers no sandbox order', async () => {
    const run = start({ BREAKWATER_SIMULATOR: 'off' });
    await run.ready();
    expect(await serves(simulatorPort)).toBeNull();
    expect(run.output).not.toContain('curl');
  });

  test('asked twice to stop does not wait for a gateway that does not', async () => {
    const run = start({ FAKE_GATEWAY: 'stubborn' });
    await run.ready();
    run.kill('SIGINT');
    await until(
      () => run.output.includes('Stopping'),
      () => run.output,
    );
    // npm and the terminal may both deliver one Ctrl-C: only a later one is another wish.
    const asked = performance.now();
    run.kill('SIGINT');
    await until(
      () => performance.now() - asked > 800,
      () => 'time stands still',
    );
    expect(run.output).not.toContain('Hurrying');
    run.kill('SIGINT');
    expect(await run.ended()).toBe(0);
    await nothingServes();
  });
});

describe('a start that cannot succeed ends with exit code 1 and one line that names the setting', () => {
  async function fault(run: Run): Promise<string> {
    expect(await run.ended()).toBe(1);
    expect(run.errors.trim().split('\n')).toHaveLength(1);
    expect(run.errors).not.toMatch(/\n\s+at /);
    return run.errors.trim();
  }

  test.each(['BREAKWATER_PORT', 'BREAKWATER_SIMULATOR_PORT'])('when the port of %s is taken', async (setting) => {
    const { port, server } = await takenPort();
    expect(await fault(start({ [setting]: String(port) }))).toBe(
      `breakwater: ${setting}: port ${port} on 127.0.0.1 is taken by another program`,
    );
    server.close();
  });

  test('when two ports are the same', async () => {
    expect(await fault(start({ BREAKWATER_SIMULATOR_PORT: String(gatewayPort) }))).toContain(
      'BREAKWATER_PORT and BREAKWATER_SIMULATOR_PORT are both',
    );
  });

  test('when the address is not one of this machine', async () => {
    expect(await fault(start({ BREAKWATER_HOST: '203.0.113.7' }))).toContain('BREAKWATER_HOST: cannot listen on 203.0.113.7');
  });

  test('when nobody serves the database', async () => {
    const line = await fault(start({ DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/trades' }));
    expect(line).toBe('breakwater: DATABASE_URL: cannot use the database 127.0.0.1:1/trades: nothing listens there');
  });

  test('when the database refuses the password', async () => {
    const url = new URL(db.url);
    url.password = 'hunter2';
    const line = await fault(start({ DATABASE_URL: url.href }));
    expect(line).toContain('DATABASE_URL: ');
    expect(line).toContain('user or password is wrong');
    expect(line).not.toContain('hunter2');
  });

  test('when there is no such database', async () => {
    const url = new URL(db.url);
    url.pathname = '/nothing_here';
    expect(await fault(start({ DATABASE_URL: url.href }))).toContain('there is no such database');
  });

  test.each([
    ['a bad value', { BREAKWATER_PORT: 'high' }, 'BREAKWATER_PORT: must be a whole number'],
    ['a misspelt name', { BREAKWATER_PROT: '1' }, 'did you mean BREAKWATER_PORT?'],
    ['a missing folder', { BREAKWATER_CONFIG_DIR: '/does/not/exist' }, 'BREAKWATER_CONFIG_DIR: there is no folder'],
  ])('for %s', async (_, env, expected) => {
    expect(await fault(start(env))).toContain(expected);
  });

  test('when the state folder cannot be made', async () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    expect(await fault(start({ BREAKWATER_HOME: path.join(file, 'state') }))).toContain(
      'BREAKWATER_HOME: cannot write to the state folder',
    );
  });

  test.runIf(othersCanRun(process.execPath))('when the state folder belongs to someone else', async () => {
    mkdirSync(home);
    chmodSync(home, 0o755);
    chmodSync(folder, 0o755);
    const run = spawnSync(process.execPath, [path.resolve('test/fakes/supervise.mjs')], {
      uid: 65_534,
      gid: 65_534,
      encoding: 'utf8',
      env: { BREAKWATER_HOME: home, BREAKWATER_CONFIG_DIR: path.resolve('config'), DATABASE_URL: db.url },
    });
    expect(run.stderr.trim()).toBe(`breakwater: BREAKWATER_HOME: cannot write to the state folder ${home}: permission denied`);
    expect(run.status).toBe(1);
  });

  test('when another one is running there', async () => {
    const first = start();
    await first.ready();
    const line = await fault(start({ BREAKWATER_PORT: '0', BREAKWATER_SIMULATOR_PORT: '0' }));
    expect(line).toBe(`breakwater: Breakwater is already running in this state folder (BREAKWATER_HOME), pid ${first.pid}`);
  });

  test('when the gateway says why it does not start, and nothing is left running', async () => {
    expect(await fault(startEmbedded({ FAKE_GATEWAY: 'refuse' }))).toBe('breakwater: BREAKWATER_FAKE: this is why I do not start');
    expect(existsSync(path.join(home, 'postgres', 'data', 'postmaster.pid'))).toBe(false);
    await nothingServes();
  });

  test('when the gateway dies while it serves, and nothing is left running', async () => {
    const run = startEmbedded();
    await run.ready();
    await fetch(`http://127.0.0.1:${gatewayPort}/die`).catch(() => null);
    expect(await fault(run)).toBe('breakwater: the gateway ended unexpectedly (exit code 7); stopping everything');
    expect(existsSync(path.join(home, 'postgres', 'data', 'postmaster.pid'))).toBe(false);
    await nothingServes();
  });
});

describe('after a kill -9', () => {
  test('of the supervisor its children stop by themselves, and the next start finds the database still running', async () => {
    const run = startEmbedded();
    await run.ready();
    run.kill('SIGKILL');
    await run.ended();
    await nothingServes();
    const again = startEmbedded();
    await again.ready();
    expect(again.output).toContain('was still running');
  });

  test.each([
    ['of a dead process', JSON.stringify({ pid: 0x3f_ff_ff, started: '1', children: [] })],
    ['whose number belongs to someone else now', JSON.stringify({ pid: 1, started: '1', children: [] })],
    ['cut short', '{"pid":'],
    ['that is empty', ''],
  ])('a lock %s is taken over', async (_, text) => {
    mkdirSync(home);
    writeFileSync(path.join(home, 'lock'), text);
    const run = start();
    await run.ready();
    expect(JSON.parse(readFileSync(path.join(home, 'lock'), 'utf8'))).toMatchObject({ pid: run.pid });
  });

  test('what the killed one left running is stopped before the ports are looked at', async () => {
    // Works elsewhere, and knows nothing of supervisors: a child that did not notice.
    const left = spawn(
      process.execPath,
      ['-e', `require('net').createServer().listen(${gatewayPort}, '127.0.0.1'); setInterval(() => {}, 1000)`],
      { stdio: 'ignore' },
    );
    await until(
      () => serves(gatewayPort).then((answer) => answer === null && left.pid !== undefined),
      () => 'no leftover',
    );
    const started = readFileSync(`/proc/${left.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? null;
    mkdirSync(home);
    writeFileSync(
      path.join(home, 'lock'),
      JSON.stringify({ pid: 0x3f_ff_ff, started: '1', children: [{ name: 'gateway', pid: left.pid, started }] }),
    );
    const run = start();
    await run.ready();
    expect(left.killed || left.signalCode !== null).toBe(true);
  });
});
