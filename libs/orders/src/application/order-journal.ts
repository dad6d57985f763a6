import type { OrderId } from '#libs/kernel';
import type { VenueFill } from '#libs/model';
import type { OrderState, StoredEvent } from '../domain/index.js';

/** An order's beginning with its first permit: journaled before anything is sent. */
export interface Beginning {
  readonly state: OrderState;
  readonly stored: StoredEvent;
}

/** One later event with what follows from it. */
export interface Change {
  readonly stored: StoredEvent;
  readonly after: OrderState;
  /** Fills that this event booked for the first time. */
  readonly fills: readonly VenueFill[];
  readonly source: string;
}

/**
 * `taken`: the client order id or the idempotency key belongs to an earlier order. `fenced`: another replica holds the account by now.
 * `halted`: a kill switch holds it. In all three nothing was written.
 */
export type BeginOutcome = 'journaled' | 'taken' | 'fenced' | 'halted';

/** The journal may hold what was to be written, or not: the connection broke while it was committed. */
export class UnknownCommit extends Error {
  override readonly name = 'UnknownCommit';
}

/** The journal cannot take it now, and holds nothing of it. */
export class JournalUnavailable extends Error {
  override readonly name = 'JournalUnavailable';
}

/** Told of changes that were not written, since another replica had written to the same order first. */
export type ConflictListener = (orderId: OrderId, changes: readonly Change[]) => void;

/** Keeps what happens to orders, for ever. Port of the order engine to its database. */
export abstract class OrderJournal {
  /**
   * Writes order, first permit, event and audit row in one transaction, shared by all that wait. The permit is given only under the
   * account's newest fencing token and while no kill switch holds it; both are read inside the transaction.
   * Resolves when it is durable. @throws UnknownCommit @throws JournalUnavailable
   */
  abstract begin(beginning: Beginning): Promise<BeginOutcome>;
  /** Tells the outbox of an order's beginning: writes behind. */
  abstract announce(account: string, orderId: OrderId): void;
  /** Writes behind, in order: the venue can be asked again for what it said. Kept and repeated while the database is away. */
  abstract record(change: Change): void;
  /** As `record`, resolving when it is durable: for what must be journaled before something is done. @throws JournalUnavailable */
  abstract recordDurably(change: Change): Promise<void>;
  /**
   * As `recordDurably`, for a `permitted` event. @returns whether the permit was given: `false` where another replica holds the account, a
   * kill switch holds it (cancels pass), or an attempt of the same intent is open. @throws JournalUnavailable
   */
  abstract permit(change: Change): Promise<boolean>;
  /** Resolves when everything recorded so far is durable. @throws JournalUnavailable after `timeoutMs`. */
  abstract flushed(timeoutMs: number): Promise<void>;
  /** Events recorded and not yet durable. */
  abstract backlog(): number;
  /** Whether an order with this id was journaled. @throws JournalUnavailable when that cannot be found out now. */
  abstract holds(id: OrderId): Promise<boolean>;
  abstract onConflict(listener: ConflictListener): void;
  /** Told after each write that made events visible in the streams of these accounts. */
  abstract onWritten(listener: (accounts: readonly string[]) => void): void;
}
