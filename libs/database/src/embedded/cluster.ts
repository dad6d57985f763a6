import { spawn, type SpawnOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { program, type PostgresBinaries } from './binaries.js';
import { EmbeddedPostgresError } from './embedded.errors.js';
import type { Identity } from './identity.js';
import { dataArgument, serverEnvironment } from './postmaster.js';
import { isAlive } from '#libs/processes';

/** The role that owns the database and runs the migrations. */
export const OWNER_ROLE = 'breakwater';
const DRAFT = 'data.new-';

export interface ClusterFolder {
  /** `<state folder>/postgres`. */
  readonly folder: string;
  readonly data: string;
  readonly passwordFile: string;
  readonly logFile: string;
}

export function clusterFolder(folder: string): ClusterFolder {
  return {
    folder,
    data: path.join(folder, 'data'),
    passwordFile: path.join(folder, 'owner.password'),
    logFile: path.join(folder, 'server.log'),
  };
}

/**
 * Makes the cluster where there is none yet. A kill half-way leaves no half cluster: it is made under another name and
 * moved into place when it is whole.
 * @returns whether one had to be made.
 * @throws {EmbeddedPostgresError} when initdb refuses.
 */
export async function ensureCluster(
  where: ClusterFolder,
  binaries: PostgresBinaries,
  identity: Identity | null,
  durable: boolean,
): Promise<boolean> {
  if (existsSync(path.join(where.data, 'PG_VERSION'))) return false;
  mkdirSync(where.folder, { recursive: true, mode: 0o700 });
  removeDrafts(where.folder);
  const password = randomBytes(24).toString('base64url');
  writeFileSync(where.passwordFile, password, { mode: 0o600 });
  const draft = path.join(where.folder, `${DRAFT}${process.pid}`);
  mkdirSync(draft, { mode: 0o700 });
  if (identity !== null) chownSync(draft, identity.uid, identity.gid);
  await initialise(draft, password, binaries, identity, durable);
  renameSync(draft, where.data);
  return true;
}

/** @throws {EmbeddedPostgresError} when the password is lost while the data is there. */
export function ownerPassword(where: ClusterFolder): string {
  try {
    return readFileSync(where.passwordFile, 'utf8').trim();
  } catch {
    throw new EmbeddedPostgresError(`cannot read ${where.passwordFile}, the password of the database in ${where.data}`);
  }
}

async function initialise(
  draft: string,
  password: string,
  binaries: PostgresBinaries,
  identity: Identity | null,
  durable: boolean,
): Promise<void> {
  const passwordFile = `${draft}.password`;
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (identity !== null) chownSync(passwordFile, identity.uid, identity.gid);
  const handle = openSync(passwordFile, 'r');
  try {
    // The server's user may be unable to walk to the file, but an open handle needs no walk.
    const readable = identity !== null && process.platform === 'linux' ? '/proc/self/fd/3' : passwordFile;
    const options = [
      '-D',
      dataArgument({ dataFolder: draft, identity }),
      '-U',
      OWNER_ROLE,
      '--auth=scram-sha-256',
      `--pwfile=${readable}`,
      '-E',
      'UTF8',
    ];
    const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'];
    await runInitdb(program(binaries, 'initdb'), [...options, ...locale, ...(durable ? [] : ['--no-sync'])], {
      ...(identity === null ? {} : { uid: identity.uid, gid: identity.gid }),
      cwd: draft,
      env: serverEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe', handle],
    });
  } finally {
    closeSync(handle);
    rmSync(passwordFile, { force: true });
  }
}

async function runInitdb(file: string, options: string[], how: SpawnOptions): Promise<void> {
  const child = spawn(file, options, how);
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      complaint += error.message;
      resolve(null);
    });
    child.once('close', resolve);
  });
  if (code === 0) return;
  const lines = complaint.trim().split('\n');
  throw new EmbeddedPostgresError(`initdb failed: ${lines.find((line) => /error|fatal/i.test(line)) ?? lines.at(-1) ?? ''}`);
}

/** Leftovers of runs that were killed while they made the cluster. */
function removeDrafts(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(DRAFT) || isAlive(Number.parseInt(name.slice(DRAFT.length), 10))) continue;
    rmSync(path.join(folder, name), { recursive: true, force: true, maxRetries: 3 });
  }
}
