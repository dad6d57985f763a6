import { judge } from '../checkers/check.js';
import type { Verdict } from '../checkers/check.js';
import { Run } from '../workload/run.js';
import type { FinishedRun, RunOptions } from '../workload/run.js';
import { CRASH, crashed } from './seed-outcome.js';
import type { SeedOutcome } from './seed-outcome.js';

/** Every so many seeds one is run twice: the same seed with the same code is the same run. */
const TWICE_EVERY = 50;
const SAME_SEED = 'INV-21';

/** A run that came to its end, with what its code failed to handle on the way. */
export interface Played {
  readonly run: FinishedRun;
  readonly verdict: Verdict;
  readonly unhandled: readonly string[];
}

/** Plays one seed in this process. @throws what the run threw. */
export async function play(options: RunOptions): Promise<Played> {
  const unhandled: string[] = [];
  const note = (reason: unknown): void => void unhandled.push(textOf(reason));
  process.on('unhandledRejection', note);
  try {
    const run = await new Run(options).finish();
    // Rejections are told at the end of a turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
    return { run, verdict: judge(run), unhandled };
  } finally {
    process.off('unhandledRejection', note);
  }
}

/** Plays one seed, some twice, and never throws: whatever breaks is a violation of that seed. */
export async function outcomeOf(seed: number): Promise<SeedOutcome> {
  try {
    const { run, verdict, unhandled } = await play({ seed });
    const again = seed % TWICE_EVERY === 0 ? await play({ seed }) : null;
    const differs = again !== null && again.verdict.traceHash !== verdict.traceHash;
    return {
      seed,
      violations: [
        ...verdict.violations,
        ...unhandled.map((text) => ({ invariant: CRASH, text: `a rejection that nobody handled: ${text}` })),
        ...(differs ? [{ invariant: SAME_SEED, text: `${verdict.traceHash} the first time, ${again.verdict.traceHash} the second` }] : []),
      ],
      checked: { ...Object.fromEntries(verdict.checked), ...(again === null ? {} : { [SAME_SEED]: 1 }) },
      faults: Object.fromEntries(verdict.faults),
      traceHash: verdict.traceHash,
      operations: run.operations,
      orders: verdict.orders,
    };
  } catch (error) {
    return crashed(seed, textOf(error));
  }
}

/** The first lines of an error: what happened, and where. */
function textOf(reason: unknown): string {
  if (!(reason instanceof Error)) return 'something that is no error';
  const [first = '', ...frames] = (reason.stack ?? reason.message).split('\n');
  return [first, ...frames.slice(0, 2).map((line) => line.trim())].join(' ');
}
