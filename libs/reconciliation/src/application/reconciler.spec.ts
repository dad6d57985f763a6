import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock, Scheduler } from '#libs/kernel';
import type { AccountLeases } from '#libs/leases';
import type { AccountRun } from './account-run.js';
import { PendingTransfers } from './pending-transfers.js';
import { SilentReconciliationLog } from './reconciliation-log.js';
import { ReconciliationSettings } from './reconciliation-settings.js';
import { Reconciler } from './reconciler.js';
import type { Run, RunOutcome } from './run-store.js';
import type { VenueDoor, VenueDoors } from './venue-doors.js';

/** Runs tasks in the order of their times, moving the clock there. */
class StepScheduler extends Scheduler {
  private tasks: { readonly atMs: number; readonly task: () => void }[] = [];

  constructor(private readonly clock: ManualClock) {
    super();
  }

  after(delayMs: number, task: () => void): () => void {
    const entry = { atMs: this.clock.monotonicMs() + delayMs, task };
    this.tasks.push(entry);
    return () => {
      this.tasks = this.tasks.filter((other) => other !== entry);
    };
  }

  async passMs(ms: number): Promise<void> {
    const untilMs = this.clock.monotonicMs() + ms;
    for (;;) {
      await settle();
      const next = this.tasks.filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.tasks = this.tasks.filter((other) => other !== next);
      this.clock.advance(next.atMs - this.clock.monotonicMs());
      next.task();
    }
    this.clock.advance(untilMs - this.clock.monotonicMs());
  }
}

/** Lets every promise that can go on do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

let clock: ManualClock;
let scheduler: StepScheduler;
let reconciler: Reconciler;
let held: boolean;
let outcome: RunOutcome;
let runs: { cause: string; scope: string; atMs: number }[];
let isStillHeld: () => boolean;
const pending = new PendingTransfers();

beforeEach(() => {
  clock = new ManualClock(0);
  scheduler = new StepScheduler(clock);
  held = true;
  outcome = 'agreed';
  runs = [];
  const door = { name: 'main' } as VenueDoor;
  const doors = { get: (name: string) => (name === 'main' ? door : undefined), all: () => [door] } as unknown as VenueDoors;
  const leases = { current: () => (held ? { account: 'main', token: 1 } : null) } as unknown as AccountLeases;
  const performed = {
    settleMs: () => 10_000,
    perform: async (_door: VenueDoor, cause: Run['cause'], scope: string, isHeld: () => boolean): Promise<Run> => {
      isStillHeld = isHeld;
      runs.push({ cause, scope, atMs: clock.nowMs() });
      return { id: `${runs.length}`, account: 'main', cause, startedAtMs: 0, finishedAtMs: 0, outcome, counts: { scope } };
    },
  } as unknown as AccountRun;
  const settings = new ReconciliationSettings();
  reconciler = new Reconciler(doors, leases, performed, pending, clock, scheduler, settings, new SilentReconciliationLog());
});

const counted = (scope: string): number => runs.filter((run) => run.scope === scope).length;

describe('when reconciliation looks', () => {
  it('compares open orders every 30 s, balances every 60 s, and everything once a day', async () => {
    reconciler.begin();
    await scheduler.passMs(10 * 60_000 + 1);
    expect(counted('orders') + counted('all')).toBe(20);
    expect(counted('balances') + counted('all')).toBeGreaterThanOrEqual(10);
    await scheduler.passMs(86_400_000);
    expect(runs.filter(({ cause }) => cause === 'daily')).toHaveLength(1);
  });

  it('looks only where this replica holds the account', async () => {
    held = false;
    reconciler.begin();
    await scheduler.passMs(120_000);
    expect(await reconciler.runNow('main', 'demand')).toBeNull();
    expect(await reconciler.catchUp('main')).toEqual({ status: 'not-held' });
    expect(await reconciler.catchUp('nobody')).toEqual({ status: 'not-held' });
    expect(runs).toEqual([]);
    held = true;
    await scheduler.passMs(60_000);
    expect(runs.length).toBeGreaterThan(0);
  });

  it('lets a run see that the account was lost while it ran', async () => {
    await reconciler.runNow('main', 'demand');
    expect(isStillHeld()).toBe(true);
    held = false;
    expect(isStillHeld()).toBe(false);
  });

  it('looks at everything when the stream is back, and when a message could not be read', async () => {
    reconciler.takeEvent('main', { kind: 'stream', state: 'live', reason: null });
    await settle();
    reconciler.takeEvent('main', { kind: 'stream', state: 'lost', reason: null });
    reconciler.takeEvent('main', { kind: 'unreadable', reason: 'x' });
    await settle();
    expect(runs.map(({ cause, scope }) => [cause, scope])).toEqual([
      ['reconnect', 'all'],
      ['reconnect', 'all'],
    ]);
  });

  it('looks at balances when a transfer is told of, and keeps it once', async () => {
    const event = { kind: 'transfer', asset: 'USDT', amount: '5.10', venueTimeMs: 1 } as const;
    reconciler.takeEvent('main', event);
    reconciler.takeEvent('main', { ...event, amount: '5.1' });
    await settle();
    expect(counted('balances')).toBeGreaterThan(0);
    expect(pending.of('main', 'USDT')).toHaveLength(1);
    expect(pending.of('main', 'BTC')).toEqual([]);
  });

  it('tries a failed run again, ever less often, and the regular looks wait for it', async () => {
    outcome = 'failed';
    reconciler.begin();
    reconciler.request('main', 'reconnect', 'all');
    await scheduler.passMs(300_000);
    const gaps = runs.slice(1).map(({ atMs }, at) => atMs - runs[at]!.atMs);
    expect(gaps.slice(0, 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
    outcome = 'agreed';
    await scheduler.passMs(60_000);
    const before = runs.length;
    await scheduler.passMs(60_000);
    expect(runs.length - before).toBeGreaterThanOrEqual(2);
  });

  it('goes on catching up until all agrees', async () => {
    outcome = 'differs';
    const caughtUp = reconciler.catchUp('main');
    await scheduler.passMs(6_000);
    outcome = 'agreed';
    await scheduler.passMs(3_000);
    expect(await caughtUp).toMatchObject({ status: 'agreed' });
    expect(runs.map(({ cause }) => cause)).toEqual(['start', 'start', 'start', 'start']);
  });

  it('says what it waits for where a catch-up does not come to an end', async () => {
    outcome = 'waiting';
    const caughtUp = reconciler.catchUp('main');
    await scheduler.passMs(60_000);
    expect(await caughtUp).toMatchObject({ status: 'waiting', on: [] });
    expect(runs.length).toBeLessThanOrEqual(10);
  });

  it('begins nothing more once it is stopped', async () => {
    reconciler.begin();
    await reconciler.stop();
    await scheduler.passMs(120_000);
    reconciler.request('main', 'schedule', 'all');
    expect(runs).toEqual([]);
  });
});
