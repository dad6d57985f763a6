import { orderDossier } from './order-dossier.js';
import { paintFor } from './paint.js';
import type { Paint } from './paint.js';
import { play } from './seed-runner.js';
import type { Played } from './seed-runner.js';
import { storyOf } from './story.js';
import type { SaidLine } from './story.js';
import { CRASH } from './seed-outcome.js';

export interface OneOptions {
  readonly seed: number;
  readonly trace: boolean;
  readonly orderId: string | null;
  readonly json: boolean;
}

/** Runs one seed in this process, tells what happened, and answers the exit code. */
export async function runOne({ seed, trace, orderId, json }: OneOptions): Promise<number> {
  const paint = paintFor();
  const said: SaidLine[] = [];
  let played: Played;
  try {
    played = await play({ seed, onLine: (atMs, who, text) => void said.push({ atMs, who, text }) });
  } catch (error) {
    if (trace) for (const { atMs, who, text } of said) process.stdout.write(`${(atMs / 1_000).toFixed(3)} ${who} ${text}\n`);
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stdout.write(`${paint.red(CRASH)}  the run broke: ${text}\n`);
    return 1;
  }
  const { run, verdict, unhandled } = played;
  if (trace && orderId === null) for (const line of storyOf(run, said, paint)) process.stdout.write(`${line}\n`);
  if (orderId !== null) for (const line of orderDossier(run, said, orderId, paint)) process.stdout.write(`${line}\n`);
  const violations = [
    ...verdict.violations,
    ...unhandled.map((text) => ({ invariant: CRASH, text: `a rejection that nobody handled: ${text}` })),
  ];
  if (json) {
    const faults = Object.fromEntries(verdict.faults);
    const checked = Object.fromEntries(verdict.checked);
    process.stdout.write(`${JSON.stringify({ ...verdict, violations, faults, checked }, null, 2)}\n`);
  } else process.stdout.write(`${verdictLines(played, violations, paint).join('\n')}\n`);
  return violations.length === 0 ? 0 : 1;
}

function verdictLines({ run, verdict }: Played, violations: Played['verdict']['violations'], paint: Paint): string[] {
  const { seed, orders, settledAfterMs, faults, traceHash } = verdict;
  const rest =
    settledAfterMs === null ? 'never came to rest' : `came to rest ${(settledAfterMs / 1_000).toFixed(1)} s after the last fault`;
  return [
    '',
    paint.bold(`seed ${seed}: ${run.operations} operations, ${orders} orders, ${rest}`),
    `faults: ${[...faults].map(([kind, count]) => `${kind} ${count}`).join(', ') || 'none'}`,
    `trace hash ${traceHash}`,
    ...violations.map(({ invariant, text }) => `${paint.red(invariant)}  ${text}`),
    violations.length === 0 ? paint.green('every invariant held') : paint.red(`${violations.length} violations`),
  ];
}
