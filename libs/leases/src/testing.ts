import { ManualClock, Scheduler } from '#libs/kernel';
import { LeaseStore } from './application/lease-store.js';
import type { HolderRow, LeaseRequest } from './application/lease-store.js';
import type { Lease } from './application/account-leases.js';

interface Task {
  readonly atMs: number;
  readonly run: () => void;
}

/** Timers on a clock that moves only when told to. */
export class ManualScheduler extends Scheduler {
  private tasks: Task[] = [];

  constructor(private readonly clock: ManualClock) {
    super();
  }

  after(delayMs: number, run: () => void): () => void {
    const task = { atMs: this.clock.monotonicMs() + delayMs, run };
    this.tasks.push(task);
    return () => {
      this.tasks = this.tasks.filter((other) => other !== task);
    };
  }

  /** Lets time pass, each timer at its moment, and what follows from it without I/O before the next one. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.clock.monotonicMs() + ms;
    await settled();
    for (;;) {
      const [next] = this.tasks.toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > untilMs) break;
      this.tasks = this.tasks.filter((task) => task !== next);
      this.clock.advance(Math.max(0, next.atMs - this.clock.monotonicMs()));
      next.run();
      await settled();
    }
    this.clock.advance(Math.max(0, untilMs - this.clock.monotonicMs()));
    await settled();
  }
}

interface Row {
  owner: string;
  url: string | null;
  token: number;
  expiresMs: number;
}

/** The store's contract in memory, for specs: with a clock of its own, and answers that can be lost. */
export class DoubleLeaseStore extends LeaseStore {
  readonly rows = new Map<string, Row>();
  /** `down` fails before anything is done; `silent` does it and never answers. */
  mode: 'up' | 'down' | 'silent' = 'up';
  calls: string[] = [];

  constructor(private readonly clock: ManualClock) {
    super();
  }

  acquire(requests: readonly LeaseRequest[], owner: string, url: string | null, ttlMs: number): Promise<readonly Lease[]> {
    return this.answer('acquire', () =>
      requests.flatMap(({ account }) => {
        const row = this.rows.get(account);
        if (row !== undefined && this.isAlive(row) && row.owner !== owner) return [];
        const token = (row?.token ?? 0) + 1;
        this.rows.set(account, { owner, url, token, expiresMs: this.clock.nowMs() + ttlMs });
        return [{ account, token }];
      }),
    );
  }

  renew(leases: readonly Lease[], owner: string, ttlMs: number): Promise<readonly Lease[]> {
    return this.answer('renew', () =>
      leases.filter(({ account, token }) => {
        const row = this.rows.get(account);
        if (row?.token !== token || row.owner !== owner || !this.isAlive(row)) return false;
        row.expiresMs = this.clock.nowMs() + ttlMs;
        return true;
      }),
    );
  }

  release(leases: readonly Lease[], owner: string): Promise<void> {
    return this.answer('release', () => {
      for (const { account, token } of leases) {
        const row = this.rows.get(account);
        if (row?.token === token && row.owner === owner) row.expiresMs = this.clock.nowMs();
      }
    });
  }

  holders(accounts: readonly string[]): Promise<readonly HolderRow[]> {
    return this.answer('holders', () =>
      accounts.flatMap((account) => {
        const row = this.rows.get(account);
        return row === undefined ? [] : [{ account, owner: row.owner, url: row.url, token: row.token, isAlive: this.isAlive(row) }];
      }),
    );
  }

  private isAlive(row: Row): boolean {
    return row.expiresMs > this.clock.nowMs();
  }

  private answer<T>(call: string, work: () => T): Promise<T> {
    this.calls.push(call);
    if (this.mode === 'down') return Promise.reject(new Error('the database does not answer'));
    const result = work();
    return this.mode === 'silent' ? new Promise(() => undefined) : Promise.resolve(result);
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
