import { decimalText, type Decimal } from '#libs/kernel';
import type { AmendCommand, CancelCommand, FillQuery, OrderReference, PlaceCommand } from '#libs/exchanges/contract';
import { venueOrderType, venueSide } from '../domain/order-terms.js';
import { notSent } from './errors.js';

/** What Binance offers on top of our words. */
export interface PlaceExtras {
  readonly selfTradePreventionMode?: string;
  readonly icebergQuantity?: Decimal;
  /** Trigger on the profit side (`TAKE_PROFIT…`) instead of the loss side. */
  readonly takeProfit?: boolean;
  /** Distance of a trailing stop, in hundredths of a per cent. */
  readonly trailingDelta?: number;
}

/**
 * The form of `POST /api/v3/order`, without time and signature. Built by hand: names are ours, values hold no character that
 * would need encoding, save the symbol. FULL is always asked for, so that the answer holds the fills.
 * @throws VenueError `unsupported-by-venue`, `invalid-request` (outcome `not-sent`).
 */
export function placeForm(command: PlaceCommand, venueSymbol: string, extras: PlaceExtras = {}): string {
  checkPlace(command, extras);
  const type = command.type;
  let form = `symbol=${encodeURIComponent(venueSymbol)}&side=${venueSide(command.side)}&type=${typeWord(command, extras)}`;
  if (command.quoteQuantity !== null) form += `&quoteOrderQty=${decimalText(command.quoteQuantity)}`;
  else form += `&quantity=${decimalText(command.quantity!)}`;
  if (type === 'limit' || type === 'stop-limit') {
    form += `&price=${decimalText(command.price!)}`;
    if (!command.postOnly) form += `&timeInForce=${command.timeInForce ?? 'GTC'}`;
  }
  if (command.stopPrice !== null) form += `&stopPrice=${decimalText(command.stopPrice)}`;
  if (extras.trailingDelta !== undefined) form += `&trailingDelta=${extras.trailingDelta}`;
  if (extras.icebergQuantity !== undefined) form += `&icebergQty=${decimalText(extras.icebergQuantity)}`;
  if (extras.selfTradePreventionMode !== undefined) {
    form += `&selfTradePreventionMode=${encodeURIComponent(extras.selfTradePreventionMode)}`;
  }
  return `${form}&newClientOrderId=${encodeURIComponent(command.venueClientId)}&newOrderRespType=FULL`;
}

function typeWord(command: PlaceCommand, extras: PlaceExtras): string {
  const word = venueOrderType(command.type, command.postOnly);
  return extras.takeProfit === true ? word.replace('STOP_LOSS', 'TAKE_PROFIT') : word;
}

/** What Binance would refuse anyway, or (worse) read in another way than it was meant. */
function checkPlace(command: PlaceCommand, extras: PlaceExtras): void {
  const stop = command.type === 'stop-limit' || command.type === 'stop-market';
  const limit = command.type === 'limit' || command.type === 'stop-limit';
  if (command.timeInForce === 'GTD') throw notSent('unsupported-by-venue', 'no orders that end at a date');
  if (command.postOnly && command.type !== 'limit') throw notSent('unsupported-by-venue', 'post-only is for limit orders');
  if (command.postOnly && command.timeInForce !== null && command.timeInForce !== 'GTC') {
    throw notSent('unsupported-by-venue', 'a post-only order stays until it is cancelled');
  }
  if ((command.quantity === null) === (command.quoteQuantity === null)) {
    throw notSent('invalid-request', 'exactly one of quantity and quote quantity');
  }
  if (command.quoteQuantity !== null && command.type !== 'market') {
    throw notSent('unsupported-by-venue', 'a quote quantity is for market orders');
  }
  if (limit !== (command.price !== null)) throw notSent('invalid-request', limit ? 'a price is needed' : 'a price is for limit orders');
  if (!stop && command.stopPrice !== null) throw notSent('invalid-request', 'a stop price is for stop orders');
  if (stop && command.stopPrice === null && extras.trailingDelta === undefined) throw notSent('invalid-request', 'a stop price is needed');
}

/** The query of `DELETE /api/v3/order`. By client id, which we chose and stored, joined by the venue's id where it is known. */
export function cancelQuery(command: Pick<CancelCommand, 'venueClientId' | 'venueOrderId'>, venueSymbol: string): string {
  const both = command.venueOrderId === null ? '' : `&orderId=${encodeURIComponent(command.venueOrderId)}`;
  return `symbol=${encodeURIComponent(venueSymbol)}${both}&origClientOrderId=${encodeURIComponent(command.venueClientId)}`;
}

/** The form of `PUT /api/v3/order/amend/keepPriority`. The order keeps its client id, or Binance would give it a random one. */
export function amendForm(command: AmendCommand, venueSymbol: string): string {
  return `${cancelQuery(command, venueSymbol)}&newClientOrderId=${encodeURIComponent(command.venueClientId)}&newQty=${decimalText(command.quantity)}`;
}

/** The query that names one order to `GET /api/v3/order`. The venue's id is exact; a client id may have been used before. */
export function orderQuery(reference: OrderReference, venueSymbol: string): string {
  if (reference.venueOrderId !== null)
    return `symbol=${encodeURIComponent(venueSymbol)}&orderId=${encodeURIComponent(reference.venueOrderId)}`;
  if (reference.venueClientId === null) throw notSent('invalid-request', 'an order is named by one of its ids');
  return `symbol=${encodeURIComponent(venueSymbol)}&origClientOrderId=${encodeURIComponent(reference.venueClientId)}`;
}

export type CancelReplaceMode = 'stop-on-failure' | 'allow-failure';

/** The form of `POST /api/v3/order/cancelReplace`. */
export function cancelReplaceForm(
  cancel: { readonly venueClientId: string; readonly venueOrderId: string | null },
  place: PlaceCommand,
  venueSymbol: string,
  mode: CancelReplaceMode,
  extras: PlaceExtras = {},
): string {
  const named = cancel.venueOrderId === null ? '' : `&cancelOrderId=${encodeURIComponent(cancel.venueOrderId)}`;
  const modeWord = mode === 'allow-failure' ? 'ALLOW_FAILURE' : 'STOP_ON_FAILURE';
  return `${placeForm(place, venueSymbol, extras)}&cancelReplaceMode=${modeWord}${named}&cancelOrigClientOrderId=${encodeURIComponent(cancel.venueClientId)}`;
}

/** Trades of a market: of one order, from a trade id, or since a time. */
export function tradesQuery(query: FillQuery, venueSymbol: string, limit: number): string {
  const text = `symbol=${encodeURIComponent(venueSymbol)}&limit=${limit}`;
  const order = query.venueOrderId == null ? '' : `&orderId=${encodeURIComponent(query.venueOrderId)}`;
  // Binance takes no time together with an id: the id wins, and the time is left to us.
  if (query.fromTradeId != null) return `${text}${order}&fromId=${encodeURIComponent(query.fromTradeId)}`;
  return query.sinceMs != null && order === '' ? `${text}&startTime=${Math.floor(query.sinceMs)}` : `${text}${order}`;
}
