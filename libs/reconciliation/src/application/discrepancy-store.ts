import type { JsonValue } from '#libs/audit';

export const DISCREPANCY_STATES = ['open', 'repaired', 'explained'] as const;
export type DiscrepancyState = (typeof DISCREPANCY_STATES)[number];

/** Something that does not agree with the venue. Two sightings of the same kind and subject are one discrepancy. */
export interface Sighting {
  readonly account: string;
  /** `order-not-listed`, `fills-missing`, `balance-drift`, `late-appearance`, … */
  readonly kind: string;
  /** What it is about: an order's id, an asset, a market. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, JsonValue>>;
}

export interface Discrepancy extends Sighting {
  readonly id: string;
  readonly state: DiscrepancyState;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
  readonly seenCount: number;
  readonly closedAtMs: number | null;
  /** What was done about it, or what explains it. */
  readonly repair: string | null;
}

export interface Closing {
  readonly state: 'repaired' | 'explained';
  readonly repair: string;
  readonly atMs: number;
}

export interface DiscrepancyFilter {
  readonly accounts: readonly string[] | null;
  readonly state: DiscrepancyState | null;
  readonly kind: string | null;
  /** Older than this id: the list is newest first. */
  readonly before: string | null;
  readonly limit: number;
}

/** What did not agree. At most one is open for each account, kind and subject. */
export abstract class DiscrepancyStore {
  /** Opens it, or notes that it was seen again. @returns it as it stands now. */
  abstract see(sighting: Sighting, atMs: number): Promise<Discrepancy>;
  /** Closes those of one kind that are open, by their subjects. @returns how many were. */
  abstract close(account: string, kind: string, subjects: readonly string[], closing: Closing): Promise<number>;
  abstract openOf(account: string): Promise<readonly Discrepancy[]>;
  /** How many are open, by kind, over all accounts. */
  abstract countOpen(): Promise<ReadonlyMap<string, number>>;
  abstract list(filter: DiscrepancyFilter): Promise<readonly Discrepancy[]>;
}
