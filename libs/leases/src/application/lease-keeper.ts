import type { Clock, Scheduler } from '#libs/kernel';
import { LeaseBook } from '../domain/lease-book.js';
import { AccountLeases } from './account-leases.js';
import type { Lease, LeaseHolder, LeaseListener } from './account-leases.js';
import type { LeaseLog } from './lease-log.js';
import type { LeaseStore } from './lease-store.js';

export interface LeaseOptions {
  /** This replica: unique among all that run at the same time. */
  readonly owner: string;
  /** Where other replicas reach us; asked when a lease is taken, since the port is known only then. */
  readonly ownerUrl: () => string | null;
  readonly ttlMs: number;
  readonly renewEveryMs: number;
  /** So long before its end by the database's clock, a lease no longer counts as ours. */
  readonly stopBeforeEndMs: number;
  /** How often accounts that others hold are looked at. */
  readonly pollMs: number;
}

export const LEASE_DEFAULTS = { ttlMs: 10_000, renewEveryMs: 3_000, stopBeforeEndMs: 2_000, pollMs: 1_000 } as const;

export interface LeasePorts {
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: LeaseLog;
}

/**
 * Takes, renews and loses leases. What counts as ours is computed from the monotonic clock at every question: after a pause the first
 * question is answered with no, before any timer has had its turn.
 */
export class LeaseKeeper extends AccountLeases {
  private readonly book: LeaseBook;
  private readonly wanted = new Map<string, string>();
  private readonly others = new Map<string, LeaseHolder>();
  private readonly listeners: LeaseListener[] = [];
  private readonly planned = new Map<'seek' | 'renew' | 'end', () => void>();
  private seeking: Promise<unknown> | null = null;
  private seekAgain = false;
  private closed = false;

  constructor(
    private readonly ports: LeasePorts,
    private readonly options: LeaseOptions,
  ) {
    super();
    this.book = new LeaseBook(options.ttlMs - options.stopBeforeEndMs);
  }

  current(account: string): Lease | null {
    const lease = this.book.current(account, this.ports.clock.monotonicMs());
    if (lease === null) this.tellEnded();
    return lease;
  }

  holder(account: string): LeaseHolder | null {
    if (this.current(account) !== null) return { owner: this.options.owner, url: this.options.ownerUrl(), isOurs: true };
    return this.others.get(account) ?? null;
  }

  want(account: string, venue: string): void {
    if (this.closed || this.wanted.has(account)) return;
    this.wanted.set(account, venue);
    this.plan('seek', 0, () => void this.seek());
  }

  onChange(listener: LeaseListener): void {
    this.listeners.push(listener);
  }

  async releaseAll(): Promise<void> {
    this.closed = true;
    this.wanted.clear();
    for (const cancel of this.planned.values()) cancel();
    this.planned.clear();
    const leases = this.book.all();
    for (const lease of leases) this.lose(lease, 'given back');
    // What is being taken at this moment is given back by whoever takes it.
    await Promise.all([
      this.giveBack(leases),
      this.atMost(this.options.stopBeforeEndMs, 'a lease may still be taken', async () => this.seeking),
    ]);
  }

  /** Looks who holds what we want, and takes what is free. */
  private async seek(): Promise<void> {
    if (this.seeking !== null) {
      this.seekAgain = true;
      return;
    }
    this.seekAgain = false;
    this.seeking = this.atMost(this.options.ttlMs, 'leases cannot be taken now', () => this.takeFree());
    await this.seeking;
    this.seeking = null;
    if (this.seekAgain) return this.seek();
    if (!this.closed) this.plan('seek', this.options.pollMs, () => void this.seek());
  }

  private async takeFree(): Promise<void> {
    const { store, clock } = this.ports;
    const { owner, ttlMs } = this.options;
    const missing = [...this.wanted.keys()].filter((account) => this.current(account) === null);
    if (missing.length === 0) return;
    const rows = await store.holders(missing);
    const taken = new Map(rows.filter((row) => row.isAlive && row.owner !== owner).map((row) => [row.account, row]));
    for (const account of missing) {
      const row = taken.get(account);
      if (row === undefined) this.others.delete(account);
      else this.others.set(account, { owner: row.owner, url: row.url, isOurs: false });
    }
    const free = missing.filter((account) => !taken.has(account));
    if (free.length === 0 || this.closed) return;
    const sentMs = clock.monotonicMs();
    const requests = free.map((account) => ({ account, venue: this.wanted.get(account)! }));
    const granted = await store.acquire(requests, owner, this.options.ownerUrl(), ttlMs);
    // Nobody wants them any more: the next replica need not wait until they run out.
    if (this.closed) return this.giveBack(granted);
    for (const lease of granted) this.enter(lease, sentMs);
    this.planNext();
  }

  private enter(lease: Lease, sentMs: number): void {
    const nowMs = this.ports.clock.monotonicMs();
    const earlier = this.book.current(lease.account, nowMs);
    if (!this.book.grant(lease, sentMs, nowMs)) return;
    this.others.delete(lease.account);
    if (earlier !== null) this.tell(lease.account, 'lost');
    this.ports.log.info('account lease taken', { account: lease.account, token: lease.token });
    this.tell(lease.account, 'gained');
  }

  private async renew(): Promise<void> {
    const { renewEveryMs, pollMs } = this.options;
    this.tellEnded();
    const leases = this.book.all();
    if (leases.length === 0) return;
    const sentMs = this.ports.clock.monotonicMs();
    // An answer that does not come is not waited for: the next statement may get one.
    const answered = await this.atMost(renewEveryMs, 'leases cannot be renewed now', () => this.extend(leases, sentMs));
    if (this.closed) return;
    const spentMs = this.ports.clock.monotonicMs() - sentMs;
    this.plan('renew', Math.max(0, (answered ? renewEveryMs : Math.min(pollMs, renewEveryMs)) - spentMs), () => void this.renew());
    this.planEnd();
  }

  private async extend(leases: readonly Lease[], sentMs: number): Promise<void> {
    const renewed = await this.ports.store.renew(leases, this.options.owner, this.options.ttlMs);
    const tokens = new Map(renewed.map(({ account, token }) => [account, token]));
    for (const lease of leases) {
      if (tokens.get(lease.account) === lease.token) this.book.extend(lease, sentMs);
      else this.lose(lease, 'another replica has it');
    }
  }

  /** Whoever asks too late, or a timer, finds what has ended by our own clock. */
  private tellEnded(): void {
    for (const lease of this.book.takeEnded(this.ports.clock.monotonicMs())) this.lost(lease, 'it ran out');
  }

  private lose(lease: Lease, reason: string): void {
    if (this.book.drop(lease)) this.lost(lease, reason);
  }

  private lost({ account, token }: Lease, reason: string): void {
    this.ports.log.warn('account lease lost', { account, token, reason });
    this.tell(account, 'lost');
    if (!this.closed) this.plan('seek', 0, () => void this.seek());
  }

  private tell(account: string, change: 'gained' | 'lost'): void {
    for (const listener of this.listeners) {
      try {
        listener(account, change);
      } catch (error) {
        this.ports.log.warn('a listener to leases failed', { account, change, error: reasonOf(error) });
      }
    }
  }

  private async giveBack(leases: readonly Lease[]): Promise<void> {
    if (leases.length === 0) return;
    await this.atMost(this.options.stopBeforeEndMs, 'leases cannot be given back and run out by themselves', () =>
      this.ports.store.release(leases, this.options.owner),
    );
  }

  private planNext(): void {
    if (this.book.nextEndMs() === null) return;
    if (!this.planned.has('renew')) this.plan('renew', this.options.renewEveryMs, () => void this.renew());
    this.planEnd();
  }

  private planEnd(): void {
    const endMs = this.book.nextEndMs();
    if (endMs === null) return;
    this.plan('end', Math.max(0, endMs - this.ports.clock.monotonicMs()), () => {
      this.tellEnded();
      this.planEnd();
    });
  }

  private plan(name: 'seek' | 'renew' | 'end', delayMs: number, task: () => void): void {
    this.planned.get(name)?.();
    this.planned.set(
      name,
      this.ports.scheduler.after(delayMs, () => {
        this.planned.delete(name);
        task();
      }),
    );
  }

  /** @returns true where the work was done within the time. */
  private atMost(ms: number, failure: string, work: () => Promise<unknown>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.ports.scheduler.after(ms, () => {
        this.ports.log.warn(failure, { error: `no answer within ${ms} ms` });
        resolve(false);
      });
      work().then(
        () => {
          cancel();
          resolve(true);
        },
        (error: unknown) => {
          cancel();
          this.ports.log.warn(failure, { error: reasonOf(error) });
          resolve(false);
        },
      );
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
