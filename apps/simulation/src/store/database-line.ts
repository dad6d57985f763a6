import type { Scheduler } from '#libs/kernel';
import { StoreFault } from '#libs/orders';
import type { SeededRandom } from '../random/seeded-random.js';
import type { VirtualProcess } from '../time/virtual-process.js';

/** What can happen between a replica and the database. */
export const DATABASE_FAULTS = [
  'database-refused',
  'commit-unknown-done',
  'commit-unknown-lost',
  'serialization-failure',
  'pool-exhausted',
  'disk-full',
  'database-slow',
] as const;
export type DatabaseFault = (typeof DATABASE_FAULTS)[number];

/** The database as all replicas share it: up or down, and how often what goes wrong. */
export class DatabaseHealth {
  isDown = false;
  readonly struck = new Map<DatabaseFault | 'database-down', number>();
  private isHealed = false;

  constructor(
    private readonly random: SeededRandom,
    private readonly chances: Readonly<Partial<Record<DatabaseFault, number>>>,
  ) {}

  heal(): void {
    this.isHealed = true;
    this.isDown = false;
  }

  draw(isWrite: boolean): DatabaseFault | null {
    if (this.isHealed) return null;
    for (const kind of DATABASE_FAULTS) {
      if (!isWrite && kind.startsWith('commit-')) continue;
      if (!this.random.chance(this.chances[kind] ?? 0)) continue;
      this.count(kind);
      return kind;
    }
    return null;
  }

  count(kind: DatabaseFault | 'database-down'): void {
    this.struck.set(kind, (this.struck.get(kind) ?? 0) + 1);
  }
}

/** One replica's connection to the database: work happens there at one moment, and its answer may not come back. */
export class DatabaseLine {
  /** Cut off: nothing passes, and nobody is told before a time-out. */
  isCut = false;

  constructor(
    private readonly process: VirtualProcess,
    private readonly server: Scheduler,
    private readonly health: DatabaseHealth,
    private readonly random: SeededRandom,
  ) {}

  /** @throws StoreFault */
  call<T>(work: () => T, isWrite: boolean): Promise<T> {
    const { process, server, health, random } = this;
    // Whoever was killed in the middle of a step calls nobody any more.
    if (process.state === 'dead') return new Promise(() => undefined);
    const fault = health.draw(isWrite);
    return new Promise<T>((resolve, reject) => {
      const tell = (delayMs: number, say: () => void): void => void process.scheduler.after(delayMs, say);
      const fail = (failure: 'not-done' | 'unknown', delayMs: number): void => tell(delayMs, () => reject(new StoreFault(failure)));
      if (health.isDown) {
        health.count('database-down');
        return fail('not-done', 1);
      }
      if (this.isCut) return fail('unknown', STATEMENT_TIMEOUT_MS);
      if (fault === 'database-refused' || fault === 'serialization-failure' || fault === 'disk-full') return fail('not-done', 2);
      if (fault === 'pool-exhausted') return fail('not-done', 1_000);
      if (fault === 'commit-unknown-lost') return fail('unknown', random.between(1, STATEMENT_TIMEOUT_MS));
      const wayMs = 0.2 + random.next() * (fault === 'database-slow' ? 800 : 1.5);
      server.after(wayMs, () => {
        // It went down while the statement was on its way.
        if (health.isDown || this.isCut) return fail('unknown', 1);
        let settle: () => void;
        try {
          const result = work();
          settle = () => resolve(result);
        } catch (error) {
          settle = () => reject(error instanceof Error ? error : new Error('a transaction threw what is no error'));
        }
        if (fault === 'commit-unknown-done') return fail('unknown', random.between(1, STATEMENT_TIMEOUT_MS));
        tell(0.2 + random.next(), settle);
      });
    });
  }
}

const STATEMENT_TIMEOUT_MS = 2_000;
