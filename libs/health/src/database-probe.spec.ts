import { ManualClock } from '#libs/kernel';
import { afterEach, describe, expect, it } from 'vitest';
import { DatabaseCheck, DatabaseProbe, FRESH_MS } from './database-probe.js';

class FakeCheck extends DatabaseCheck {
  fails = false;
  gone = false;
  pending: string[] = [];

  async ping(): Promise<void> {
    if (this.fails) throw new Error('connection refused');
  }

  isGone(): boolean {
    return this.gone;
  }

  async pendingMigrations(): Promise<readonly string[]> {
    return this.pending;
  }
}

describe('the database probe', () => {
  const clock = new ManualClock();
  const check = new FakeCheck();
  const probe = new DatabaseProbe(check, clock);
  afterEach(() => probe.onModuleDestroy());

  it('is down until the database has answered once', () => {
    expect(probe.database()).toEqual({ up: false, lastAnswerAgeMs: null });
    expect(probe.migrations().up).toBe(false);
  });

  it('is up while the last answer is fresh, and down when it is not', async () => {
    await probe.round();
    clock.advance(FRESH_MS - 1);
    expect(probe.database()).toEqual({ up: true, lastAnswerAgeMs: FRESH_MS - 1 });
    clock.advance(1);
    expect(probe.database().up).toBe(false);
  });

  it('does not count a failed ping as an answer, and heals with the next good one', async () => {
    check.fails = true;
    await probe.round();
    expect(probe.database().up).toBe(false);
    check.fails = false;
    await probe.round();
    expect(probe.database().up).toBe(true);
  });

  it('is down at once where nobody is let in, and not for one lost answer', async () => {
    check.fails = true;
    await probe.round();
    expect(probe.database().up).toBe(true);
    check.gone = true;
    await probe.round();
    expect(probe.database().up).toBe(false);
    check.fails = false;
    await probe.round();
    expect(probe.database().up).toBe(true);
  });

  it('names pending migrations and asks again until there are none', async () => {
    const fresh = new DatabaseProbe(check, clock);
    check.pending = ['CreateThings1'];
    await fresh.round();
    expect(fresh.migrations()).toEqual({ up: false, pending: ['CreateThings1'] });
    check.pending = [];
    await fresh.round();
    expect(fresh.migrations()).toEqual({ up: true, pending: [] });
    fresh.onModuleDestroy();
  });
});
