import type { OrderId } from '#libs/kernel';
import type { VenueFill } from '#libs/model';
import type { OrderState, StoredEvent } from '../domain/index.js';

/** An order's beginning: journaled before anything is sent. */
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

/** `taken`: the client order id or the idempotency key belongs to an earlier order; nothing was written. */
export type BeginOutcome = 'journaled' | 'taken';

/** The journal may hold what was to be written, or not: the connection broke while it was committed. */
export class UnknownCommit extends Error {
  override readonly name = 'UnknownCommit';
}

/** The journal cannot take it now, and holds nothing of it. */
export class JournalUnavailable extends Error {
  override readonly name = 'JournalUnavailable';
}

/** Keeps what happens to orders, for ever. Port of the order engine to its database. */
export abstract class OrderJournal {
  /**
   * Writes order, first attempt, event and audit row in one transaction, shared by all that wait.
   * Resolves when it is durable. @throws UnknownCommit @throws JournalUnavailable
   */
  abstract begin(beginning: Beginning): Promise<BeginOutcome>;
  /** Writes behind, in order: the venue can be asked again for what it said. Kept and repeated while the database is away. */
  abstract record(change: Change): void;
  /** As `record`, resolving when it is durable: for our own commands, which must be journaled before they are sent. */
  abstract recordDurably(change: Change): Promise<void>;
  /** Resolves when everything recorded so far is durable. @throws JournalUnavailable after `timeoutMs`. */
  abstract flushed(timeoutMs: number): Promise<void>;
  /** Events recorded and not yet durable. */
  abstract backlog(): number;
  /** Whether an order with this id was journaled. @throws JournalUnavailable when that cannot be found out now. */
  abstract holds(id: OrderId): Promise<boolean>;
}
