import { describe, expect, it } from 'vitest';
import { RunLane } from './run-lane.js';
import type { RunScope } from './run-context.js';
import type { Run, RunCause } from './run-store.js';

interface Begun {
  readonly cause: RunCause;
  readonly scope: RunScope;
  readonly end: () => void;
}

function lane(): { lane: RunLane; begun: Begun[] } {
  const begun: Begun[] = [];
  const made = new RunLane((cause, scope) => {
    const run: Run = { id: `${begun.length}`, account: 'a', cause, startedAtMs: 0, finishedAtMs: 0, outcome: 'agreed', counts: { scope } };
    return new Promise((resolve) => begun.push({ cause, scope, end: () => resolve(run) }));
  });
  return { lane: made, begun };
}

describe('the runs of one account', () => {
  it('go one at a time, and all who ask meanwhile share the one run after', async () => {
    const { lane: runs, begun } = lane();
    const first = runs.run('schedule', 'orders');
    const second = runs.run('schedule', 'orders');
    const third = runs.run('demand', 'balances');
    expect(third).toBe(second);
    expect(begun).toHaveLength(1);
    begun[0]!.end();
    await first;
    await expect.poll(() => begun.length).toBe(2);
    expect(begun[1]).toMatchObject({ cause: 'demand', scope: 'both' });
    begun[1]!.end();
    expect((await second).id).toBe('1');
    await runs.idle();
    expect(begun).toHaveLength(2);
  });

  it('never overlap, also where one is asked for in the moment between two', async () => {
    let active = 0;
    let most = 0;
    const runs = new RunLane(async (cause, scope) => {
      active += 1;
      most = Math.max(most, active);
      await Promise.resolve();
      active -= 1;
      return { id: '', account: 'a', cause, startedAtMs: 0, finishedAtMs: 0, outcome: 'agreed', counts: { scope } };
    });
    const asked: Promise<Run>[] = [];
    for (let turn = 0; turn < 200; turn += 1) {
      asked.push(runs.run('schedule', 'orders'));
      await Promise.resolve();
    }
    await Promise.all(asked);
    expect(most).toBe(1);
  });
});
