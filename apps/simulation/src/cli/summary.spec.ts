import { describe, expect, it } from 'vitest';
import { Progress } from './progress.js';
import { crashed } from './seed-outcome.js';
import type { SeedOutcome } from './seed-outcome.js';
import { summaryOf } from './summary.js';

const outcome = (seed: number, traceHash: string): SeedOutcome => ({
  seed,
  violations: [],
  checked: { 'INV-01': 2 },
  faults: { kill: 1 },
  traceHash,
  operations: 200,
  orders: 70,
});

const byArrival = (...outcomes: readonly SeedOutcome[]) => new Map(outcomes.map((one) => [one.seed, one]));

describe('the summary of many seeds', () => {
  const one = outcome(1, 'aa');
  const two = outcome(2, 'bb');

  it('is the same in whatever order the outcomes arrive', () => {
    const forth = summaryOf([1, 2], byArrival(one, two));
    const back = summaryOf([1, 2], byArrival(two, one));
    expect(back).toEqual(forth);
    expect(forth).toMatchObject({ seeds: 2, operations: 400, orders: 140, faults: { kill: 2 }, checked: { 'INV-01': 4 } });
  });

  it('has another trace where a single run went another way', () => {
    const trace = (hash: string) => summaryOf([1, 2], byArrival(one, outcome(2, hash))).traceHash;
    expect(trace('bb')).not.toBe(trace('bc'));
  });

  it('counts a run that broke as a failing seed', () => {
    const { failing } = summaryOf([3], new Map([[3, crashed(3, 'it broke')]]));
    expect(failing).toMatchObject([{ seed: 3, violations: [{ invariant: 'CRASH', text: 'it broke' }] }]);
  });
});

describe('the progress of a run', () => {
  const told = (isTerminal: boolean, stepMs: number): string[] => {
    const written: string[] = [];
    let nowMs = 0;
    const progress = new Progress(40, { isTerminal, write: (text) => void written.push(text) }, () => nowMs);
    for (let seed = 0; seed < 40; seed += 1) {
      nowMs += stepMs;
      progress.step(seed === 5);
    }
    return written;
  };

  it('is a line now and then in a pipe', () => {
    expect(told(false, 1_000)).toEqual([
      '15 of 40 seeds, 1.0 seeds/s, 25 s left, 1 failing\n',
      '30 of 40 seeds, 1.0 seeds/s, 10 s left, 1 failing\n',
    ]);
  });

  it('is a bar on a terminal that ends full', () => {
    expect(told(true, 50).at(-1)).toContain(`[${'='.repeat(30)}] 40 of 40 seeds, 20.0 seeds/s, 0 s left`);
  });
});
