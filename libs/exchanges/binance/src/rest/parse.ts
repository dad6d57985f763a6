import { ZERO, type Decimal } from '#libs/kernel';
import type { Balance, VenueFill, VenueOrderReport } from '#libs/model';
import { orderStatus } from '../domain/order-status-map.js';
import { orderType, side, timeInForce } from '../domain/order-terms.js';
import {
  amount,
  boolean,
  id,
  list,
  object,
  optionalAmount,
  optionalText,
  optionalTimeMs,
  text,
  timeMs,
  UnreadableAnswer,
  type Raw,
} from './responses.js';

/** Our symbol for Binance's. */
export type ToSymbol = (venueSymbol: string) => string;

/**
 * An order as every endpoint tells it: placed (RESULT or FULL), queried, cancelled, amended.
 * @throws UnreadableAnswer where status, ids, side or amounts cannot be read: an order is never guessed.
 */
export function parseOrder(value: unknown, toSymbol: ToSymbol): VenueOrderReport {
  const raw = object(value, 'order');
  const statusWord = text(raw, 'status');
  const filledQuantity = amount(raw, 'executedQty');
  const status = orderStatus(statusWord, filledQuantity.gt(ZERO));
  if (status === null) throw new UnreadableAnswer('status is unknown to us');
  const orderSide = side(text(raw, 'side'));
  if (orderSide === null) throw new UnreadableAnswer('side is unknown to us');
  const price = positiveOrNull(optionalAmount(raw, 'price'));
  const type = orderType(text(raw, 'type'), price !== null);
  const symbol = toSymbol(text(raw, 'symbol'));
  const venueOrderId = id(raw, 'orderId');
  const at = optionalTimeMs(raw, 'transactTime') ?? optionalTimeMs(raw, 'updateTime') ?? optionalTimeMs(raw, 'time');
  return {
    symbol,
    venueOrderId,
    // On a cancel or an amend, `clientOrderId` is the request's own id, and `origClientOrderId` the order's.
    venueClientId: optionalText(raw, 'origClientOrderId') ?? text(raw, 'clientOrderId'),
    status,
    side: orderSide,
    type,
    timeInForce: timeInForce(optionalText(raw, 'timeInForce'), type),
    quantity: raw['origQty'] === undefined ? amount(raw, 'qty') : amount(raw, 'origQty'),
    price,
    stopPrice: positiveOrNull(optionalAmount(raw, 'stopPrice')),
    filledQuantity,
    filledQuote: filledQuote(raw),
    venueTimeMs: at,
    reason: endReason(statusWord, optionalText(raw, 'expiryReason')),
    fills: raw['fills'] === undefined ? NO_FILLS : placedFills(raw, symbol, venueOrderId, orderSide, at),
  };
}

const NO_FILLS: readonly VenueFill[] = [];

/** The spelling differs between endpoints; a negative number means that Binance does not know it (old orders). */
function filledQuote(raw: Raw): Decimal | null {
  const value = optionalAmount(raw, 'cummulativeQuoteQty') ?? optionalAmount(raw, 'cumulativeQuoteQty');
  return value === null || value.lt(ZERO) ? null : value;
}

function positiveOrNull(value: Decimal | null): Decimal | null {
  return value !== null && value.gt(ZERO) ? value : null;
}

/** Why an order ended, in Binance's words. */
export function endReason(statusWord: string, reasonWord: string | null): string | null {
  if (reasonWord !== null && reasonWord !== 'NONE') return reasonWord;
  return statusWord === 'EXPIRED_IN_MATCH' ? 'SELF_TRADE_PREVENTION' : null;
}

/** `fills` of a FULL answer: trades of an order that has just arrived, so it was the taker in all of them. */
function placedFills(
  raw: Raw,
  symbol: string,
  venueOrderId: string,
  orderSide: VenueFill['side'],
  at: number | null,
): readonly VenueFill[] {
  const rows = list(raw['fills'], 'fills');
  if (rows.length === 0) return NO_FILLS;
  if (at === null) throw new UnreadableAnswer('fills without a time');
  return rows.map((row) => {
    const fill = object(row, 'fill');
    return {
      symbol,
      venueTradeId: id(fill, 'tradeId'),
      venueOrderId,
      side: orderSide,
      price: amount(fill, 'price'),
      quantity: amount(fill, 'qty'),
      fee: fee(fill, 'commissionAsset', 'commission'),
      liquidity: 'taker',
      venueTimeMs: at,
    };
  });
}

export function fee(raw: Raw, assetField: string, amountField: string): VenueFill['fee'] {
  const asset = optionalText(raw, assetField);
  return asset === null ? null : { asset, amount: amount(raw, amountField) };
}

/** What an ACK says: accepted, and nothing about how it went. We ask for FULL; who gets this must ask again. */
export interface OrderAcknowledgement {
  readonly symbol: string;
  readonly venueOrderId: string;
  readonly venueClientId: string;
  readonly venueTimeMs: number;
}

export function parseAcknowledgement(value: unknown, toSymbol: ToSymbol): OrderAcknowledgement {
  const raw = object(value, 'order');
  return {
    symbol: toSymbol(text(raw, 'symbol')),
    venueOrderId: id(raw, 'orderId'),
    venueClientId: text(raw, 'clientOrderId'),
    venueTimeMs: timeMs(raw, 'transactTime'),
  };
}

/** `amendedOrder` of `order/amend/keepPriority`; the time stands beside it. */
export function parseAmended(value: unknown, toSymbol: ToSymbol): VenueOrderReport {
  const raw = object(value, 'amendment');
  const report = parseOrder(raw['amendedOrder'], toSymbol);
  return { ...report, venueTimeMs: optionalTimeMs(raw, 'transactTime') ?? report.venueTimeMs };
}

/** A list of orders; order lists (OCO and their kin) in it are resolved to the orders that they hold. */
export function parseOrders(value: unknown, toSymbol: ToSymbol): readonly VenueOrderReport[] {
  return list(value, 'orders').flatMap((item) => {
    const raw = object(item, 'order');
    return raw['contingencyType'] === undefined ? [parseOrder(raw, toSymbol)] : parseOrderList(raw, toSymbol).reports;
  });
}

export interface OrderListReport {
  readonly venueListId: string;
  readonly symbol: string;
  readonly contingency: string;
  readonly status: string;
  readonly orders: readonly { readonly symbol: string; readonly venueOrderId: string; readonly venueClientId: string }[];
  readonly reports: readonly VenueOrderReport[];
}

/** An order list. We place none, but an account may hold some that others placed. */
export function parseOrderList(value: unknown, toSymbol: ToSymbol): OrderListReport {
  const raw = object(value, 'order list');
  const reports = raw['orderReports'] === undefined ? [] : list(raw['orderReports'], 'orderReports');
  return {
    venueListId: id(raw, 'orderListId'),
    symbol: toSymbol(text(raw, 'symbol')),
    contingency: text(raw, 'contingencyType'),
    status: text(raw, 'listOrderStatus'),
    orders: list(raw['orders'], 'orders').map((item) => {
      const order = object(item, 'order');
      return { symbol: toSymbol(text(order, 'symbol')), venueOrderId: id(order, 'orderId'), venueClientId: text(order, 'clientOrderId') };
    }),
    // The answer to placing a list may be an ACK for each order: then the ids above are all there is.
    reports: reports.filter((report) => object(report, 'order')['status'] !== undefined).map((report) => parseOrder(report, toSymbol)),
  };
}

/** Rows of `myTrades`, oldest first as Binance sends them. */
export function parseFills(value: unknown, toSymbol: ToSymbol): readonly VenueFill[] {
  return list(value, 'trades').map((row) => {
    const raw = object(row, 'trade');
    return {
      symbol: toSymbol(text(raw, 'symbol')),
      venueTradeId: id(raw, 'id'),
      venueOrderId: id(raw, 'orderId'),
      side: boolean(raw, 'isBuyer') ? 'buy' : 'sell',
      price: amount(raw, 'price'),
      quantity: amount(raw, 'qty'),
      fee: fee(raw, 'commissionAsset', 'commission'),
      liquidity: boolean(raw, 'isMaker') ? 'maker' : 'taker',
      venueTimeMs: timeMs(raw, 'time'),
    };
  });
}

export function parseBalances(value: unknown): readonly Balance[] {
  return list(object(value, 'account')['balances'], 'balances').map((row) => {
    const raw = object(row, 'balance');
    return { asset: text(raw, 'asset'), free: amount(raw, 'free'), locked: amount(raw, 'locked') };
  });
}

/** What `order/test` and `account/commission` say about fees: maker and taker rates as fractions. */
export interface CommissionRates {
  readonly maker: Decimal;
  readonly taker: Decimal;
}

/** `null` where the answer holds no rates (`order/test` without asking for them answers `{}`). */
export function parseCommissionRates(value: unknown): CommissionRates | null {
  const raw = object(value, 'commission');
  const standard = raw['standardCommissionForOrder'] ?? raw['standardCommission'];
  if (standard === undefined) return null;
  let total: CommissionRates = { maker: ZERO, taker: ZERO };
  for (const part of ['standard', 'special', 'tax']) {
    const rates = raw[`${part}CommissionForOrder`] ?? raw[`${part}Commission`];
    if (rates === undefined) continue;
    const row = object(rates, part);
    total = { maker: total.maker.plus(amount(row, 'maker')), taker: total.taker.plus(amount(row, 'taker')) };
  }
  return total;
}
