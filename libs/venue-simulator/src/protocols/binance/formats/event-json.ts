import type { SimAccountEvent, SimBalance, SimOrder } from '../../../exchange/types.js';
import { expiryText, sideText, statusText, stpText, timeInForceText, typeText } from './order-words.js';
import { ZERO8, text8, text8OrZero, unitsText8 } from './text.js';

type OrderEvent = SimAccountEvent & { type: 'order' };

const EXECUTION: Readonly<Record<OrderEvent['execution'], string>> = {
  new: 'NEW',
  trade: 'TRADE',
  canceled: 'CANCELED',
  replaced: 'REPLACED',
  expired: 'EXPIRED',
  'trade-prevention': 'TRADE_PREVENTION',
  rejected: 'REJECTED',
};

/**
 * `executionReport`. On a cancellation `c` is the cancel request's id and `C` the order's own; on an amendment `c` is the new id
 * and `C` the one before. `originalClientOrderId` is what stands in `C` where it is not empty.
 */
export function executionReport(symbol: string, event: OrderEvent, originalClientOrderId: string | null, eventMs: number): string {
  const { order, fill } = event;
  const [clientId, original] = clientIds(event, originalClientOrderId);
  const expiry = expiryText(order);
  return (
    `{"e":"executionReport","E":${eventMs},"s":"${symbol}","c":"${clientId}","S":"${sideText(order)}","o":"${typeText(order)}"` +
    `,"f":"${timeInForceText(order)}","q":"${text8(order.originalQuantity)}","p":"${text8OrZero(order.price)}","P":"${text8OrZero(order.stopPrice)}"` +
    `,"F":"${text8OrZero(order.icebergQuantity)}","g":-1,"C":"${original}","x":"${EXECUTION[event.execution]}","X":"${statusText(order)}","r":"NONE"` +
    `,"i":${order.orderId},"l":"${fill === null ? ZERO8 : text8(fill.quantity)}","z":"${text8(order.filledQuantity)}"` +
    `,"L":"${fill === null ? ZERO8 : text8(fill.price)}","n":"${fill === null ? '0' : text8(fill.fee.amount)}"` +
    `,"N":${fill === null ? 'null' : `"${fill.fee.asset}"`},"T":${event.atMs},"t":${fill === null ? -1 : fill.tradeId}` +
    `${prevention(symbol, event)},"I":${event.executionId},"w":${isOnBook(order)},"m":${fill !== null && fill.isMaker},"M":${fill !== null}` +
    `,"O":${order.createdAtMs},"Z":"${text8(order.filledQuote)}","Y":"${fill === null ? ZERO8 : text8(fill.quoteQuantity)}"` +
    `,"Q":"${text8OrZero(order.quoteQuantity)}"${order.workingAtMs === null ? '' : `,"W":${order.workingAtMs}`},"V":"${stpText(order)}"` +
    `${expiry === null ? '' : `,"eR":"${expiry}"`}}`
  );
}

function clientIds(event: OrderEvent, original: string | null): readonly [clientId: string, original: string] {
  const own = event.order.clientOrderId;
  if (event.execution === 'canceled') return [event.requestClientOrderId ?? own, own];
  if (event.execution === 'replaced') return [own, original ?? own];
  return [own, ''];
}

/** What self-trade prevention adds: total and last prevented quantity, and the own order that was met. */
function prevention(symbol: string, event: OrderEvent): string {
  if (event.execution !== 'trade-prevention') return '';
  const last = text8OrZero(event.lastPreventedQuantity);
  const counter = event.counterOrderId === null ? '' : `,"U":${event.counterOrderId},"Cs":"${symbol}"`;
  return `,"v":${event.executionId},"A":"${text8(event.order.preventedQuantity)}","B":"${last}","u":1${counter},"pl":"${last}","pL":"${text8OrZero(event.order.price)}"`;
}

function isOnBook(order: SimOrder): boolean {
  return order.isWorking && (order.status === 'new' || order.status === 'partially-filled');
}

/** `outboundAccountPosition`: only the assets that were touched. */
export function accountPosition(balances: readonly SimBalance[], updatedAtMs: number, eventMs: number): string {
  const rows = balances.map(
    ({ asset, freeUnits, lockedUnits }) => `{"a":"${asset}","f":"${unitsText8(freeUnits)}","l":"${unitsText8(lockedUnits)}"}`,
  );
  return `{"e":"outboundAccountPosition","E":${eventMs},"u":${updatedAtMs},"B":[${rows.join(',')}]}`;
}

export function balanceUpdate(event: SimAccountEvent & { type: 'deposit' }, eventMs: number): string {
  return `{"e":"balanceUpdate","E":${eventMs},"a":"${event.asset}","d":"${text8(event.amount)}","T":${event.atMs}}`;
}
