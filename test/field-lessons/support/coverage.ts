import type { Lesson } from './lessons.js';

export interface SpecFile {
  readonly path: string;
  readonly text: string;
}

const SPEC = /\.(e2e-)?spec\.ts$/;
const INDEX = 'test/field-lessons/index.spec.ts';
const TAG = /\[lesson ([^\]]*)\]/g;

/** The spec files that name each row, in the order of their paths; those of this folder first. */
export function filesByRow(files: readonly SpecFile[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  const own = (path: string): string => (path.startsWith('test/field-lessons/') ? ` ${path}` : path);
  for (const { path, text } of files.toSorted((a, b) => (own(a.path) < own(b.path) ? -1 : 1))) {
    if (!SPEC.test(path) || path === INDEX) continue;
    for (const [, row] of text.matchAll(TAG)) found.set(row!, (found.get(row!) ?? new Set()).add(path));
  }
  return new Map([...found].map(([row, paths]) => [row, [...paths]]));
}

/** What is wrong between rows and tests, as sentences; empty where every row is proven or excused, and every tag means a row. */
export function coverageFaults(
  files: readonly SpecFile[],
  lessons: readonly Lesson[],
  notYet: Readonly<Record<string, string>>,
): readonly string[] {
  const tested = filesByRow(files);
  const rows = new Set(lessons.map(({ row }) => row));
  return [
    ...[...rows].filter((row) => !tested.has(row) && notYet[row] === undefined).map((row) => `no test names row ${row}`),
    ...[...rows].filter((row) => tested.has(row) && notYet[row] !== undefined).map((row) => `row ${row} is tested and excused`),
    ...[...tested].filter(([row]) => !rows.has(row)).map(([row, paths]) => `${paths.join(', ')}: there is no row ${row}`),
    ...Object.keys(notYet)
      .filter((row) => !rows.has(row))
      .map((row) => `there is no row ${row} to excuse`),
  ];
}

/** The text of docs/field-lessons.md, before it is laid out. */
export function lessonsDocument(files: readonly SpecFile[], lessons: readonly Lesson[], notYet: Readonly<Record<string, string>>): string {
  const tested = filesByRow(files);
  const rows = lessons.map(({ row, never }) => {
    const proof = notYet[row] === undefined ? (tested.get(row) ?? []).map((path) => `\`${path}\``).join('<br>') : `Not yet. ${notYet[row]}`;
    return `| ${row} | ${never} | ${proof} |`;
  });
  return `${HEAD}\n| row | cannot happen here | tests |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

const HEAD = `# Field lessons

What has hurt users of exchange connectivity elsewhere, and the tests that keep it from happening here. A test names its rows in its name, as
in \`[lesson 12]\`; run the tests of one row with \`npm test -- -t 'lesson 12'\`. Most of them let hours pass on virtual time, with the real
engine and adapter (\`test/field-lessons/support/gateway-world.ts\`).

This page is made by \`test/field-lessons/index.spec.ts\` from its table of rows and from the names of the tests. After a change:
\`npm test -- test/field-lessons/index.spec.ts -u\`.
`;
