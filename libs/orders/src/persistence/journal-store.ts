import type { AuditRow } from '#libs/audit';
import type { OrderId } from '#libs/kernel';
import type { VenueFill } from '#libs/model';
import type { Beginning, BeginOutcome, Change } from '../application/order-journal.js';

/** A change with everything its rows need, worked out once, so that writing it again writes the same. */
export interface RecordedChange {
  readonly kind: 'change';
  readonly change: Change;
  /** Names the event, and its audit row. */
  readonly eventId: string;
  readonly audit: AuditRow;
  readonly json: string;
  readonly fills: readonly FillRow[];
}

/** The beginning of an order, told to the outbox. */
export interface Announcement {
  readonly kind: 'announcement';
  readonly account: string;
  readonly orderId: OrderId;
}

export type JournalItem = RecordedChange | Announcement;

export interface FillRow {
  readonly id: string;
  readonly fill: VenueFill;
  readonly change: Change;
}

/** What a write found out: the permits that were given, as `orderId kind`. */
export interface Written {
  readonly granted: ReadonlySet<string>;
}

/** What the store holds of some orders: event ids by version, which beginnings were announced, hashes of open attempts by kind. */
export interface HeldOrder {
  readonly eventIds: ReadonlyMap<number, string>;
  readonly isAnnounced: boolean;
  readonly openAttempts: ReadonlyMap<string, string>;
}

/**
 * `duplicate`: something of it is there already, nothing was written. `refused`: the data is not acceptable, nothing was written, and
 * trying again is of no use. `not-done`: nothing was written, later it may be. `unknown`: it may have been written.
 */
export type StoreFailure = 'duplicate' | 'refused' | 'not-done' | 'unknown';

export class StoreFault extends Error {
  override readonly name = 'StoreFault';

  constructor(
    readonly failure: StoreFailure,
    options: { readonly cause?: unknown; readonly detail?: string } = {},
  ) {
    super(options.detail ?? failure, { cause: options.cause });
  }
}

/** Where the journal's rows go: each call is one transaction. In production Postgres; the simulation brings a store that loses what was not committed. */
export abstract class JournalStore {
  /** One outcome per item, in their order. @throws StoreFault */
  abstract begin(items: readonly Beginning[]): Promise<readonly BeginOutcome[]>;
  /** @throws StoreFault */
  abstract record(items: readonly JournalItem[]): Promise<Written>;
  /** @throws StoreFault */
  abstract held(orderIds: readonly OrderId[]): Promise<ReadonlyMap<OrderId, HeldOrder>>;
}

export function permitKey(orderId: string, intent: string): string {
  return `${orderId} ${intent}`;
}
