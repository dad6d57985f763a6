import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** A checkout in small: the launcher, two sources, and the real compiler. npm is a script that takes notes. */
let root: string;

const at = (name: string) => path.join(root, name);
const write = (name: string, text: string) => {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
};
const run = (...args: string[]) => launched({}, ...args);

function launched(env: Record<string, string>, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [at('apps/cli/bin/run.mjs'), ...args], {
    encoding: 'utf8',
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], npm_execpath: at('npm.cjs'), ...env },
  });
  return { status, stdout, stderr };
}

/** Makes the small checkout look installed: the compiler is linked, as npm would have put it there. */
function installed(): void {
  mkdirSync(at('node_modules'), { recursive: true });
  symlinkSync(path.resolve('node_modules/typescript-native'), at('node_modules/typescript-native'));
  symlinkSync(path.resolve('node_modules/@typescript'), at('node_modules/@typescript'));
  write('node_modules/.package-lock.json', '{}');
}

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'breakwater-launcher-'));
  cpSync('apps/cli/bin', at('apps/cli/bin'), { recursive: true });
  write(
    'apps/cli/bin/commands.mjs',
    `export const COMMANDS = {
    say: { build: 'stale', run: ['dist/apps/say.js', 'fixed'], about: 'says what it was given' },
    build: { build: 'stale', run: [], about: 'compiles' },
    gone: { build: 'never', run: ['dist/apps/gone.js'], about: 'is missing' },
  };`,
  );
  write('package.json', '{"type":"module"}');
  write('package-lock.json', '{}');
  write(
    'tsconfig.json',
    '{"compilerOptions":{"module":"nodenext","target":"es2023","rootDir":".","outDir":"dist","types":[]},"include":["apps/**/*.ts","libs/**/*.ts"]}',
  );
  write('tsconfig.build.json', '{"extends":"./tsconfig.json","exclude":["**/*.spec.ts"]}');
  write(
    'apps/say.ts',
    `import { word } from '../libs/word.js';\ndeclare const process: any;\nprocess.stdout.write(word + ' ' + process.argv.slice(2).join(' '));\nprocess.exitCode = 3;\n`,
  );
  write('libs/word.ts', `export const word: string = 'hello';\n`);
  write(
    'npm.cjs',
    `const fs = require('fs');
    fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
    if (process.env.FAKE_NPM === 'fail') process.exit(9);
    fs.mkdirSync('node_modules', { recursive: true });
    fs.rmSync('node_modules/.package-lock.json', { force: true });
    fs.writeFileSync('node_modules/.package-lock.json', '{}');`,
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('installing', () => {
  test('happens when node_modules is missing, through the npm that runs us, with what the build needs', () => {
    run('gone');
    expect(readFileSync(at('npm-calls'), 'utf8')).toMatch(/^ci .*--include=dev/);
  });

  test('does not happen again, and not for a lock file that was only touched', () => {
    run('gone');
    const later = new Date(8_000_000_000_000);
    utimesSync(at('package-lock.json'), later, later);
    run('gone');
    expect(readFileSync(at('npm-calls'), 'utf8').trim().split('\n')).toHaveLength(1);
  });

  test('happens again for another lock file', () => {
    run('gone');
    write('package-lock.json', '{"changed":true}');
    const later = new Date(8_000_000_000_000);
    utimesSync(at('package-lock.json'), later, later);
    run('gone');
    expect(readFileSync(at('npm-calls'), 'utf8').trim().split('\n')).toHaveLength(2);
  });

  test('that fails ends with one line', () => {
    const { status, stderr } = launched({ FAKE_NPM: 'fail' }, 'gone');
    expect(status).toBe(1);
    expect(stderr).toContain('breakwater: npm ci failed (exit 9)');
  });
});

describe('building', () => {
  beforeEach(installed);

  test('comes before the command, whose arguments, output and exit code are kept', () => {
    const first = run('say', 'a', 'b');
    expect(first).toMatchObject({ status: 3, stdout: 'hello fixed a b' });
    expect(first.stderr).toContain('built in');
    expect(run('say', 'c')).toEqual({ status: 3, stdout: 'hello fixed c', stderr: '' });
  });

  test('happens again for a source that changed', () => {
    run('build');
    write('libs/word.ts', `export const word: string = 'good day';\n`);
    expect(run('say').stdout).toBe('good day fixed');
  });

  test('leaves nothing of a source that is gone', () => {
    write('libs/old.ts', 'export const old = 1;\n');
    run('build');
    expect(existsSync(at('dist/libs/old.js'))).toBe(true);
    rmSync(at('libs/old.ts'));
    run('build');
    expect(existsSync(at('dist/libs/old.js'))).toBe(false);
  });

  test('that was cut short is done again', () => {
    run('build');
    // A kill during the build leaves no stamp, and perhaps half a file that the compiler believes to be whole.
    rmSync(at('dist/.built'));
    write('dist/libs/word.js', 'export const wo');
    expect(run('say').stdout).toBe('hello fixed');
  });

  test('happens again when a program is missing from the build', () => {
    run('build');
    rmSync(at('dist/apps/say.js'));
    expect(run('say').stdout).toBe('hello fixed');
  });

  test("that fails shows the compiler's words, runs nothing, and is tried again", () => {
    write('libs/word.ts', `export const word: string = 5;\n`);
    for (const attempt of [run('say'), run('say')]) {
      expect(attempt.stderr).toContain('libs/word.ts(1,14): error TS2322');
      expect(attempt.stderr).toContain('breakwater: the sources do not compile');
      expect(attempt).toMatchObject({ status: 1, stdout: '' });
    }
  });

  test('waits for nobody who was killed while building', () => {
    mkdirSync(at('dist'));
    writeFileSync(at('dist/.building'), String(spawnSync(process.execPath, ['-e', '']).pid));
    expect(run('say').stdout).toBe('hello fixed');
  });
});

describe('a command', () => {
  beforeEach(installed);

  test('that does not exist, or is not there, is refused in one line', () => {
    expect(run('dance')).toMatchObject({ status: 1, stderr: expect.stringContaining('breakwater: there is no command dance') as string });
    expect(run('gone')).toMatchObject({ status: 1, stderr: 'breakwater: the command gone is not there: dist/apps/gone.js is missing\n' });
  });

  test('is found by asking for help', () => {
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('says what it was given') as string });
  });
});
