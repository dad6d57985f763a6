import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { MigrationInterface } from 'typeorm';

type MigrationClass = new () => MigrationInterface;

/** The project's own migrations: `migrations/` beside `libs/`, as sources or, in the build, compiled. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../../migrations', import.meta.url));

/** Every migration class that the files of the folder export, by file name. None where there is no such folder. */
export async function loadMigrations(folder: string = MIGRATIONS_FOLDER): Promise<MigrationClass[]> {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((name) => /^\d.*\.(ts|js)$/.test(name) && !/\.(spec|d)\.ts$/.test(name))
    .sort();
  const loaded: MigrationClass[] = [];
  for (const file of files) {
    const module = (await import(/* @vite-ignore */ pathToFileURL(path.join(folder, file)).href)) as Record<string, unknown>;
    loaded.push(...Object.values(module).filter(isMigration));
  }
  return loaded;
}

function isMigration(value: unknown): value is MigrationClass {
  if (typeof value !== 'function') return false;
  const shape = value.prototype as Partial<MigrationInterface> | undefined;
  return typeof shape?.up === 'function' && typeof shape.down === 'function';
}
