import type { JsonValue } from '#libs/audit';

export type RunCause = 'start' | 'reconnect' | 'schedule' | 'demand' | 'daily';

/**
 * `agreed`: everything that could be compared is equal or explained. `waiting`: something cannot be judged yet. `differs`: something does not
 * agree and nothing explains it. `failed`: the venue or the database could not be asked.
 */
export type RunOutcome = 'agreed' | 'waiting' | 'differs' | 'failed';

export interface Run {
  readonly id: string;
  readonly account: string;
  readonly cause: RunCause;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly outcome: RunOutcome;
  /** What was looked at and found, and why something waits or failed. */
  readonly counts: Readonly<Record<string, JsonValue>>;
}

/** Runs that ended: written once. */
export abstract class RunStore {
  abstract add(run: Run): Promise<void>;
  /** Newest first. */
  abstract last(accounts: readonly string[] | null, limit: number): Promise<readonly Run[]>;
}
