import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { atMost, median, type BenchOptions, type BenchOut, type BenchResult } from './bench-result.js';
import { freePort } from './processes.js';

/** From the requirements: everything up, database and simulator included. */
const SECOND_START_LIMIT_S = 4;
const READY_WITHIN_MS = 120_000;

interface Timed {
  readonly startS: number;
  readonly stopS: number;
}

/**
 * Starts everything as `npm start` does, in a state folder of its own and on free ports, and measures from the first
 * process to the moment at which the gateway serves. The first start makes the database and is told, but not judged.
 * @param root the checkout; it has to be built.
 */
export async function runStartBench(out: BenchOut, options: BenchOptions, root: string): Promise<BenchResult> {
  const home = await mkdtemp(path.join(tmpdir(), 'breakwater-start-bench-'));
  try {
    const environment = {
      BREAKWATER_HOME: home,
      BREAKWATER_PORT: String(await freePort()),
      BREAKWATER_SIMULATOR_PORT: String(await freePort()),
    };
    const first = await timed(root, environment);
    out(`first start, which makes the database: ${first.startS.toFixed(2)} s`);
    const later: Timed[] = [];
    for (let run = 1; run <= options.runs; run += 1) {
      const one = await timed(root, environment);
      out(`start ${run} of ${options.runs}: ${one.startS.toFixed(2)} s, stopped in ${one.stopS.toFixed(2)} s`);
      later.push(one);
    }
    out(`median of second starts ${median(later.map(({ startS }) => startS)).toFixed(2)} s, goal at most ${SECOND_START_LIMIT_S} s`);
    return {
      bench: 'start',
      runs: options.runs,
      lines: [
        {
          name: 'second start of database, simulator and gateway',
          unit: 's',
          values: later.map(({ startS }) => startS),
          goal: atMost(SECOND_START_LIMIT_S),
        },
        { name: 'first start, with an empty state folder', unit: 's', values: [first.startS], goal: null },
        { name: 'stopping all of it', unit: 's', values: later.map(({ stopS }) => stopS), goal: null },
      ],
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** One start and one stop, in seconds. @throws with the output when it does not come up. */
async function timed(root: string, environment: NodeJS.ProcessEnv): Promise<Timed> {
  const began = performance.now();
  const child = spawn(process.execPath, [path.join(root, 'apps/cli/bin/run.mjs'), 'start'], {
    cwd: root,
    env: { ...process.env, ...environment, DATABASE_URL: '', BREAKWATER_LAUNCHER: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let output = '';
  const ready = new Promise<void>((resolve, reject) => {
    const take = (text: string) => {
      output += text;
      if (output.includes('Breakwater is ready')) resolve();
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('close', () => reject(new Error(`it does not start: ${output}`)));
  });
  const late = setTimeout(() => child.kill('SIGTERM'), READY_WITHIN_MS);
  await ready.finally(() => clearTimeout(late));
  const served = performance.now();
  child.kill('SIGTERM');
  await ended;
  return { startS: (served - began) / 1000, stopS: (performance.now() - served) / 1000 };
}
