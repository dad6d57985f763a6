import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { EmbeddedPostgresError } from './embedded.errors.js';

/** The system user that Postgres runs as: it refuses to run as root. */
export interface Identity {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Tried in this order; initdb insists on a user that has an entry in the password file. */
const UNPRIVILEGED = ['breakwater', 'postgres', 'nobody'] as const;

/**
 * `null` for an ordinary user, who runs Postgres as himself. For root: the owner of the data that is already there, else
 * the first unprivileged user of the machine.
 * @throws {EmbeddedPostgresError} when the machine has no such user.
 */
export function serverIdentity(dataFolder: string): Identity | null {
  if (process.getuid?.() !== 0) return null;
  const owner = statSync(dataFolder, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { name: `uid ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  for (const name of UNPRIVILEGED) {
    const uid = idOf('-u', name);
    const gid = idOf('-g', name);
    if (uid !== null && gid !== null && uid !== 0) return { name, uid, gid };
  }
  throw new EmbeddedPostgresError(
    'running as root, and this machine has none of the users breakwater, postgres, nobody to run Postgres as; set DATABASE_URL',
  );
}

/** Whether that user can read and execute the file, which takes every folder above it too. */
export function canExecute(identity: Identity, file: string): boolean {
  return (
    spawnSync('/bin/sh', ['-c', 'test -r "$0" && test -x "$0"', file], { uid: identity.uid, gid: identity.gid, stdio: 'ignore' }).status ===
    0
  );
}

function idOf(option: '-u' | '-g', name: string): number | null {
  try {
    return Number.parseInt(execFileSync('id', [option, name], { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' }), 10);
  } catch {
    return null;
  }
}
