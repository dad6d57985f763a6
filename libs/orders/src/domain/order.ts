import type { AccountName, Decimal, OrderId } from '#libs/kernel';
import type { OrderStatus, OrderType, Side, TimeInForce, VenueFill } from '#libs/model';

/** What the client asked for, checked and normalised. Never changes once journaled. */
export interface OrderTerms {
  readonly id: OrderId;
  readonly account: AccountName;
  readonly venue: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  /** `null` for market orders. */
  readonly timeInForce: TimeInForce | null;
  /** Base asset; `null` for a market order by quote quantity. */
  readonly quantity: Decimal | null;
  readonly quoteQuantity: Decimal | null;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly expiresAtMs: number | null;
  readonly clientOrderId: string | null;
  /** The `Idempotency-Key` header; `null` where the client order id serves, or nothing does. */
  readonly idempotencyKey: string | null;
  /** SHA-256 (hex) of the canonical body: the same key must come with the same fingerprint. */
  readonly fingerprint: string;
  /** The id the venue sees; stored, never worked out again. */
  readonly venueClientId: string;
  readonly apiKeyId: string;
  readonly correlationId: string | null;
  readonly createdAtMs: number;
  /** What to do once it is proven that the venue never created the order: `resubmit` sends it again under a new permit. */
  readonly onNotCreated: 'reject' | 'resubmit';
  /** Until when it may be sent again, ms; `null` where it may not. */
  readonly resubmitUntilMs: number | null;
}

/** One order as it stands: the fold of its events and nothing else. */
export interface OrderState {
  readonly terms: OrderTerms;
  readonly status: OrderStatus;
  /** Rises by one with each event. */
  readonly version: number;
  readonly venueOrderId: string | null;
  /** Total base quantity as it stands: an amend or the venue may lower it; `null` until a quote-quantity order is worked out. */
  readonly quantity: Decimal | null;
  readonly filledQuantity: Decimal;
  readonly filledQuote: Decimal;
  readonly fees: ReadonlyMap<string, Decimal>;
  /** Venue trade ids booked, voided ones among them, so that whatever brings a fill, it counts once. */
  readonly tradeIds: ReadonlySet<string>;
  /** Fills concluded from the venue's totals; they give way to the real ones. */
  readonly inferred: readonly VenueFill[];
  readonly rejectReason: RejectReason | null;
  /** The venue said the order is over, but not every fill is here yet: it ends when they are. */
  readonly closing: Closing | null;
  readonly cancelRequested: boolean;
  /** The total quantity an amend asked for and whose outcome is open. */
  readonly amendRequested: Decimal | null;
  /** The permitted send of each intent whose outcome is not known; `null` when there is none. */
  readonly openAttempt: Attempt | null;
  readonly cancelAttempt: Attempt | null;
  readonly amendAttempt: Attempt | null;
  /** How often the order itself has been permitted to be sent. */
  readonly attempts: number;
  readonly sentAtMs: number | null;
  readonly acknowledgedAtMs: number | null;
  readonly updatedAtMs: number;
}

/** What a client asked of the venue: each is journaled and permitted by itself. */
export type IntentKind = 'place' | 'cancel' | 'amend';

/** One permitted send: pinned, hashed, fenced, journaled before a byte leaves. */
export interface Attempt {
  readonly number: number;
  /** Fencing token of the account's lease under which it was permitted. */
  readonly fence: number;
  readonly timestampMs: number;
  readonly notAfterMs: number;
  /** How long after the permit the venue may still accept it, ms: measured on whichever clock does not jump. */
  readonly validForMs: number;
  readonly hash: string;
}

export interface RejectReason {
  readonly code: string;
  readonly message: string;
  readonly venueCode: string | null;
}

export type ClosedStatus = 'filled' | 'canceled' | 'expired';

export interface Closing {
  readonly status: ClosedStatus;
  /** What the venue says was filled in all. */
  readonly filledQuantity: Decimal;
  readonly reason: string | null;
}
