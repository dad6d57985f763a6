import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { isMet, type BenchOptions, type BenchOut, type BenchResult } from './bench-result.js';
import { benchTable } from './bench-table.js';
import { runBookBench } from './book.bench.js';
import { ensureCcxt } from './ccxt-folder.js';
import { runOrdersBench } from './orders.bench.js';
import { freePort, startProcess, untilReady } from './processes.js';
import { runStartBench } from './start.bench.js';

/** Two levels of `src` and the build folder lie between this file, once built, and the checkout. */
const ROOT = fileURLToPath(new URL('../../../../..', import.meta.url));
const RUNS_DEFAULT = 5;
const RUNS_MAX = 1000;

interface CommandOptions extends BenchOptions {
  /** A recording for `book`. */
  readonly file?: string;
  readonly json: boolean;
}

type Bench = (out: BenchOut, options: CommandOptions) => Promise<BenchResult>;

const BENCHES: Readonly<Record<string, Bench>> = {
  orders: (out, options) => runOrdersBench(out, options, ROOT),
  book: (out, { runs, file }) => runBookBench(out, { runs, file, recordings: process.env['RECORDINGS_DIR'] }),
  start: (out, options) => runStartBench(out, options, ROOT),
};

const CCXT_CHECK = 'ccxt-check';

function wholeRuns(text: string): number {
  const runs = Number.parseInt(text, 10);
  if (!/^\d+$/.test(text) || runs < 1 || runs > RUNS_MAX) throw new InvalidArgumentError(`a whole number from 1 to ${RUNS_MAX}`);
  return runs;
}

/** `npm run bench -- [name]`. Exit code 0 when every goal is met, 1 when one is missed or a benchmark failed. */
export function benchCommand(): Command {
  return new Command('npm run bench --')
    .description(
      'Benchmarks, as ratios against a named baseline that is measured in the same run.\n\n' +
        '  orders      adapter, whole gateway and ccxt, against the simulated venue without limits\n' +
        '  book        order book from a recorded deep stream, against JSON.parse alone\n' +
        '  start       second start of everything\n' +
        `  ${CCXT_CHECK}  no benchmark: stock ccxt trades at the simulated venue with only the hosts replaced`,
    )
    .argument('[name]', `one of ${Object.keys(BENCHES).join(', ')}, ${CCXT_CHECK}; all benchmarks where none is named`)
    .option('--runs <n>', 'how often each line is measured', wholeRuns, RUNS_DEFAULT)
    .option('--file <recording>', 'a stream for `book`; else one from RECORDINGS_DIR, else a made one')
    .option('--json', 'print the results as JSON, and progress on the error stream', false)
    .action(async (name: string | undefined, options: CommandOptions) => {
      process.exitCode = await run(name, options);
    });
}

async function run(name: string | undefined, options: CommandOptions): Promise<number> {
  if (name === CCXT_CHECK) return ccxtCheck();
  const names = name === undefined ? Object.keys(BENCHES) : [name];
  // Progress never mixes with results that a program reads.
  const out: BenchOut = (line) => (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  const results: BenchResult[] = [];
  for (const one of names) {
    const bench = BENCHES[one];
    if (bench === undefined) {
      process.stderr.write(`no benchmark ${one}: one of ${Object.keys(BENCHES).join(', ')}, ${CCXT_CHECK}\n`);
      return 2;
    }
    const result = await bench(out, options);
    results.push(result);
    if (!options.json) out(benchTable(result));
  }
  if (options.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  return results.every((result) => result.lines.every((line) => isMet(line) !== false)) ? 0 : 1;
}

/** A fresh simulated venue with its limits as the venue has them, and stock ccxt in front of it. */
async function ccxtCheck(): Promise<number> {
  const folder = await ensureCcxt(ROOT, (line) => process.stdout.write(`${line}\n`));
  const logs = await mkdtemp(path.join(tmpdir(), 'breakwater-ccxt-'));
  const port = await freePort();
  const environment = { BREAKWATER_SIMULATOR_PORT: String(port) };
  const simulator = startProcess('dist/apps/venue-simulator/src/main.js', [], environment, ROOT, path.join(logs, 'simulator.log'));
  try {
    await untilReady(simulator, `http://127.0.0.1:${port}/_sim/accounts`);
    const check = spawnSync(process.execPath, ['ccxt-check.mjs', `http://127.0.0.1:${port}`], { cwd: folder, stdio: 'inherit' });
    return check.status ?? 1;
  } finally {
    await simulator.stop();
    await rm(logs, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await benchCommand()
    .parseAsync()
    .catch((failure: unknown) => {
      process.stderr.write(`bench: ${failure instanceof Error ? failure.message : String(failure)}\n`);
      process.exitCode = 1;
    });
}
