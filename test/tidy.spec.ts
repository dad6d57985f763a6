import { describe, expect, it } from 'vitest';
import { PROBLEM_CODES } from '#libs/http';
import { repositoryFiles, ROOT } from './tidy/repository.js';
import {
  bansHold,
  errorCodesAreExplained,
  exceptionsHaveReasons,
  fixturesHaveSources,
  librariesAreComplete,
  locksNameNoHost,
  noFileNamesThisMachine,
  nothingIsLeftForLater,
  settingsAreWrittenDown,
  type Rule,
} from './tidy/rules.js';

/** What lint cannot see. Each rule is seen to fire on a planted text, then has to find nothing in the repository. */
describe('the repository', () => {
  const files = repositoryFiles();

  it('is read at all', () => {
    expect(files.map((file) => file.path)).toEqual(
      expect.arrayContaining(['package.json', 'libs/kernel/src/index.ts', 'test/tidy.spec.ts']),
    );
  });

  it.each<[string, Rule]>([
    ['has an index and a README in every library', librariesAreComplete],
    ['says where every fixture comes from', fixturesHaveSources],
    ['describes every setting that anything names', settingsAreWrittenDown],
    ['leaves nothing for later', nothingIsLeftForLater],
    ['keeps time, randomness and floats in their homes, and its tests awake', bansHold],
    ['gives a reason for every exception', exceptionsHaveReasons],
    ['names no registry in its lock files', locksNameNoHost],
    ['names no path of this machine', noFileNamesThisMachine(ROOT)],
    ['explains every error code', errorCodesAreExplained(PROBLEM_CODES)],
  ])('%s', (_sentence, rule) => {
    expect(rule(files)).toEqual([]);
  });
});

/** Files as the rules see them, from `path: text`. */
const planted = (texts: Readonly<Record<string, string>>) => Object.entries(texts).map(([path, text]) => ({ path, text }));

describe('each ban is seen to fire', () => {
  const product = (text: string) => bansHold(planted({ 'libs/orders/src/domain/x.ts': text }));
  const spec = (text: string) => bansHold(planted({ 'libs/orders/src/domain/x.spec.ts': text }));

  it.each([
    ['new Date()', 'export const at = new Date();'],
    ['new Date()', 'export const at = new Date;'],
    ['Number()', 'export const price = Number(text);'],
    ['unary plus', 'export const price = +text;'],
    ['too many parameters', 'export function f(a: A, b: B, c: C, d: D, e: E, g: G): void {}'],
    ['too many parameters', 'export class X { m(a: A, b: B, c: C, d: D, e: E, g: G): void {} }'],
    ['too many parameters', `export class X { constructor(${Array.from({ length: 13 }, (_, at) => `p${at}: P`).join(', ')}) {} }`],
  ])('%s on: %s', (ban, text) => {
    expect(product(text)).toEqual([expect.stringContaining(`x.ts:1 ${ban}: `)]);
  });

  it.each([
    'new Date(ms).toISOString();',
    'Number.isInteger(n);',
    'const n: number = 1; f(a + b, +1);',
    '// Number(x) in a comment, new Date() too',
    `const text = 'new Date()';`,
    'export function f(a: A, b: B, c: C, d: D, e: E): void {}',
    'export class X { constructor(a: A, b: B, c: C, d: D, e: E, g: G) {} }',
    'export type Row = (a: A, b: B, c: C, d: D, e: E, g: G) => void;',
  ])('not on: %s', (text) => {
    expect(product(text)).toEqual([]);
  });

  it.each([
    ['a test switched off', `it.skip('x', () => {});`],
    ['a test switched off', `describe.only('x', () => {});`],
    ['a sleep in a test', 'await new Promise((resolve) => setTimeout(resolve, 50));'],
    ['a sleep in a test', 'await setTimeout(50);'],
    ['a sleep in a test', 'await sleep(50);'],
  ])('%s on: %s', (ban, text) => {
    expect(spec(text)).toEqual([expect.stringContaining(`x.spec.ts:1 ${ban}: `)]);
  });

  it.each([
    'while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));',
    `it.skipIf(process.env.RECORDINGS_DIR === undefined)('x', () => {});`,
    'const timer = setTimeout(fail, 1000);',
  ])('not on: %s', (text) => {
    expect(spec(text)).toEqual([]);
  });
});

describe('each other rule is seen to fire', () => {
  it('on a library without index and README', () => {
    expect(librariesAreComplete(planted({ 'libs/exchanges/okx/src/okx.client.ts': '' }))).toEqual([
      expect.stringContaining('libs/exchanges/okx has no src/index.ts'),
      expect.stringContaining('libs/exchanges/okx has no README.md'),
    ]);
  });

  it('on a fixture that SOURCES.md does not list', () => {
    const folder = 'libs/exchanges/okx/fixtures';
    const files = planted({ [`${folder}/a.json`]: '{}', [`${folder}/b.json`]: '{}', [`${folder}/SOURCES.md`]: '- a.json: by hand' });
    expect(fixturesHaveSources(files)).toEqual([expect.stringContaining('b.json is not in')]);
  });

  it('on a setting that is read, or offered, and not described', () => {
    const files = planted({
      'libs/settings/src/settings.ts': `read('BREAKWATER_PORT'); read('BREAKWATER_HOST');`,
      '.env.example': '# BREAKWATER_PORT=3000\n# BREAKWATER_OLD=1',
      'docs/settings.md': '| `BREAKWATER_PORT` |',
    });
    expect(settingsAreWrittenDown(files)).toEqual([
      'libs/settings/src/settings.ts names BREAKWATER_HOST, which is not in docs/settings.md',
      '.env.example names BREAKWATER_OLD, which is not in docs/settings.md',
    ]);
  });

  it('on something left for later', () => {
    expect(nothingIsLeftForLater(planted({ 'a.ts': 'ok\n// TO' + 'DO: the rest' }))).toEqual([expect.stringContaining('a.ts:2 ')]);
  });

  it('on an exception without a reason', () => {
    const files = planted({
      'a.ts': '// oxlint-disable-next-line max-depth',
      'b.ts': '// oxlint-disable-next-line max-depth -- a table of moves',
    });
    expect(exceptionsHaveReasons(files)).toEqual([expect.stringContaining('a.ts switches a check off')]);
  });

  it('on a lock file with addresses', () => {
    expect(locksNameNoHost(planted({ 'package-lock.json': '"resolved": "https://a.example/x.tgz"' }))).toHaveLength(1);
  });

  it('on a path of this machine', () => {
    expect(noFileNamesThisMachine('/home/me/checkout')(planted({ 'a.md': 'see /home/me/checkout/x' }))).toHaveLength(1);
  });

  it('on an error code without a heading', () => {
    const files = planted({ 'docs/errors.md': '## `rate-limited`\n\nThe venue … clock-skew …' });
    expect(errorCodesAreExplained(['rate-limited', 'clock-skew'])(files)).toEqual(['clock-skew has no heading in docs/errors.md']);
  });
});
