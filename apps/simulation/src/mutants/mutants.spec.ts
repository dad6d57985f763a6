import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { MUTANTS } from './catalogue.js';
import { mutant } from './mutant.js';
import { MutantRotten, mutatedFiles, patched } from './plant.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const DIST = pathToFileURL(path.join(ROOT, 'dist/'));
const MAIN = path.join(ROOT, 'dist/apps/simulation/src/main.js');
const TIMEOUT_MS = 600_000;

const at = (...args: readonly string[]) => spawnSync(process.execPath, [...args], { cwd: ROOT, encoding: 'utf8' });

beforeAll(() => {
  const { status, stderr } = at('apps/cli/bin/run.mjs', 'build');
  if (status !== 0) throw new Error(`the build failed: ${stderr}`);
}, TIMEOUT_MS);

describe('a mutant', () => {
  const example = mutant('example', 'an example', 'some/file.js', 'a === b', 'a !== b');

  it('is planted where its text stands once', () => {
    expect(patched('example', example.patches[0]!, 'if (a === b) return;')).toBe('if (a !== b) return;');
  });

  it.each([
    ['is gone', 'if (a == b) return;'],
    ['stands there twice', 'if (a === b || a === b) return;'],
  ])('is an error where its text %s', (_name, code) => {
    expect(() => patched('example', example.patches[0]!, code)).toThrow(MutantRotten);
  });
});

describe('the mutants', () => {
  it('are at least twenty-five, each with a name of its own', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(25);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });

  it.each(MUTANTS.map((one) => [one.name, one] as const))('still fit the code: %s', (_name, one) => {
    for (const [url, code] of mutatedFiles(one, DIST)) expect(code, url).not.toBe('');
  });

  it(
    'are each noticed by an invariant',
    () => {
      const { stdout, stderr } = at(MAIN, '--mutants', '--json');
      expect(stdout, stderr).not.toBe('');
      const hunts = JSON.parse(stdout) as { readonly name: string; readonly killedBy: object | null }[];
      expect(hunts.filter(({ killedBy }) => killedBy === null).map(({ name }) => name)).toEqual([]);
      expect(hunts).toHaveLength(MUTANTS.length);
    },
    TIMEOUT_MS,
  );
});
