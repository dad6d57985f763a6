/**
 * `npm run check [-- --fix]`: format, lint, types and boundaries, with zero warnings allowed.
 * Plain JavaScript on purpose: it has to run when the TypeScript does not build.
 * Every step runs even after one failed, so that one run names everything there is to fix.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const USAGE = `usage: npm run check [-- --fix]

  format       prettier
  lint         oxlint with type information, warnings count as errors
  types        TypeScript over sources and specs
  boundaries   dependency-cruiser: who may import whom

  --fix        lets prettier write and oxlint repair what it can, then checks`;

/** Each step: what it runs (a path under the root, then arguments) and what to do when it fails. */
export const STEPS = [
  {
    name: 'format',
    command: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
    fix: ['node_modules/prettier/bin/prettier.cjs', '--write', '--log-level', 'warn', '.'],
    howToFix: '`npm run check -- --fix` formats every file.',
  },
  {
    name: 'lint',
    command: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives'],
    fix: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--fix', '--quiet'],
    howToFix: 'Each finding names its rule and its remedy; the rules and their homes are in .oxlintrc.json.',
  },
  {
    name: 'types',
    command: ['node_modules/typescript-native/bin/tsc', '-p', 'tsconfig.json', '--noEmit', '--incremental', 'false'],
    howToFix: 'The compiler names file and line; specs are checked too.',
  },
  {
    name: 'boundaries',
    command: [
      'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err-long',
    ],
    folders: ['apps', 'libs', 'migrations', 'test'],
    howToFix: 'Each rule says in .dependency-cruiser.cjs why it stands and where the import belongs; see "Rooms" in docs/architecture.md.',
  },
];

/** Runs one step to its end; its output goes straight to the terminal. Answers true when it passed. */
function run(step, { root, fix, out }) {
  const started = performance.now();
  if (fix && step.fix) spawnSync(process.execPath, step.fix, { cwd: root, stdio: 'inherit' });
  const [program, ...args] = step.command;
  const result = spawnSync(process.execPath, [path.join(root, program), ...args, ...(step.folders ?? [])], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const passed = result.status === 0;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  out(`${passed ? 'passed' : 'FAILED'}  ${step.name.padEnd(10)}  ${seconds} s${passed ? '' : `  ${step.howToFix}`}`);
  return passed;
}

/** Runs every step. Answers the exit code: 0 when all passed, 1 when one failed, 2 for an argument it does not know. */
export function check(args, { root = ROOT, out = (line) => console.log(line) } = {}) {
  const unknown = args.filter((arg) => arg !== '--fix' && arg !== '--help' && arg !== '-h');
  if (unknown.length > 0 || args.includes('--help') || args.includes('-h')) {
    out(unknown.length > 0 ? `unknown argument ${unknown[0]}\n\n${USAGE}` : USAGE);
    return unknown.length > 0 ? 2 : 0;
  }
  const failed = STEPS.filter((step) => !run(step, { root, fix: args.includes('--fix'), out })).map((step) => step.name);
  out(failed.length === 0 ? `check: ${STEPS.length} steps passed` : `check: failed in ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = check(process.argv.slice(2));
}
