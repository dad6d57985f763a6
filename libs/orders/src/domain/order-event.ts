import type { Decimal } from '#libs/kernel';
import type { VenueFill } from '#libs/model';
import type { Attempt, ClosedStatus, IntentKind, OrderTerms, RejectReason } from './order.js';

/** Who told us: the answer to our own request, the private stream, or a query. */
export type ReportSource = 'answer' | 'stream' | 'query';

/**
 * Everything that can happen to an order. Stored for ever; the order's state is the fold of them.
 * Facts from the venue come as `reported`, holding only what was new in the message.
 */
export type OrderEvent =
  | { readonly type: 'submitted'; readonly terms: OrderTerms; readonly attempt: Attempt }
  /** Refused by us before anything was sent: a filter, a limit, something the venue lacks. */
  | { readonly type: 'refused-before-sending'; readonly terms: OrderTerms; readonly reason: RejectReason }
  | { readonly type: 'reported'; readonly source: ReportSource; readonly change: ReportedChange }
  | { readonly type: 'refused'; readonly source: ReportSource; readonly reason: RejectReason }
  /** Proven: no byte reached the venue. */
  | { readonly type: 'not-sent'; readonly reason: RejectReason }
  /** It may or may not have been done: only the venue's records tell. */
  | { readonly type: 'outcome-unknown'; readonly reason: RejectReason }
  /** A later permit than the first: for a cancel, an amend, or the order once more. */
  | { readonly type: 'permitted'; readonly intent: IntentKind; readonly attempt: Attempt }
  | { readonly type: 'cancel-requested'; readonly apiKeyId: string }
  | { readonly type: 'cancel-refused'; readonly reason: RejectReason }
  | { readonly type: 'cancel-unknown'; readonly reason: RejectReason }
  | { readonly type: 'amend-requested'; readonly apiKeyId: string; readonly quantity: Decimal }
  | { readonly type: 'amend-refused'; readonly reason: RejectReason }
  | { readonly type: 'amend-unknown'; readonly reason: RejectReason }
  /** The venue took fills back. */
  | { readonly type: 'voided'; readonly source: ReportSource; readonly fills: readonly VenueFill[]; readonly reason: string }
  /** Concluded from evidence, never from a count of failed polls. */
  | { readonly type: 'not-created'; readonly evidence: AbsenceEvidence }
  /** The venue acknowledged it once and has it no more, and no fill is missing. */
  | { readonly type: 'gone-at-venue'; readonly evidence: AbsenceEvidence };

export type OrderEventType = OrderEvent['type'];

/** What was new in a message from the venue; fields that brought nothing new are absent. */
export interface ReportedChange {
  readonly venueOrderId?: string;
  /** Set on the first message that shows the venue has the order. */
  readonly acknowledged?: true;
  readonly quantity?: Decimal;
  readonly fills?: readonly VenueFill[];
  /** Inferred fills that the fills of this message replace. */
  readonly replaced?: readonly VenueFill[];
  /** The venue says it is over. */
  readonly closed?: { readonly status: ClosedStatus; readonly filledQuantity: Decimal; readonly reason: string | null };
  readonly venueTimeMs?: number;
}

/** One look at the venue that did not show the order. */
export interface Negative {
  readonly family: 'by-id' | 'open-orders' | 'history' | 'fills';
  readonly atMs: number;
}

export interface AbsenceEvidence {
  /** Before this moment an absence proves nothing, ms. */
  readonly horizonMs: number;
  readonly negatives: readonly Negative[];
  /** `unexplained`: a balance had moved and nothing explained it even after the venue's trades were complete. */
  readonly balances: 'explained' | 'unexplained';
}

/** An event in its place in an order's history. */
export interface StoredEvent {
  readonly version: number;
  readonly atMs: number;
  readonly correlationId: string | null;
  readonly event: OrderEvent;
}
