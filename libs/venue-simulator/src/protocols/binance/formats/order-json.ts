import type { SimFill, SimOrder } from '../../../exchange/types.js';
import { expiryText, isStop, sideText, statusText, stpText, timeInForceText, typeText } from './order-words.js';
import { text8, text8OrZero } from './text.js';

/** Written by hand, not by `JSON.stringify`: this is the hot path, and every field is plain by then. Field order as documented. */

export type ResponseType = 'ACK' | 'RESULT' | 'FULL';

/** The answer to a new order. */
export function placedJson(symbol: string, order: SimOrder, fills: readonly SimFill[], responseType: ResponseType): string {
  const ack = `{"symbol":"${symbol}","orderId":${order.orderId},"orderListId":-1,"clientOrderId":"${order.clientOrderId}","transactTime":${order.updatedAtMs}`;
  if (responseType === 'ACK') return `${ack}}`;
  const result =
    `${ack},"price":"${text8OrZero(order.price)}","origQty":"${text8(order.originalQuantity)}","executedQty":"${text8(order.filledQuantity)}"` +
    `,"origQuoteOrderQty":"${text8OrZero(order.quoteQuantity)}","cummulativeQuoteQty":"${text8(order.filledQuote)}","status":"${statusText(order)}"` +
    `,"timeInForce":"${timeInForceText(order)}","type":"${typeText(order)}","side":"${sideText(order)}"${conditional(order)}` +
    `${workingTime(order)},"selfTradePreventionMode":"${stpText(order)}"`;
  return responseType === 'RESULT' ? `${result}}` : `${result},"fills":[${fills.map(fillJson).join(',')}]}`;
}

function fillJson(fill: SimFill): string {
  return (
    `{"price":"${text8(fill.price)}","qty":"${text8(fill.quantity)}","commission":"${text8(fill.fee.amount)}"` +
    `,"commissionAsset":"${fill.fee.asset}","tradeId":${fill.tradeId}}`
  );
}

/** The answer to a cancel: `clientOrderId` is the cancel's own, `origClientOrderId` the order's. */
export function canceledJson(symbol: string, order: SimOrder, requestClientOrderId: string): string {
  return (
    `{"symbol":"${symbol}","origClientOrderId":"${order.clientOrderId}","orderId":${order.orderId},"orderListId":-1` +
    `,"clientOrderId":"${requestClientOrderId}","transactTime":${order.updatedAtMs},"price":"${text8OrZero(order.price)}"` +
    `,"origQty":"${text8(order.originalQuantity)}","executedQty":"${text8(order.filledQuantity)}"` +
    `,"origQuoteOrderQty":"${text8OrZero(order.quoteQuantity)}","cummulativeQuoteQty":"${text8(order.filledQuote)}"` +
    `,"status":"${statusText(order)}","timeInForce":"${timeInForceText(order)}","type":"${typeText(order)}","side":"${sideText(order)}"` +
    `${conditional(order)},"selfTradePreventionMode":"${stpText(order)}"}`
  );
}

/** An order as the queries answer it. */
export function orderJson(symbol: string, order: SimOrder): string {
  const expiry = expiryText(order);
  return (
    `{"symbol":"${symbol}","orderId":${order.orderId},"orderListId":-1,"clientOrderId":"${order.clientOrderId}"` +
    `,"price":"${text8OrZero(order.price)}","origQty":"${text8(order.originalQuantity)}","executedQty":"${text8(order.filledQuantity)}"` +
    `,"cummulativeQuoteQty":"${text8(order.filledQuote)}","status":"${statusText(order)}","timeInForce":"${timeInForceText(order)}"` +
    `,"type":"${typeText(order)}","side":"${sideText(order)}","stopPrice":"${text8OrZero(order.stopPrice)}"` +
    `,"icebergQty":"${text8OrZero(order.icebergQuantity)}","time":${order.createdAtMs},"updateTime":${order.updatedAtMs}` +
    `,"isWorking":${order.isWorking},"workingTime":${order.workingAtMs ?? -1},"origQuoteOrderQty":"${text8OrZero(order.quoteQuantity)}"` +
    `,"selfTradePreventionMode":"${stpText(order)}"${prevented(order)}${expiry === null ? '' : `,"expiryReason":"${expiry}"`}}`
  );
}

/** `amendedOrder` of the amend answer. */
export function amendedJson(symbol: string, order: SimOrder, origClientOrderId: string): string {
  return (
    `{"symbol":"${symbol}","orderId":${order.orderId},"orderListId":-1,"origClientOrderId":"${origClientOrderId}"` +
    `,"clientOrderId":"${order.clientOrderId}","price":"${text8OrZero(order.price)}","qty":"${text8(order.originalQuantity)}"` +
    `,"executedQty":"${text8(order.filledQuantity)}","preventedQty":"${text8(order.preventedQuantity)}"` +
    `,"quoteOrderQty":"${text8OrZero(order.quoteQuantity)}","cumulativeQuoteQty":"${text8(order.filledQuote)}"` +
    `,"status":"${statusText(order)}","timeInForce":"${timeInForceText(order)}","type":"${typeText(order)}","side":"${sideText(order)}"` +
    `,"workingTime":${order.workingAtMs ?? -1},"selfTradePreventionMode":"${stpText(order)}"}`
  );
}

/** One row of `myTrades`. */
export function accountTradeJson(symbol: string, fill: SimFill): string {
  const isBuyer = fill.side === 'buy';
  return (
    `{"symbol":"${symbol}","id":${fill.tradeId},"orderId":${fill.orderId},"orderListId":-1,"price":"${text8(fill.price)}"` +
    `,"qty":"${text8(fill.quantity)}","quoteQty":"${text8(fill.quoteQuantity)}","commission":"${text8(fill.fee.amount)}"` +
    `,"commissionAsset":"${fill.fee.asset}","time":${fill.atMs},"isBuyer":${isBuyer},"isMaker":${fill.isMaker},"isBestMatch":true}`
  );
}

function workingTime(order: SimOrder): string {
  return order.workingAtMs === null ? '' : `,"workingTime":${order.workingAtMs}`;
}

function conditional(order: SimOrder): string {
  let text = '';
  if (isStop(order)) text += `,"stopPrice":"${text8OrZero(order.stopPrice)}"`;
  if (order.icebergQuantity !== null) text += `,"icebergQty":"${text8(order.icebergQuantity)}"`;
  const expiry = expiryText(order);
  return text + prevented(order) + (expiry === null ? '' : `,"expiryReason":"${expiry}"`);
}

function prevented(order: SimOrder): string {
  return order.preventedQuantity.c[0] === 0 ? '' : `,"preventedQuantity":"${text8(order.preventedQuantity)}"`;
}
