import { decimalText, timeText } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import { isFinal } from '#libs/model';
import type { BookedFill } from '../application/order-reader.js';
import type { Preview } from '../application/preview-order.service.js';
import type { OrderState } from '../domain/index.js';
import type { OrderOut, fillOut, previewOut } from './order.schemas.js';
import type { z } from 'zod';

/** Decimals of the average price beyond the point; rounding: half up. */
const AVERAGE_PRICE_PLACES = 12;
const HALF_UP = 1;

/** An order as it goes out. */
export function orderResponse(state: OrderState): OrderOut {
  const { terms } = state;
  return {
    id: terms.id,
    account: terms.account,
    venue: terms.venue,
    symbol: terms.symbol,
    side: terms.side,
    type: terms.type,
    timeInForce: terms.timeInForce,
    quantity: textOrNull(state.quantity),
    quoteQuantity: textOrNull(terms.quoteQuantity),
    price: textOrNull(terms.price),
    stopPrice: textOrNull(terms.stopPrice),
    expiresAt: timeOrNull(terms.expiresAtMs),
    postOnly: terms.postOnly,
    reduceOnly: terms.reduceOnly,
    clientOrderId: terms.clientOrderId,
    venueOrderId: state.venueOrderId,
    status: state.status,
    filledQuantity: decimalText(state.filledQuantity),
    averagePrice: averagePrice(state),
    fees: feesOf(state),
    rejectReason: state.rejectReason,
    createdAt: timeText(terms.createdAtMs),
    sentAt: timeOrNull(state.sentAtMs),
    acknowledgedAt: timeOrNull(state.acknowledgedAtMs),
    updatedAt: timeText(state.updatedAtMs),
    version: state.version,
  };
}

/** The outcome is open: the client is told 202 and may ask again. */
export function isOpenOutcome(state: OrderState): boolean {
  return state.acknowledgedAtMs === null && !isFinal(state.status);
}

export function fillResponse(fill: BookedFill): z.output<typeof fillOut> {
  return {
    id: fill.id,
    orderId: fill.orderId,
    account: fill.account,
    venue: fill.venue,
    symbol: fill.symbol,
    side: fill.side,
    price: decimalText(fill.price),
    quantity: decimalText(fill.quantity),
    fee: fill.fee === null ? null : { asset: fill.fee.asset, amount: decimalText(fill.fee.amount) },
    liquidity: fill.liquidity,
    venueTradeId: fill.venueTradeId,
    venueOrderId: fill.venueOrderId,
    source: fill.source,
    venueTime: timeText(fill.venueTimeMs),
    bookedAt: timeText(fill.bookedAtMs),
  };
}

export function previewResponse(preview: Preview): z.output<typeof previewOut> {
  return {
    acceptable: preview.acceptable,
    account: preview.request.account,
    venue: preview.venue,
    symbol: preview.request.symbol,
    venueSymbol: preview.venueSymbol,
    findings: preview.findings.map((finding) => ({ ...finding, path: `/${finding.path}` })),
    notional: textOrNull(preview.notional),
    rounded: { quantity: textOrNull(preview.rounded.quantity), price: textOrNull(preview.rounded.price) },
  };
}

/** Quote per base over all fills, rounded half up at 12 decimals; `null` before the first fill. */
function averagePrice(state: OrderState): string | null {
  if (state.tradeIds.size === 1 && state.terms.price !== null && state.filledQuote.eq(state.filledQuantity.times(state.terms.price)))
    return state.terms.price.toFixed();
  if (state.filledQuantity.eq('0')) return null;
  return decimalText(state.filledQuote.div(state.filledQuantity).round(AVERAGE_PRICE_PLACES, HALF_UP));
}

function feesOf(state: OrderState): { asset: string; amount: string }[] {
  if (state.fees.size === 0) return [];
  return [...state.fees].map(([asset, amount]) => ({ asset, amount: decimalText(amount) }));
}

function textOrNull(value: Decimal | null): string | null {
  return value === null ? null : value.toFixed();
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : timeText(ms);
}
