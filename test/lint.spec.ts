import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Each rule of .oxlintrc.json that the house leans on is seen to fire, and seen to be silent where the forbidden thing is at home. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OXLINT = path.join(ROOT, 'node_modules/oxlint/bin/oxlint');

const lines = (count: number, line: (at: number) => string): string => Array.from({ length: count }, (_, at) => line(at)).join('\n');

/** One file per rule, under `libs/orders/src`. */
const PLANTED: Readonly<Record<string, string>> = {
  'typescript(no-floating-promises)': `async function later(): Promise<void> {}\nexport function f(): void { later(); }`,
  'typescript(switch-exhaustiveness-check)': `export function f(side: 'buy' | 'sell'): number { switch (side) { case 'buy': return 1; } return 2; }`,
  'typescript(only-throw-error)': `export function f(): void { throw 'no error'; }`,
  'typescript(await-thenable)': `export async function f(): Promise<void> { await 1; }`,
  'typescript(no-explicit-any)': `export const f = (value: any): unknown => value;`,
  'eslint(max-lines)': lines(301, (at) => `export const n${at} = ${at};`),
  'eslint(max-lines-per-function)': `export function f(n: number): number {\n${lines(70, () => 'n += 1;')}\nreturn n; }`,
  'eslint(max-depth)': `export function f(n: number): void { if (n > 1) { if (n > 2) { if (n > 3) { if (n > 4) { if (n > 5) { f(n); } } } } } }`,
  'eslint(no-console)': `console.log('hello');`,
};

const BANNED = [
  'Date.now()',
  'Math.random()',
  'process.env',
  `parseFloat('1')`,
  `Number.parseFloat('1')`,
  'price.toNumber()',
  `fetch('x')`,
];

/** Where a banned thing is at home, or where the ban is not meant. */
const AT_HOME: Readonly<Record<string, string>> = {
  'libs/kernel/src/clock.ts': 'export const now = (): number => Date.now();',
  'libs/exchanges/transport/src/random.ts': 'export const random = (): number => Math.random();',
  'apps/gateway/src/main.ts': 'export const environment = process.env;',
  'libs/orders/src/spec.spec.ts': `import { expect, it } from 'vitest'; it('reads the time', () => { expect(Date.now()).toBeGreaterThan(0); });`,
};

let folder: string;
/** Rules that fired, by file. */
let found: ReadonlyMap<string, readonly string[]>;

async function write(name: string, text: string): Promise<void> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${text}\n`);
}

async function lint(): Promise<Map<string, string[]>> {
  const args = [OXLINT, '--type-aware', '--format', 'json'];
  // The type-aware half is a program of its own, looked for in node_modules/.bin of the folder or in the path.
  const env = { ...process.env, PATH: `${path.join(ROOT, 'node_modules/.bin')}${path.delimiter}${process.env['PATH'] ?? ''}` };
  // The exit code says that something was found; what it was stands in the answer.
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env }).catch(
    (failure: unknown) => failure as { stdout: string },
  );
  const report = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  const byFile = new Map<string, string[]>();
  for (const { filename, code } of report.diagnostics) byFile.set(filename, [...(byFile.get(filename) ?? []), code]);
  return byFile;
}

const fileOf = (rule: string): string => `libs/orders/src/${rule.replace(/[^a-z]+/g, '-')}.ts`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'breakwater-lint-'));
  for (const name of ['.oxlintrc.json', 'package.json']) await copyFile(path.join(ROOT, name), path.join(folder, name));
  await write(
    'tsconfig.json',
    JSON.stringify({ compilerOptions: { strict: true, module: 'nodenext', types: [] }, include: ['libs', 'apps'] }),
  );
  for (const [rule, text] of Object.entries(PLANTED)) await write(fileOf(rule), text);
  for (const [at, banned] of BANNED.entries()) {
    await write(
      `libs/orders/src/banned-${at}.ts`,
      `declare const price: { toNumber(): number };\nexport const value: unknown = [price, ${banned}];`,
    );
  }
  await write('libs/orders/src/cycle-a.ts', `import { b } from './cycle-b.js';\nexport const a: unknown = b;`);
  await write('libs/orders/src/cycle-b.ts', `import { a } from './cycle-a.js';\nexport const b: unknown = a;`);
  for (const [name, text] of Object.entries(AT_HOME)) await write(name, text);
  found = await lint();
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('lint finds', () => {
  it.each(Object.keys(PLANTED))('%s', (rule) => {
    expect(found.get(fileOf(rule))).toContain(rule);
  });

  it('two files that import each other', () => {
    expect(found.get('libs/orders/src/cycle-a.ts')).toContain('import(no-cycle)');
  });

  it.each(BANNED.map((banned, at) => ({ banned, at })))('$banned outside its home', ({ at }) => {
    expect(found.get(`libs/orders/src/banned-${at}.ts`)).toEqual([expect.stringMatching(/^eslint\(no-restricted-(properties|globals)\)$/)]);
  });

  it.each(Object.keys(AT_HOME))('nothing in %s, where it is at home', (name) => {
    expect(found.get(name)).toBeUndefined();
  });
});
