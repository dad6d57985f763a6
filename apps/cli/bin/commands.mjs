/**
 * What `npm run <name>` does. A new command is a new line.
 *
 * - `run`: file under the root, then arguments; what the user gave follows. A file in `dist/` is built first.
 * - `build`: `'stale'` builds what is stale before; `'never'` runs on the sources as they stand.
 * - `about`: one line for `node apps/cli/bin/run.mjs --help`.
 */
export const COMMANDS = {
  start: { build: 'stale', run: ['dist/apps/cli/src/start/main.js'], about: 'database, simulator and gateway' },
  test: { build: 'stale', run: ['node_modules/vitest/vitest.mjs', 'run'], about: 'every test' },
  build: { build: 'stale', run: [], about: 'compiles what is stale' },
  check: { build: 'never', run: ['apps/cli/bin/check.mjs'], about: 'format, lint, types, boundaries' },
  simulator: { build: 'stale', run: ['dist/apps/venue-simulator/src/main.js'], about: 'only the venue simulator' },
  migrate: { build: 'stale', run: ['dist/apps/cli/src/migrate/main.js'], about: 'migrations: up, down, status' },
  replay: { build: 'stale', run: ['dist/apps/cli/src/replay/main.js'], about: 'a recording through the real adapter' },
  simulate: { build: 'stale', run: ['dist/apps/simulation/src/main.js'], about: 'the order engine while everything fails, by seed' },
  bench: { build: 'stale', run: ['dist/apps/cli/src/bench/bench.command.js'], about: 'benchmarks as ratios' },
  settings: { build: 'stale', run: ['dist/apps/cli/src/settings/main.js'], about: 'every setting; --write renews docs/settings.md' },
  'test:crash': {
    build: 'stale',
    run: ['dist/apps/cli/src/crash/crash.command.js'],
    about: 'SIGKILL at every named crash point, against real Postgres',
  },
  'test:recordings': {
    build: 'stale',
    run: ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.recordings.config.ts'],
    about: 'recordings from RECORDINGS_DIR through the adapters',
  },
};
