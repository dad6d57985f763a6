import type { OrderState } from '../domain/index.js';
import type { BookedFill } from './order-reader.js';

/** The last numbers given in an account's two streams; 0 where nothing happened yet. */
export interface StreamHeads {
  readonly orders: number;
  readonly fills: number;
}

/** One order event in its place in the account's stream, with the order as it stood after it. */
export interface OrderUpdate {
  readonly seq: number;
  /** When the event was recorded, ms. */
  readonly atMs: number;
  readonly state: OrderState;
}

/** One booked fill in its place in the account's stream. */
export interface FillUpdate {
  readonly seq: number;
  /** When it was booked, ms. */
  readonly atMs: number;
  readonly fill: BookedFill;
}

/** The orders that can still trade, exactly as they stood after the event with number `seq`. */
export interface OpenOrders {
  readonly seq: number;
  readonly states: readonly OrderState[];
}

/**
 * Reads what happened in an account in the order in which clients are told: numbered from 1, without gaps, the same on every replica
 * and after every restart. What was read once never changes. Throws what the database throws.
 */
export abstract class OrderFeed {
  abstract heads(account: string): Promise<StreamHeads>;
  /** Events with numbers above `seq`, at most `limit`. */
  abstract ordersAfter(account: string, seq: number, limit: number): Promise<readonly OrderUpdate[]>;
  /** Fills with numbers above `seq`, at most `limit`. */
  abstract fillsAfter(account: string, seq: number, limit: number): Promise<readonly FillUpdate[]>;
  /** A consistent picture: what follows it is `ordersAfter(account, seq)`. Oldest order first. */
  abstract openOrders(account: string): Promise<OpenOrders>;
}
