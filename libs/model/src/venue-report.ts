import type { Decimal } from '#libs/kernel';
import type { OrderType, Side, TimeInForce } from './order-terms.js';

/** What a venue says about one order, in our words. A fact, never a command. */
export interface VenueOrderReport {
  readonly symbol: string;
  readonly venueOrderId: string;
  /** The client id the order was placed with (never that of a cancel request). */
  readonly venueClientId: string;
  readonly status: VenueOrderStatus;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce | null;
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  /** Cumulative, base asset; `null` where this message does not say. */
  readonly filledQuantity: Decimal | null;
  /** Cumulative, quote asset. */
  readonly filledQuote: Decimal | null;
  readonly venueTimeMs: number | null;
  /** Why it expired or was refused, in the venue's words; `null` where it did not. */
  readonly reason: string | null;
  /** The fills that came in this same message; more may exist. */
  readonly fills: readonly VenueFill[];
}

export const VENUE_ORDER_STATUSES = ['pending-new', 'new', 'partially-filled', 'filled', 'canceled', 'expired', 'rejected'] as const;
export type VenueOrderStatus = (typeof VENUE_ORDER_STATUSES)[number];

/** One trade of ours at a venue. Unique by account, symbol, venue trade id and order. */
export interface VenueFill {
  readonly symbol: string;
  readonly venueTradeId: string;
  readonly venueOrderId: string;
  readonly side: Side;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Fee | null;
  readonly liquidity: 'maker' | 'taker' | null;
  readonly venueTimeMs: number;
  /** Not reported as a trade by the venue, but concluded from its totals: the real trades replace it when they come. */
  readonly inferred?: true;
}

export interface Fee {
  readonly asset: string;
  readonly amount: Decimal;
}

/** What an account holds of one asset: absolute, not a difference. */
export interface Balance {
  readonly asset: string;
  readonly free: Decimal;
  readonly locked: Decimal;
}
