import { createHash } from 'node:crypto';
import type { SeedOutcome } from './seed-outcome.js';

/** What many seeds came to. */
export interface Summary {
  readonly seeds: number;
  readonly operations: number;
  readonly orders: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly checked: Readonly<Record<string, number>>;
  readonly failing: readonly SeedOutcome[];
  /** One number over the traces of all seeds, in the order of the plan, whoever ran them. */
  readonly traceHash: string;
}

/** @param plan the seeds in their order; of each there is one outcome. */
export function summaryOf(plan: readonly number[], outcomes: ReadonlyMap<number, SeedOutcome>): Summary {
  const digest = createHash('sha256');
  const faults = new Counts();
  const checked = new Counts();
  const failing: SeedOutcome[] = [];
  let operations = 0;
  let orders = 0;
  for (const seed of plan) {
    const outcome = outcomes.get(seed);
    if (outcome === undefined) continue;
    digest.update(`${seed} ${outcome.traceHash}\n`);
    faults.add(outcome.faults);
    checked.add(outcome.checked);
    operations += outcome.operations;
    orders += outcome.orders;
    if (outcome.violations.length > 0) failing.push(outcome);
  }
  return {
    seeds: outcomes.size,
    operations,
    orders,
    faults: faults.sorted(),
    checked: checked.sorted(),
    failing,
    traceHash: digest.digest('hex').slice(0, 32),
  };
}

class Counts {
  private readonly counts = new Map<string, number>();

  add(some: Readonly<Record<string, number>>): void {
    for (const [name, count] of Object.entries(some)) this.counts.set(name, (this.counts.get(name) ?? 0) + count);
  }

  sorted(): Record<string, number> {
    return Object.fromEntries([...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
