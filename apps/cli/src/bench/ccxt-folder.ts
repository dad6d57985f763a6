import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BenchOut } from './bench-result.js';

/**
 * The folder that holds ccxt, which is compared with and never shipped. Installs it there when it is missing or another version,
 * exactly as its lock file says.
 * @throws when npm fails; its own words have gone to the terminal.
 */
export async function ensureCcxt(root: string, out: BenchOut): Promise<string> {
  const folder = path.join(root, 'test', 'bench');
  const wanted = (await readJson(path.join(folder, 'package.json')))?.dependencies?.['ccxt'];
  const installed = (await readJson(path.join(folder, 'node_modules', 'ccxt', 'package.json')))?.version;
  if (wanted === installed) return folder;
  out(`installing ccxt ${wanted ?? ''} into test/bench (only for benchmarks)`);
  await npmCi(folder);
  return folder;
}

interface PackageFile {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

async function readJson(file: string): Promise<PackageFile | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as PackageFile;
  } catch {
    return undefined;
  }
}

function npmCi(folder: string): Promise<void> {
  const args = ['ci', '--loglevel=error'];
  const byPath = process.env['npm_execpath'];
  // npm hands its own path to what it starts; where something else started us, the shell has to find it.
  const child =
    byPath === undefined
      ? spawn(`npm ${args.join(' ')}`, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], shell: true })
      : spawn(process.execPath, [byPath, ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`npm ci in ${folder} ended with ${code}`))));
  });
}
