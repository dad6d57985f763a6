import type { AccountName, OrderId } from '#libs/kernel';
import type { OrderStatus, VenueFill } from '#libs/model';
import type { OrderState, StoredEvent } from '../domain/index.js';

export interface OrderFilter {
  readonly accounts: readonly string[] | null;
  readonly symbol: string | null;
  readonly statuses: readonly OrderStatus[] | null;
  readonly clientOrderId: string | null;
  /** Older than this id: the list is newest first. */
  readonly before: OrderId | null;
  readonly limit: number;
}

export interface FillFilter {
  readonly accounts: readonly string[] | null;
  readonly symbol: string | null;
  readonly orderId: OrderId | null;
  readonly before: string | null;
  readonly limit: number;
}

/** A fill as it was booked. */
export interface BookedFill extends VenueFill {
  readonly id: string;
  readonly orderId: OrderId;
  readonly account: AccountName;
  readonly venue: string;
  readonly source: string;
  readonly bookedAtMs: number;
}

/** Reads what the journal holds. Callers that need the newest state flush the journal first. */
export abstract class OrderReader {
  /** The fold of an order's events; `null` where there is no such order. */
  abstract byId(id: OrderId): Promise<OrderState | null>;
  abstract byClientOrderId(account: string, clientOrderId: string): Promise<OrderState | null>;
  abstract byIdempotencyKey(account: string, key: string): Promise<OrderState | null>;
  /** Every order of the account that is not final or has a send that is not settled, folded. */
  abstract open(account: string): Promise<readonly OrderState[]>;
  /** Orders of the account that the venue has filled beyond their quantity, touched since then, folded. */
  abstract overfilled(account: string, sinceMs: number): Promise<readonly OrderState[]>;
  /** Ids of those that are open. */
  abstract openIds(account: string): Promise<readonly OrderId[]>;
  /** Ids of orders of the account, made since then, whose beginning the outbox has not been told of. */
  abstract unannounced(account: string, sinceMs: number): Promise<readonly OrderId[]>;
  abstract list(filter: OrderFilter): Promise<readonly OrderState[]>;
  abstract history(id: OrderId): Promise<readonly StoredEvent[]>;
  /** Which of these trades are booked, as `venueOrderId/venueTradeId`. */
  abstract bookedTrades(account: string, symbol: string, venueTradeIds: readonly string[]): Promise<ReadonlySet<string>>;
  abstract fills(filter: FillFilter): Promise<readonly BookedFill[]>;
}
