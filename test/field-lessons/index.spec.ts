import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { repositoryFiles, ROOT } from '../tidy/repository.js';
import { coverageFaults, filesByRow, lessonsDocument } from './support/coverage.js';
import { LESSONS, NOT_YET } from './support/lessons.js';

const DOCUMENT = path.join(ROOT, 'docs/field-lessons.md');
const ROWS = 49;
const NOT_YET_MAX = 5;

describe('the field lessons', () => {
  const files = repositoryFiles();

  it('are each proven by a test that names its row, or excused for now, and no test names a row that is not there', () => {
    expect(coverageFaults(files, LESSONS, NOT_YET)).toEqual([]);
  });

  it('are the rows 1 to 47 with 7b and 44b, of which few are excused', () => {
    const rows = LESSONS.map(({ row }) => row);
    const numbers = Array.from({ length: 47 }, (_, at) => String(at + 1));
    expect(rows).toHaveLength(ROWS);
    expect(rows.toSorted()).toEqual([...numbers, '7b', '44b'].toSorted());
    expect(Object.keys(NOT_YET).length).toBeLessThanOrEqual(NOT_YET_MAX);
  });

  it('stand in docs/field-lessons.md as they are', async () => {
    const options = await resolveConfig(DOCUMENT);
    const document = await format(lessonsDocument(files, LESSONS, NOT_YET), { ...options, parser: 'markdown' });
    await expect(document).toMatchFileSnapshot(DOCUMENT);
  });
});

describe('the rule about rows and tests is seen to fire', () => {
  const lessons = [
    { row: '1', never: 'x' },
    { row: '7b', never: 'y' },
  ];
  const spec = (text: string, at = 'libs/a/src/a.spec.ts') => ({ path: at, text });

  it.each<[string, ReturnType<typeof spec>[], Record<string, string>, string[]]>([
    ['a row without a test', [spec(`it('[lesson 1] x')`)], {}, ['no test names row 7b']],
    ['a tag without a row', [spec(`it('[lesson 1] [lesson 7b] [lesson 48] x')`)], {}, ['libs/a/src/a.spec.ts: there is no row 48']],
    ['a row that is tested and excused', [spec(`it('[lesson 1] [lesson 7b] x')`)], { '1': 'later' }, ['row 1 is tested and excused']],
    ['an excuse for nothing', [spec(`it('[lesson 1] [lesson 7b] x')`)], { '9': 'later' }, ['there is no row 9 to excuse']],
    ['a tag outside of a spec', [spec(`it('[lesson 1] [lesson 7b] x')`, 'docs/a.md')], {}, ['no test names row 1', 'no test names row 7b']],
    ['nothing', [spec(`it('[lesson 1] x')`), spec(`it('[lesson 7b] x')`, 'test/b.e2e-spec.ts')], {}, []],
  ])('on %s', (_what, files, notYet, faults) => {
    expect(coverageFaults(files, lessons, notYet)).toEqual(faults);
  });

  it('and lists the files of a row, those of the folder of the lessons first', () => {
    const files = [spec('[lesson 1]'), spec('[lesson 1] [lesson 1]', 'test/field-lessons/z.spec.ts')];
    expect(filesByRow(files).get('1')).toEqual(['test/field-lessons/z.spec.ts', 'libs/a/src/a.spec.ts']);
  });
});
