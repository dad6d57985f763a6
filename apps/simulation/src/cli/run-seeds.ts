import { planOf } from '../regressions.js';
import { paintFor } from './paint.js';
import { Progress } from './progress.js';
import { reportOf } from './report.js';
import type { SeedOutcome } from './seed-outcome.js';
import { summaryOf } from './summary.js';
import type { Summary } from './summary.js';
import { WorkerPool } from './worker-pool.js';

export interface SeedsOptions {
  readonly from: number;
  readonly count: number;
  readonly jobs: number;
  readonly json: boolean;
}

/** Runs the regressions and a range of seeds, prints what came of it, and answers the exit code. */
export async function runSeeds({ from, count, jobs, json }: SeedsOptions): Promise<number> {
  const plan = planOf(from, count);
  const stream = json ? process.stderr : process.stdout;
  const progress = new Progress(plan.length, { isTerminal: stream.isTTY, write: (text) => void stream.write(text) });
  const beganMs = performance.now();
  const summary = await playSeeds(plan, jobs, (outcome) => progress.step(outcome.violations.length > 0));
  progress.clear();
  const durationMs = performance.now() - beganMs;
  process.stdout.write(
    `${json ? JSON.stringify({ ...summary, durationMs: Math.round(durationMs) }, null, 2) : reportOf(summary, durationMs, paintFor())}\n`,
  );
  return summary.failing.length === 0 ? 0 : 1;
}

/** Plays seeds in worker processes. What comes of it does not depend on how many there are. */
export async function playSeeds(plan: readonly number[], jobs: number, onOutcome: (outcome: SeedOutcome) => void): Promise<Summary> {
  const outcomes = new Map<number, SeedOutcome>();
  await WorkerPool.play(plan, {
    jobs,
    mutant: null,
    onOutcome: (outcome) => {
      outcomes.set(outcome.seed, outcome);
      onOutcome(outcome);
    },
    isEnough: () => false,
  });
  return summaryOf(plan, outcomes);
}
