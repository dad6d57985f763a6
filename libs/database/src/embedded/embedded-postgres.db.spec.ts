import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startEmbeddedPostgres, stopEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { isAlive } from '#libs/processes';

const asRoot = process.getuid?.() === 0;
let home: string;
let folder: string;
const running: EmbeddedPostgres[] = [];

/** Making a cluster takes a second, copying one a tenth: only the tests that are about making start from nothing. */
let made: string;
beforeAll(async () => {
  made = mkdtempSync(path.join(realpathSync(tmpdir()), 'breakwater-made-'));
  await (await startEmbeddedPostgres({ folder: path.join(made, 'postgres'), durable: false })).stop();
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

beforeEach(() => {
  home = mkdtempSync(path.join(realpathSync(tmpdir()), 'breakwater-embedded-'));
  // As closed as root's own home: the server's user cannot walk through it.
  chmodSync(home, 0o700);
  folder = path.join(home, 'postgres');
  spawnSync('cp', ['-a', path.join(made, 'postgres'), folder]);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  rmSync(home, { recursive: true, force: true });
});

async function start(
  options: { port?: number; durable?: boolean; samePort?: boolean; signal?: AbortSignal } = {},
): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ folder, durable: false, ...options });
  running.push(server);
  return server;
}

async function ask<T = unknown>(server: EmbeddedPostgres, sql: string): Promise<T> {
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, T>>(sql);
    return Object.values(rows[0] ?? {})[0] as T;
  } finally {
    await client.end();
  }
}

describe('the embedded Postgres', () => {
  test('keeps its data from one start to the next, on the port it had', async () => {
    rmSync(folder, { recursive: true });
    const first = await start();
    expect(first).toMatchObject({ fresh: true, adopted: false });
    await ask(first, 'CREATE TABLE kept AS SELECT 7 AS n');
    await first.stop();
    const second = await start({ port: first.port });
    expect(second).toMatchObject({ fresh: false, adopted: false, port: first.port });
    expect(await ask(second, 'SELECT n FROM kept')).toBe(7);
  });

  test('is gone when it was stopped, also when asked twice', async () => {
    const server = await start();
    await Promise.all([server.stop(), server.stop()]);
    expect(isAlive(server.pid)).toBe(false);
  });

  test('keeps what it acknowledged: fsync, synchronous commit, full pages, checksums', async () => {
    const server = await start({ durable: true });
    for (const name of ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums'])
      expect(await ask(server, `SHOW ${name}`)).toBe('on');
  });

  test('lets in nobody without the password, which only its user can read', async () => {
    const server = await start();
    const wrong = new pg.Client({ connectionString: server.url.replace(/:[^:@]+@/, ':wrong@') });
    wrong.on('error', () => undefined);
    await expect(wrong.connect()).rejects.toThrow('password authentication failed');
    await wrong.end();
    expect(statSync(path.join(folder, 'owner.password')).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test('takes another port when the one it had is busy', async () => {
    const busy: Server = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const { port } = busy.address() as { port: number };
    try {
      expect((await start({ port })).port).not.toBe(port);
    } finally {
      busy.close();
    }
  });

  test('leaves no password and no half cluster behind when it is made', async () => {
    rmSync(folder, { recursive: true });
    expect((await start()).fresh).toBe(true);
    expect(readdirSync(folder).toSorted()).toEqual(['data', 'owner.password', 'server.log']);
  });
});

describe('after a kill', () => {
  /** Another process starts the server, and is killed with the server running. */
  async function startElsewhereAndKill(): Promise<number> {
    const { pid } = await start();
    // What outlives a killed process is the server and its files: forgetting the handle leaves exactly that.
    running.splice(0);
    return pid;
  }

  test('of the process that had started it, the server is adopted', async () => {
    const pid = await startElsewhereAndKill();
    const adopted = await start();
    expect(adopted).toMatchObject({ adopted: true, pid });
    expect(await ask(adopted, 'SELECT 1')).toBe(1);
  });

  test('of that process, the server can also be found and stopped', async () => {
    const pid = await startElsewhereAndKill();
    await stopEmbeddedPostgres(folder);
    expect(isAlive(pid)).toBe(false);
  });

  test('of the server itself, what was committed is there again', async () => {
    const server = await start({ durable: true });
    await ask(server, 'CREATE TABLE kept AS SELECT 7 AS n');
    running.splice(0);
    process.kill(server.pid, 'SIGKILL');
    const again = await start({ durable: true });
    expect(again.adopted).toBe(false);
    expect(await ask(again, 'SELECT n FROM kept')).toBe(7);
  });

  test('and a reboot, a pid file whose number now belongs to someone else does not keep it from starting', async () => {
    const server = await start();
    const pidFile = path.join(folder, 'data', 'postmaster.pid');
    const text = readFileSync(pidFile, 'utf8');
    await server.stop();
    const stranger = strangerLike(folder);
    try {
      writeFileSync(pidFile, text.replace(/^\d+/, String(stranger.pid)));
      const again = await start();
      expect(again.adopted).toBe(false);
      expect(await ask(again, 'SELECT 1')).toBe(1);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  test('half-way through making the cluster, the next start makes it whole', async () => {
    rmSync(path.join(folder, 'data'), { recursive: true });
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    spawnSync('mkdir', ['-p', path.join(folder, `data.new-${dead}`, 'base')]);
    expect((await start()).fresh).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('data.new'))).toEqual([]);
  });
});

describe('a server that others rely on', () => {
  test('tells that it runs, also while it is halted, and that it is gone', async () => {
    const server = await start();
    expect(server.state()).toBe('running');
    process.kill(server.pid, 'SIGSTOP');
    expect(server.state()).toBe('running');
    process.kill(server.pid, 'SIGCONT');
    await server.stop();
    expect(server.state()).toBe('gone');
  });

  test('tells that it was asked to stop while a session keeps it', async () => {
    const server = await start();
    const client = new pg.Client({ connectionString: server.url });
    client.on('error', () => undefined);
    await client.connect();
    process.kill(server.pid, 'SIGTERM');
    await expect.poll(() => server.state()).toBe('stopping');
    expect((await client.query('SELECT 1')).rowCount).toBe(1);
    await client.end();
    await expect.poll(() => server.state()).toBe('gone');
  });

  test.each(['SIGKILL', 'SIGINT', 'SIGQUIT'] as const)('comes back on its port after %s, whatever its sessions do', async (signal) => {
    const server = await start();
    const client = new pg.Client({ connectionString: server.url });
    client.on('error', () => undefined);
    await client.connect();
    client.query('SELECT pg_sleep(60)').catch(() => undefined);
    process.kill(server.pid, signal);
    await expect.poll(() => server.state(), { timeout: 5000 }).toBe('gone');
    const again = await start({ port: server.port, samePort: true });
    expect(again).toMatchObject({ port: server.port, url: server.url, adopted: false });
    expect(await ask(again, 'SELECT 1')).toBe(1);
  });

  test('that someone started by hand elsewhere is moved back to its port', async () => {
    const server = await start();
    await server.stop();
    const elsewhere = await start();
    expect(elsewhere.port).not.toBe(server.port);
    const again = await start({ port: server.port, samePort: true });
    expect(again).toMatchObject({ port: server.port, adopted: false });
  });

  test('is not replaced by an empty one when its data is gone', async () => {
    const { port } = await start();
    await Promise.all(running.splice(0).map((server) => server.stop()));
    rmSync(path.join(folder, 'data'), { recursive: true });
    await expect(start({ port, samePort: true })).rejects.toThrow('is gone from');
  });

  test('is not moved to another port when its own is taken, and the start can be given up', async () => {
    const busy: Server = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const { port } = busy.address() as { port: number };
    const starting = start({ port, samePort: true, signal: AbortSignal.timeout(300) });
    await expect(starting).rejects.toThrow('is taken by another program');
    busy.close();
  });
});

/** A long-lived process of the same user as the server, working elsewhere. */
function strangerLike(postgresFolder: string): ChildProcess {
  const { uid, gid } = statSync(path.join(postgresFolder, 'data'));
  return spawn('sleep', ['60'], { cwd: '/', stdio: 'ignore', ...(asRoot ? { uid, gid } : {}) });
}

/** Not where the checkout lies in a folder that is closed to everyone but root. */
function othersCanRun(): boolean {
  return (
    asRoot && spawnSync(process.execPath, ['-e', "require('fs').accessSync('package.json')"], { uid: 65_534, gid: 65_534 }).status === 0
  );
}

describe.runIf(asRoot)('as root', () => {
  test('the server runs as an unprivileged user, with its data in a folder that this user cannot reach', async () => {
    await start();
    expect(statSync(path.join(folder, 'data')).uid).not.toBe(0);
    expect(statSync(home).mode & 0o077).toBe(0);
  });

  test.runIf(othersCanRun())('an ordinary user can start it, too, with nothing but a folder of his own', async () => {
    const user = spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).stdout.trim();
    const open = mkdtempSync(path.join(realpathSync(tmpdir()), 'breakwater-ordinary-'));
    spawnSync('chown', ['nobody', open]);
    try {
      const script = `import(${JSON.stringify(path.resolve('dist/libs/database/src/embedded/index.js'))}).then(async ({ startEmbeddedPostgres }) => {
        const server = await startEmbeddedPostgres({ folder: ${JSON.stringify(path.join(open, 'postgres'))}, durable: false });
        await server.stop();
        console.log('served as', process.getuid());
      })`;
      const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        uid: Number.parseInt(user, 10),
        cwd: open,
        encoding: 'utf8',
      });
      expect(`${run.stdout}${run.stderr}`).toContain(`served as ${user}`);
    } finally {
      rmSync(open, { recursive: true, force: true });
    }
  });
});
