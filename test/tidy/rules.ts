import { BANS, findBanned } from './bans.js';
import { isSpec, isTest, isTypeScript, type SourceFile } from './repository.js';

/** Each rule answers what is wrong, one sentence per finding with its remedy; nothing wrong is an empty list. */
export type Rule = (files: readonly SourceFile[]) => string[];

const find = (files: readonly SourceFile[], path: string): SourceFile | undefined => files.find((file) => file.path === path);

const LIBRARY = /^(libs\/(?:exchanges\/)?[^/]+)\/src\//;

/** A library has an index, which is all that others may import, and one screen that says what it owns. */
export const librariesAreComplete: Rule = (files) => {
  const libraries = new Set(files.flatMap((file) => LIBRARY.exec(file.path)?.[1] ?? []));
  return [...libraries]
    .toSorted()
    .flatMap((library) => [
      ...(find(files, `${library}/src/index.ts`) === undefined ? [`${library} has no src/index.ts: say what others may use`] : []),
      ...((find(files, `${library}/README.md`)?.text.trim() ?? '') === ''
        ? [`${library} has no README.md: say what it owns, its invariants, and who may call it`]
        : []),
    ]);
};

const FIXTURE = /^(.*\/fixtures)\/([^/]+)$/;

/** Nobody trusts a fixture of unknown origin. */
export const fixturesHaveSources: Rule = (files) =>
  files.flatMap((file) => {
    const [, folder, name] = FIXTURE.exec(file.path) ?? [];
    if (folder === undefined || name === undefined || name === 'SOURCES.md') return [];
    const sources = find(files, `${folder}/SOURCES.md`)?.text ?? '';
    return sources.includes(name) ? [] : [`${file.path} is not in ${folder}/SOURCES.md: say where and when it was taken`];
  });

const SETTING = /\b(?:BREAKWATER_[A-Z][A-Z_]*[A-Z]|DATABASE_URL)\b/g;
const SETTINGS_PAGE = 'docs/settings.md';

const isProduct = (file: SourceFile): boolean => /^(apps|libs|config)\//.test(file.path) && !isTest(file) && !file.path.endsWith('.md');

/** A setting that is not written down does not exist. That the page agrees with the schema is a spec of libs/settings. */
export const settingsAreWrittenDown: Rule = (files) => {
  const page = find(files, SETTINGS_PAGE)?.text;
  const example = find(files, '.env.example')?.text;
  if (page === undefined || example === undefined) return [`${SETTINGS_PAGE} or .env.example is missing`];
  const described = new Set(page.match(SETTING));
  const named = (file: SourceFile): string[] =>
    [...new Set(file.text.match(SETTING))].filter((name) => !described.has(name)).map((name) => `${file.path} names ${name}`);
  const others = files.filter((file) => isProduct(file) || ['README.md', '.env.example'].includes(file.path));
  return others.flatMap(named).map((finding) => `${finding}, which is not in ${SETTINGS_PAGE}`);
};

// Spelled apart, so that this file may stand.
const LEFT_FOR_LATER = new RegExp(`\\b(${['FIX' + 'ME', 'TO' + 'DO', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);

/** What is to be done later stands in an issue, where it is seen. */
export const nothingIsLeftForLater: Rule = (files) =>
  files.flatMap((file) =>
    file.path.endsWith('package-lock.json')
      ? []
      : file.text
          .split('\n')
          .flatMap((line, at) =>
            LEFT_FOR_LATER.test(line) ? [`${file.path}:${at + 1} leaves something for later: do it, or file it`] : [],
          ),
  );

/** Time, randomness and floats stay in their homes; tests neither sleep nor are switched off. */
export const bansHold: Rule = (files) =>
  files.filter(isTypeScript).flatMap((file) => {
    const kinds = isSpec(file) ? ['specs', 'everywhere'] : isTest(file) ? ['everywhere'] : ['product', 'everywhere'];
    const bans = BANS.filter((ban) => kinds.includes(ban.where));
    return findBanned(file.path, file.text, bans).map((finding) => `${finding.path}:${finding.line} ${finding.ban}: ${finding.instead}`);
  });

const DISABLE = /(?:oxlint|eslint)-disable[^\n]*|@ts-(?:ignore|expect-error|nocheck)[^\n]*|prettier-ignore[^\n]*/g;
const REASON = /(?:--|:)\s+\S+\s+\S+/;

/** An exception without a reason is a habit. */
export const exceptionsHaveReasons: Rule = (files) =>
  files
    .filter((file) => /\.[cm]?[jt]s$/.test(file.path) && !file.path.startsWith('test/tidy'))
    .flatMap((file) =>
      (file.text.match(DISABLE) ?? [])
        .filter((comment) => !REASON.test(comment))
        .map((comment) => `${file.path} switches a check off without a reason: ${comment.trim()} (write "-- why")`),
    );

/** Lock files name no host: whoever installs chooses the registry. */
export const locksNameNoHost: Rule = (files) =>
  files
    .filter((file) => file.path.endsWith('package-lock.json') && /"resolved":\s*"https?:/.test(file.text))
    .map((file) => `${file.path} has resolved addresses: .npmrc needs omit-lockfile-registry-resolved=true`);

/** A path of the machine it was written on helps nobody else. */
export const noFileNamesThisMachine =
  (root: string): Rule =>
  (files) =>
    files.filter((file) => file.text.includes(root)).map((file) => `${file.path} names ${root}: use a path from the root of the checkout`);

/** Every code that a client can meet has a heading in docs/errors.md. */
export const errorCodesAreExplained =
  (codes: readonly string[]): Rule =>
  (files) => {
    const page = find(files, 'docs/errors.md')?.text;
    if (page === undefined) return ['docs/errors.md is missing'];
    const headings = new Set([...page.matchAll(/^#+\s+`?([a-z][a-z-]+)`?\s*$/gm)].map((match) => match[1]));
    return codes.filter((code) => !headings.has(code)).map((code) => `${code} has no heading in docs/errors.md`);
  };
