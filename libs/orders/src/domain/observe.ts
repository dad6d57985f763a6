import { ZERO } from '#libs/kernel';
import { isFinal } from '#libs/model';
import type { VenueFill, VenueOrderReport } from '#libs/model';
import type { Decimal } from '#libs/kernel';
import type { ClosedStatus, OrderState } from './order.js';
import type { OrderEvent, ReportedChange, ReportSource } from './order-event.js';

/** What has to be done because of what was seen; carried out by the shell, after the event is stored. */
export type Effect = 'fetch-fills' | 'send-cancel' | 'late-appearance' | 'settle';

export interface Observation {
  /** `null`: the message held nothing new. */
  readonly event: OrderEvent | null;
  readonly effects: readonly Effect[];
}

const NOTHING: Observation = { event: null, effects: [] };

/**
 * Reads one message of the venue about an order and keeps what is new in it.
 * The same message twice, or an older one after a newer one, brings nothing: any channel may tell anything in any order.
 */
export function observeReport(state: OrderState, report: VenueOrderReport, source: ReportSource): Observation {
  if (report.status === 'rejected') return observeRefusal(state, report, source);
  const fills = newFills(state, report.fills);
  const change: ReportedChange = {
    ...(state.venueOrderId === null ? { venueOrderId: report.venueOrderId } : {}),
    ...(state.acknowledgedAtMs === null ? { acknowledged: true as const } : {}),
    ...(quantityIsNew(state, report) ? { quantity: report.quantity } : {}),
    ...bookedBy(state, fills),
    ...closedBy(state, report, fills),
  };
  const isNew = Object.keys(change).length > 0;
  const event: OrderEvent | null = isNew
    ? { type: 'reported', source, change: report.venueTimeMs === null ? change : { ...change, venueTimeMs: report.venueTimeMs } }
    : null;
  return { event, effects: effectsOf(state, report, fills) };
}

/** Fills that came by themselves, from the venue's trade history. */
export function observeFills(state: OrderState, fills: readonly VenueFill[], source: ReportSource): Observation {
  const unseen = newFills(state, fills);
  if (unseen.length === 0) return NOTHING;
  const change: ReportedChange = {
    ...(state.venueOrderId === null ? { venueOrderId: unseen[0]!.venueOrderId } : {}),
    ...(state.acknowledgedAtMs === null ? { acknowledged: true as const } : {}),
    ...bookedBy(state, unseen),
  };
  return { event: { type: 'reported', source, change }, effects: appearanceEffects(state, false) };
}

/**
 * Fills that the venue's totals prove and its trade history does not show (it may be pruned, or lag for ever): one inferred fill for what
 * is missing, at the mean price of the rest. `null` where nothing is missing.
 */
export function inferFills(state: OrderState, report: VenueOrderReport): OrderEvent | null {
  const { closing, venueOrderId } = state;
  if (closing === null || venueOrderId === null) return null;
  const quantity = closing.filledQuantity.minus(state.filledQuantity);
  if (quantity.lte(ZERO)) return null;
  const quote = report.filledQuote?.minus(state.filledQuote) ?? null;
  const price = quote !== null && quote.gt(ZERO) ? quote.div(quantity) : (report.price ?? state.terms.price);
  if (price === null || price.lte(ZERO)) return null;
  const fill = inferredFill(state, quantity, price, report.venueTimeMs ?? state.updatedAtMs);
  return { type: 'reported', source: 'query', change: { fills: [fill] } };
}

/** The venue says that a trade was no trade. Only what is booked and not voided yet can be voided. */
export function observeVoid(state: OrderState, fill: VenueFill, reason: string): OrderEvent | null {
  if (!state.tradeIds.has(fill.venueTradeId) || state.filledQuantity.lt(fill.quantity)) return null;
  return { type: 'voided', source: 'stream', fills: [fill], reason };
}

function inferredFill(state: OrderState, quantity: Decimal, price: Decimal, venueTimeMs: number): VenueFill {
  return {
    symbol: state.terms.symbol,
    venueTradeId: `inferred-${state.version + 1}`,
    venueOrderId: state.venueOrderId ?? '',
    side: state.terms.side,
    price,
    quantity,
    fee: null,
    liquidity: null,
    venueTimeMs,
    inferred: true,
  };
}

/** Real fills take the place of inferred ones; what they do not cover yet stays inferred, so that the total never dips. */
function bookedBy(state: OrderState, fills: readonly VenueFill[]): Pick<ReportedChange, 'fills' | 'replaced'> {
  if (fills.length === 0) return {};
  if (state.inferred.length === 0) return { fills };
  const inferred = state.inferred.reduce((total, fill) => total.plus(fill.quantity), ZERO);
  const real = fills.reduce((total, fill) => total.plus(fill.quantity), ZERO);
  const rest = inferred.minus(real);
  if (rest.lte(ZERO)) return { fills, replaced: state.inferred };
  const { price, venueTimeMs } = state.inferred[0]!;
  return { fills: [...fills, inferredFill(state, rest, price, venueTimeMs)], replaced: state.inferred };
}

function observeRefusal(state: OrderState, report: VenueOrderReport, source: ReportSource): Observation {
  if (isFinal(state.status)) return NOTHING;
  const reason = { code: 'rejected-by-venue', message: 'the venue rejected the order', venueCode: report.reason };
  return { event: { type: 'refused', source, reason }, effects: [] };
}

function newFills(state: OrderState, told: readonly VenueFill[]): readonly VenueFill[] {
  // Before its markets are loaded, an adapter knows the venue's name of them only: the order knows ours.
  const fills = told.map((fill) => (fill.symbol === state.terms.symbol ? fill : { ...fill, symbol: state.terms.symbol }));
  return fills.filter(
    (fill, index) => !state.tradeIds.has(fill.venueTradeId) && fills.findIndex((f) => f.venueTradeId === fill.venueTradeId) === index,
  );
}

/** A quantity moves downwards only (amends, self-trade prevention), or becomes known for the first time. */
function quantityIsNew(state: OrderState, report: VenueOrderReport): boolean {
  if (report.quantity.lte(ZERO)) return false;
  return state.quantity === null || report.quantity.lt(state.quantity);
}

function closedBy(state: OrderState, report: VenueOrderReport, fills: readonly VenueFill[]): Pick<ReportedChange, 'closed'> {
  if (!isClosed(report.status) || isFinal(state.status) || state.closing !== null) return {};
  const booked = fills.reduce((total, fill) => total.plus(fill.quantity), state.filledQuantity);
  const said = report.filledQuantity ?? (report.status === 'filled' ? report.quantity : booked);
  return { closed: { status: closedStatus(state, report.status), filledQuantity: said, reason: report.reason } };
}

/** The unfilled rest of an order that was not meant to rest is canceled, whatever the venue calls it. */
function closedStatus(state: OrderState, status: ClosedStatus): ClosedStatus {
  const { type, timeInForce } = state.terms;
  const neverRests = type === 'market' || timeInForce === 'IOC' || timeInForce === 'FOK';
  return status === 'expired' && neverRests ? 'canceled' : status;
}

function isClosed(status: VenueOrderReport['status']): status is ClosedStatus {
  return status === 'filled' || status === 'canceled' || status === 'expired';
}

function effectsOf(state: OrderState, report: VenueOrderReport, fills: readonly VenueFill[]): readonly Effect[] {
  const effects: Effect[] = [];
  const booked = fills.reduce((total, fill) => total.plus(fill.quantity), state.filledQuantity);
  if (report.filledQuantity !== null && report.filledQuantity.gt(booked)) effects.push('fetch-fills');
  return [...effects, ...appearanceEffects(state, isClosed(report.status))];
}

/**
 * The first sight of an order. One that was held as never created is an incident, and is not wanted any more; and a cancel that was asked
 * for while nobody knew whether the order exists is carried out now that it does.
 */
function appearanceEffects(state: OrderState, isOver: boolean): readonly Effect[] {
  if (state.acknowledgedAtMs !== null) return [];
  const late = state.status === 'rejected';
  const effects: Effect[] = late ? ['late-appearance'] : [];
  if (!isOver && (late || state.cancelRequested)) effects.push('send-cancel');
  return effects;
}
