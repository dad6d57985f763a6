import { createHash } from 'node:crypto';
import type { FinishedRun } from '../workload/run.js';
import { BOOKS } from './books.js';
import { CANCELS } from './cancels.js';
import { Findings } from './checker.js';
import type { Checker, Violation } from './checker.js';
import { evidenceOf } from './evidence.js';
import { MOMENTS } from './moments.js';
import { OUTCOMES } from './outcomes.js';
import { RECONCILIATION } from './reconciliation.js';
import { REFUSALS } from './refusals.js';
import { SENDING } from './sending.js';
import { STREAMS } from './stream.js';

export const CHECKERS: readonly Checker[] = [
  ...SENDING,
  ...OUTCOMES,
  ...MOMENTS,
  ...CANCELS,
  ...REFUSALS,
  ...BOOKS,
  ...STREAMS,
  ...RECONCILIATION,
];

export interface Verdict {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** How often each invariant was looked at. */
  readonly checked: ReadonlyMap<string, number>;
  /** How often each kind of fault struck. */
  readonly faults: ReadonlyMap<string, number>;
  /** Everything that happened, as one number: the same for the same seed and the same code. */
  readonly traceHash: string;
  readonly orders: number;
  readonly settledAfterMs: number | null;
}

export function judge(run: FinishedRun): Verdict {
  const evidence = evidenceOf(run);
  const violations: Violation[] = [];
  const checked = new Map<string, number>();
  for (const checker of CHECKERS) {
    const findings = new Findings(checker.invariant);
    checker.check(evidence, findings);
    violations.push(...findings.violations);
    checked.set(checker.invariant, (checked.get(checker.invariant) ?? 0) + findings.checked);
  }
  return {
    seed: run.seed,
    violations,
    checked,
    faults: faultsOf(run),
    traceHash: traceHashOf(run),
    orders: evidence.orders.length,
    settledAfterMs: run.settledAtMs === null ? null : run.settledAtMs - run.healedAtMs,
  };
}

function faultsOf({ fleet }: FinishedRun): Map<string, number> {
  const crashes = [...fleet.struck].map(([kind, count]): [string, number] => [kind, count]);
  return new Map<string, number>([...fleet.world.faults.struck, ...fleet.health.struck, ...crashes]);
}

function traceHashOf(run: FinishedRun): string {
  const digest = createHash('sha256').update(run.fleet.world.tap.digest());
  for (const { row } of evidenceOf(run).orders) {
    for (const { stored, committedAtMs } of row.events)
      digest.update(`${row.terms.id} ${stored.version} ${stored.event.type} ${committedAtMs}\n`);
  }
  for (const call of run.calls)
    digest.update(`${call.number} ${call.replica} ${call.answeredAtMs} ${call.told?.status ?? call.problem?.code}\n`);
  return digest.digest('hex').slice(0, 32);
}
