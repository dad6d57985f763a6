import { orderJson } from '../formats/order-json.js';
import { invalidValue, refusal } from '../refusal.js';
import { accountOf, operation } from './operation.js';
import type { Operation, OperationCall } from './operation.js';
import { readOrderIds } from './order-parameters.js';

const DAY_MS = 86_400_000;

function runStatus(call: OperationCall): string {
  const { context, params } = call;
  const market = context.symbols.required(params);
  const { orderId, clientOrderId } = readOrderIds(params, 'orderId', 'origClientOrderId');
  const order = context.exchange.order({
    account: accountOf(call).name,
    symbol: market.symbol,
    orderId,
    clientOrderId: orderId === null ? clientOrderId : null,
  });
  if (order === undefined) throw refusal('noSuchOrder');
  if (clientOrderId !== null && order.clientOrderId !== clientOrderId) throw refusal('noSuchOrder');
  return orderJson(context.symbols.text(order.symbol), order);
}

function runOpenOrders(call: OperationCall): string {
  const { context, params } = call;
  const market = context.symbols.optional(params);
  const orders = context.exchange.openOrders(accountOf(call).name, market?.symbol ?? null);
  return `[${orders.map((order) => orderJson(context.symbols.text(order.symbol), order)).join(',')}]`;
}

/** Start and end of a listing, at most 24 hours apart. @throws BinanceRefusal -1127 */
export function readDay(call: OperationCall): { readonly startMs: number | null; readonly endMs: number | null } {
  const startMs = call.params.timeMs('startTime');
  const endMs = call.params.timeMs('endTime');
  if (startMs !== null && endMs !== null) {
    if (endMs < startMs) throw invalidValue('endTime');
    if (endMs - startMs > DAY_MS) throw refusal('moreThanADay');
  }
  return { startMs, endMs };
}

function runAllOrders(call: OperationCall): string {
  const { context, params } = call;
  const market = context.symbols.required(params);
  const fromId = params.integer('orderId');
  const { startMs, endMs } = readDay(call);
  const limit = params.limit(500, 1_000);
  const orders = context.exchange
    .orders(accountOf(call).name, market.symbol)
    .filter(
      (order) =>
        (fromId === null || order.orderId >= fromId) &&
        (startMs === null || order.createdAtMs >= startMs) &&
        (endMs === null || order.createdAtMs <= endMs),
    );
  const page = fromId === null && startMs === null ? orders.slice(-limit) : orders.slice(0, limit);
  const symbol = context.symbols.text(market.symbol);
  return `[${page.map((order) => orderJson(symbol, order)).join(',')}]`;
}

export const ORDER_QUERY_OPERATIONS: readonly Operation[] = [
  operation({
    method: 'order.status',
    route: 'GET /api/v3/order',
    security: 'signed',
    weight: 4,
    params: ['symbol', 'orderId', 'origClientOrderId'],
    run: runStatus,
  }),
  operation({
    method: 'openOrders.status',
    route: 'GET /api/v3/openOrders',
    security: 'signed',
    params: ['symbol'],
    weight: (params) => (params.has('symbol') ? 6 : 80),
    run: runOpenOrders,
  }),
  operation({
    method: 'allOrders',
    route: 'GET /api/v3/allOrders',
    security: 'signed',
    weight: 20,
    params: ['symbol', 'orderId', 'startTime', 'endTime', 'limit'],
    run: runAllOrders,
  }),
];
