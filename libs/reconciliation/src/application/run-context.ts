import type { JsonValue } from '#libs/audit';
import type { RunCause } from './run-store.js';
import type { VenueDoor } from './venue-doors.js';

/** What one run looks at and has found so far. */
export interface RunContext {
  readonly door: VenueDoor;
  readonly cause: RunCause;
  readonly startedAtMs: number;
  /** Everything, or only one loop's part. */
  readonly scope: RunScope;
  readonly counts: Record<string, JsonValue>;
  /** Why it cannot be said yet that all agrees. */
  readonly waiting: Set<string>;
  /** What does not agree and has no explanation. */
  readonly differs: Set<string>;
  /** Markets in which the venue has shown fills that are not booked here. */
  readonly dirtySymbols: Set<string>;
  /** Markets in which something stands, and which cannot be read: the venue's own names of them. */
  readonly unreadable: Set<string>;
  /** Whether the account is still ours, without a break since the run began. */
  readonly isHeld: () => boolean;
}

/** `both`: what the two loops look at. `all`: also quiet markets, and orders that have ended lately. */
export type RunScope = 'orders' | 'balances' | 'both' | 'all';

/** The account went to another replica: what is known here of its orders is not enough to conclude anything. */
export class AccountLost extends Error {
  override readonly name = 'AccountLost';
}

/** @throws AccountLost */
export function assertHeld({ isHeld, door }: Pick<RunContext, 'isHeld' | 'door'>): void {
  if (!isHeld()) throw new AccountLost(`account ${door.name} is not held here any more`);
}

/** Adds to a number among the counts. */
export function count(context: Pick<RunContext, 'counts'>, name: string, by = 1): void {
  const before = context.counts[name];
  context.counts[name] = (typeof before === 'number' ? before : 0) + by;
}
