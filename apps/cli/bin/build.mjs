import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Fault } from './fault.mjs';
import { alone } from './lock.mjs';

/** Folders that are compiled, and single files that change what comes out. */
const SOURCES = ['apps', 'libs', 'migrations'];
const INPUTS = ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json'];
const COMPILER = 'node_modules/typescript-native/bin/tsc';

/**
 * Compiles `dist/` when a source is newer, gone or added, or when the last build was not finished.
 * @param {string} root
 * @param {string} node path of the Node that runs the compiler
 * @param {string} [wanted] a file that has to be there afterwards
 * @throws {Fault} when the sources do not compile; the compiler's own words come before.
 */
export async function ensureBuilt(root, node, wanted) {
  if (isFresh(root, wanted)) return;
  await alone(path.join(root, 'dist', '.building'), 'building', async () => {
    if (isFresh(root, wanted)) return;
    // Without its stamp a build counts as unfinished: a kill from here on is noticed by the next run.
    rmSync(stampFile(root), { force: true });
    rmSync(path.join(root, 'dist', '.tsbuildinfo'), { force: true });
    const manifest = manifestOf(root);
    const began = performance.now();
    removeOrphans(root);
    const compiler = spawnSync(node, [path.join(root, COMPILER), '-p', 'tsconfig.build.json'], { cwd: root, encoding: 'utf8' });
    if (compiler.status !== 0) {
      process.stderr.write(compiler.stdout ?? '');
      process.stderr.write(compiler.stderr ?? '');
      throw new Fault('the sources do not compile, see above');
    }
    writeFileSync(stampFile(root), manifest);
    console.error(`breakwater: built in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  });
}

function isFresh(root, wanted) {
  if (wanted !== undefined && !existsSync(path.join(root, wanted))) return false;
  const stamp = stampFile(root);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === manifestOf(root);
}

function stampFile(root) {
  return path.join(root, 'dist', '.built');
}

/** One hash over name, size and time of every source. */
function manifestOf(root) {
  const hash = createHash('sha256');
  const add = (file) => {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${path.relative(root, file)} ${size} ${mtimeMs}\n`);
  };
  for (const name of INPUTS) add(path.join(root, name));
  for (const folder of SOURCES) for (const file of filesIn(path.join(root, folder))) if (isSource(file)) add(file);
  return hash.digest('hex');
}

function isSource(file) {
  return file.endsWith('.ts') && !/\.(spec|e2e-spec)\.ts$/.test(file);
}

/** What a source that is gone had been compiled to would still be found by those who read folders, such as the migrations. */
function removeOrphans(root) {
  for (const folder of SOURCES) {
    for (const file of filesIn(path.join(root, 'dist', folder))) {
      const source = path.join(root, path.relative(path.join(root, 'dist'), file)).replace(/\.js(\.map)?$/, '.ts');
      if (!existsSync(source) || !isSource(source)) rmSync(file, { force: true });
    }
  }
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
