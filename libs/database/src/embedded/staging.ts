import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { PostgresBinaries } from './binaries.js';
import { program } from './binaries.js';
import { canExecute, type Identity } from './identity.js';
import { EmbeddedPostgresError } from './embedded.errors.js';

const PARENTS = ['/var/lib/breakwater', '/var/tmp/breakwater'] as const;

/**
 * Binaries that the server's user can execute: the installed ones, or, where they lie behind a folder that is closed to it
 * (a clone in root's home), a copy in a place that all can read and only root can write.
 * @throws {EmbeddedPostgresError} when no such place can be made.
 */
export function executableBinaries(installed: PostgresBinaries, identity: Identity | null): PostgresBinaries {
  if (identity === null || canExecute(identity, program(installed, 'postgres'))) return installed;
  for (const parent of PARENTS) {
    const staged = { ...installed, folder: path.join(parent, `postgres-${installed.version}-${process.arch}`) };
    if (stage(installed.folder, staged.folder) && canExecute(identity, program(staged, 'postgres'))) return staged;
  }
  throw new EmbeddedPostgresError(
    `${identity.name} can reach the Postgres binaries neither in ${installed.folder} nor in a copy under ${PARENTS.join(' or ')}; set DATABASE_URL`,
  );
}

/** The path is predictable, so what lies there is used only when root owns it and nobody else can write to it. */
function stage(source: string, target: string): boolean {
  try {
    const parent = path.dirname(target);
    mkdirSync(parent, { recursive: true });
    if (!ownedByRootAlone(parent, { repair: true })) return false;
    if (!existsSync(path.join(target, 'bin', 'postgres'))) {
      const draft = `${target}.${process.pid}`;
      rmSync(draft, { recursive: true, force: true });
      cpSync(source, draft, { recursive: true, verbatimSymlinks: true });
      openToReaders(draft);
      moveIntoPlace(draft, target);
    }
    return ownedByRootAlone(target, { repair: false });
  } catch {
    return false;
  }
}

/** Another process may have staged the same version meanwhile: then its copy stays. */
function moveIntoPlace(draft: string, target: string): void {
  try {
    renameSync(draft, target);
  } catch {
    rmSync(draft, { recursive: true, force: true });
  }
}

function ownedByRootAlone(folder: string, { repair }: { repair: boolean }): boolean {
  const stats = lstatSync(folder);
  if (!stats.isDirectory() || stats.uid !== 0) return false;
  if (repair) chmodSync(folder, 0o755);
  return (lstatSync(folder).mode & 0o022) === 0;
}

/** A strict umask would leave the copy as closed as the original. */
function openToReaders(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) openToReaders(file);
    else if (entry.isFile()) chmodSync(file, (lstatSync(file).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
