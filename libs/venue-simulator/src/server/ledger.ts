import { decimalText, timeText } from '#libs/kernel';
import type { SimExchange, SimFill, SimOrder } from '../exchange/types.js';
import type { RateLimitViolation } from './protocol.js';

/** The ground truth about one account as JSON: every order that was accepted, every fill, every balance, every broken limit. */
export function ledgerOf(exchange: SimExchange, account: string, violations: readonly RateLimitViolation[]): string {
  return JSON.stringify({
    account,
    orders: exchange.orders(account, null).map(orderRow),
    fills: exchange.fills(account, null).map(fillRow),
    balances: exchange
      .balances(account)
      .map(({ asset, free, locked }) => ({ asset, free: decimalText(free), locked: decimalText(locked) })),
    // A limit that counts addresses has no account: it stands in every ledger, for whoever shared the address.
    rateLimitViolations: violations
      .filter((violation) => violation.account === null || violation.account === account)
      .map(({ atMs, ...rest }) => ({ at: timeText(atMs), ...rest })),
  });
}

function orderRow(order: SimOrder): object {
  return {
    venueOrderId: String(order.orderId),
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    timeInForce: order.timeInForce,
    postOnly: order.postOnly,
    status: order.status,
    quantity: decimalText(order.originalQuantity),
    quoteQuantity: order.quoteQuantity === null ? null : decimalText(order.quoteQuantity),
    price: order.price === null ? null : decimalText(order.price),
    stopPrice: order.stopPrice === null ? null : decimalText(order.stopPrice),
    filledQuantity: decimalText(order.filledQuantity),
    filledQuote: decimalText(order.filledQuote),
    expiryReason: order.expiryReason,
    createdAt: timeText(order.createdAtMs),
    updatedAt: timeText(order.updatedAtMs),
  };
}

function fillRow(fill: SimFill): object {
  return {
    venueTradeId: String(fill.tradeId),
    venueOrderId: String(fill.orderId),
    clientOrderId: fill.clientOrderId,
    symbol: fill.symbol,
    side: fill.side,
    price: decimalText(fill.price),
    quantity: decimalText(fill.quantity),
    quoteQuantity: decimalText(fill.quoteQuantity),
    fee: { asset: fill.fee.asset, amount: decimalText(fill.fee.amount) },
    isMaker: fill.isMaker,
    at: timeText(fill.atMs),
  };
}
