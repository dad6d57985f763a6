import { ZERO, invariant, never } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import type { OrderStatus, VenueFill } from '#libs/model';
import { isFinal } from '#libs/model';
import type { Attempt, Closing, IntentKind, OrderState, OrderTerms, RejectReason } from './order.js';
import type { OrderEvent, ReportedChange, StoredEvent } from './order-event.js';

/**
 * The state after one more event. Total: every pair of state and event has a meaning, since events are facts already.
 * @throws {InvariantViolation} when the first event does not begin an order, or the version is not the next.
 */
export function fold(state: OrderState | null, stored: StoredEvent): OrderState {
  const { event, atMs, version } = stored;
  if (state === null) return begin(event, atMs, version);
  invariant(version === state.version + 1, 'event version = order version + 1');
  const next = { ...state, version, updatedAtMs: Math.max(atMs, state.updatedAtMs) };
  switch (event.type) {
    case 'submitted':
    case 'refused-before-sending':
      return invariantBegins();
    case 'reported':
      return withReport(next, event.change, atMs);
    case 'refused':
      return isFinal(state.status) ? next : rejected(next, event.reason);
    case 'not-sent':
      return isFinal(state.status) ? next : { ...rejected(next, event.reason), sentAtMs: null };
    case 'outcome-unknown':
      // The stream may have spoken first; then the lost answer changes nothing.
      return state.status === 'pending-new' ? { ...next, status: 'unknown' } : next;
    case 'permitted':
      return isFinal(state.status) ? next : permitted(next, event.intent, event.attempt, atMs);
    case 'cancel-requested':
      return withStatus({ ...next, cancelRequested: true });
    case 'cancel-refused':
      return withStatus({ ...next, cancelRequested: false, cancelAttempt: null });
    case 'cancel-unknown':
    case 'amend-unknown':
      return next;
    case 'amend-requested':
      return { ...next, amendRequested: event.quantity };
    case 'amend-refused':
      return { ...next, amendRequested: null, amendAttempt: null };
    case 'voided':
      return withoutFills(next, event.fills);
    case 'not-created':
      return isFinal(state.status) ? next : notCreated(next, atMs);
    case 'gone-at-venue':
      return isFinal(state.status) ? next : { ...next, ...NOTHING_OPEN, status: 'expired', rejectReason: GONE };
    default:
      return never(event);
  }
}

/** @throws {InvariantViolation} for an empty history. */
export function foldAll(history: readonly StoredEvent[]): OrderState {
  let state: OrderState | null = null;
  for (const stored of history) state = fold(state, stored);
  invariant(state !== null, 'an order has at least one event');
  return state;
}

const NOT_CREATED: RejectReason = {
  code: 'not-created',
  message: 'the venue never created this order: proven by its own records',
  venueCode: null,
};
const GONE: RejectReason = {
  code: 'gone-at-venue',
  message: 'the venue acknowledged this order once and has no record of it now',
  venueCode: null,
};

function invariantBegins(): never {
  invariant(false, 'an order begins once');
}

function begin(event: OrderEvent, atMs: number, version: number): OrderState {
  invariant(version === 1, 'the first event has version 1');
  if (event.type === 'submitted') {
    return { ...blank(event.terms, atMs), status: 'pending-new', openAttempt: event.attempt, attempts: 1, sentAtMs: atMs };
  }
  invariant(event.type === 'refused-before-sending', 'an order begins with its terms');
  return { ...blank(event.terms, atMs), status: 'rejected', rejectReason: event.reason };
}

function blank(terms: OrderTerms, atMs: number): OrderState {
  return {
    terms,
    status: 'pending-new',
    version: 1,
    venueOrderId: null,
    quantity: terms.quantity,
    filledQuantity: ZERO,
    filledQuote: ZERO,
    fees: NO_FEES,
    tradeIds: NO_TRADES,
    inferred: [],
    rejectReason: null,
    closing: null,
    cancelRequested: false,
    amendRequested: null,
    ...NOTHING_OPEN,
    attempts: 0,
    sentAtMs: null,
    acknowledgedAtMs: null,
    updatedAtMs: atMs,
  };
}

const NOTHING_OPEN = { openAttempt: null, cancelAttempt: null, amendAttempt: null } as const;
const NO_FEES: ReadonlyMap<string, Decimal> = new Map();
const NO_TRADES: ReadonlySet<string> = new Set();

function rejected(state: OrderState, reason: RejectReason): OrderState {
  return { ...state, ...NOTHING_OPEN, status: 'rejected', rejectReason: reason, cancelRequested: false, amendRequested: null };
}

function permitted(state: OrderState, intent: IntentKind, attempt: Attempt, atMs: number): OrderState {
  if (intent === 'cancel') return { ...state, cancelAttempt: attempt };
  if (intent === 'amend') return { ...state, amendAttempt: attempt };
  return { ...state, status: 'pending-new', openAttempt: attempt, attempts: attempt.number, sentAtMs: state.sentAtMs ?? atMs };
}

/** Proven absent: over, unless the client wished for it to be sent again and still does. */
function notCreated(state: OrderState, atMs: number): OrderState {
  if (!mayResubmit(state, atMs)) return rejected(state, NOT_CREATED);
  return { ...state, status: 'pending-new', openAttempt: null };
}

/** The client asked for another send, not for a cancel since, and its time is not over. */
export function mayResubmit(state: OrderState, nowMs: number): boolean {
  const { onNotCreated, resubmitUntilMs } = state.terms;
  return onNotCreated === 'resubmit' && resubmitUntilMs !== null && nowMs < resubmitUntilMs && !state.cancelRequested;
}

function withReport(state: OrderState, change: ReportedChange, atMs: number): OrderState {
  let next: OrderState = { ...state, openAttempt: null };
  // The venue's own word that it has the order outranks whatever we had concluded. Said once; after that, an end is an end.
  if (change.acknowledged && state.status === 'rejected') next = { ...next, status: 'unknown' };
  if (change.venueOrderId !== undefined) next = { ...next, venueOrderId: change.venueOrderId };
  if (change.acknowledged) next = { ...next, acknowledgedAtMs: next.acknowledgedAtMs ?? atMs, rejectReason: null };
  if (change.quantity !== undefined) next = withQuantity(next, change.quantity);
  if (change.replaced !== undefined) next = withoutFills(next, change.replaced);
  if (change.fills !== undefined) next = withFills(next, change.fills);
  if (change.closed !== undefined) next = { ...next, closing: change.closed };
  return withStatus(next);
}

function withQuantity(state: OrderState, quantity: Decimal): OrderState {
  const answered = state.amendRequested !== null && quantity.lte(state.amendRequested);
  if (!answered) return { ...state, quantity };
  return { ...state, quantity, amendRequested: null, amendAttempt: null };
}

/** Books fills: facts, whatever state the order is in. A trade id that is here already changes nothing. */
function withFills(state: OrderState, fills: readonly VenueFill[]): OrderState {
  const tradeIds = new Set(state.tradeIds);
  const fees = new Map(state.fees);
  let { filledQuantity, filledQuote } = state;
  for (const fill of fills) {
    if (tradeIds.has(fill.venueTradeId)) continue;
    tradeIds.add(fill.venueTradeId);
    filledQuantity = filledQuantity.plus(fill.quantity);
    filledQuote = filledQuote.plus(fill.quantity.times(fill.price));
    if (fill.fee !== null) fees.set(fill.fee.asset, (fees.get(fill.fee.asset) ?? ZERO).plus(fill.fee.amount));
  }
  const inferred = fills.filter((fill) => fill.inferred === true);
  return { ...state, tradeIds, fees, filledQuantity, filledQuote, inferred: [...state.inferred, ...inferred] };
}

/** Takes back what was booked, for an explicit reason only. The trade ids stay: what was voided never comes back by itself. */
function withoutFills(state: OrderState, fills: readonly VenueFill[]): OrderState {
  const fees = new Map(state.fees);
  let { filledQuantity, filledQuote } = state;
  for (const fill of fills) {
    filledQuantity = filledQuantity.minus(fill.quantity);
    filledQuote = filledQuote.minus(fill.quantity.times(fill.price));
    if (fill.fee !== null) fees.set(fill.fee.asset, (fees.get(fill.fee.asset) ?? ZERO).minus(fill.fee.amount));
  }
  const gone = new Set(fills.map((fill) => fill.venueTradeId));
  return { ...state, fees, filledQuantity, filledQuote, inferred: state.inferred.filter((fill) => !gone.has(fill.venueTradeId)) };
}

/** The status that follows from what is known. A final status only ever gives way to more fills. */
function withStatus(state: OrderState): OrderState {
  const status = statusOf(state);
  if (!isFinal(status)) return status === state.status ? state : { ...state, status };
  const rejectReason = status === 'expired' && state.closing?.reason ? expiredBy(state.closing.reason) : state.rejectReason;
  return { ...state, ...NOTHING_OPEN, status, closing: null, cancelRequested: false, amendRequested: null, rejectReason };
}

function statusOf(state: OrderState): OrderStatus {
  const full = state.quantity !== null && state.filledQuantity.gte(state.quantity) && state.filledQuantity.gt(ZERO);
  if (full) return 'filled';
  if (isFinal(state.status)) return state.status;
  const { closing } = state;
  if (closing !== null && allFillsAreHere(state, closing)) return closing.status;
  if (state.acknowledgedAtMs === null) return state.status;
  if (state.cancelRequested) return 'pending-cancel';
  return state.filledQuantity.gt(ZERO) ? 'partially-filled' : 'new';
}

function allFillsAreHere(state: OrderState, closing: Closing): boolean {
  return state.filledQuantity.gte(closing.filledQuantity);
}

function expiredBy(reason: string): RejectReason {
  return { code: 'expired', message: `the venue ended the order: ${reason}`, venueCode: reason };
}
