import type { Lease } from './account-leases.js';

export interface LeaseRequest {
  readonly account: string;
  readonly venue: string;
}

/** Who holds an account by the database's clock. */
export interface HolderRow {
  readonly account: string;
  readonly owner: string;
  readonly url: string | null;
  readonly token: number;
  /** False where the lease has run out or was given back: anybody may take it. */
  readonly isAlive: boolean;
}

/** Where the replicas agree on who holds what. Every expiry is judged by the store's own clock. */
export abstract class LeaseStore {
  /**
   * Takes each account that is free, given back, run out, or still ours from before: its token rises by one, and from the same moment on
   * the account's gate lets no permit of an earlier token through. Waits for permits under way.
   * @returns what was taken. @throws when the store does not answer or is held up: whatever was taken meanwhile may be taken again.
   */
  abstract acquire(requests: readonly LeaseRequest[], owner: string, url: string | null, ttlMs: number): Promise<readonly Lease[]>;
  /** Lets leases that are still alive run for another `ttlMs`, all in one statement. @returns those that were. */
  abstract renew(leases: readonly Lease[], owner: string, ttlMs: number): Promise<readonly Lease[]>;
  /** Ends leases now. */
  abstract release(leases: readonly Lease[], owner: string): Promise<void>;
  /** Who holds these accounts; nothing for those that nobody ever held. */
  abstract holders(accounts: readonly string[]): Promise<readonly HolderRow[]>;
}
