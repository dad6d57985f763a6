import type { SimPlaced } from '../../../exchange/types.js';
import { MAX_NUM_ALGO_ORDERS } from '../formats/exchange-info.js';
import { isStop } from '../formats/order-words.js';
import { placedJson } from '../formats/order-json.js';
import { filterFailure, refusalOf } from '../refusal.js';
import { operation } from './operation.js';
import type { Operation, OperationCall } from './operation.js';
import { NEW_ORDER_PARAMS, readNewOrder } from './order-parameters.js';
import type { NewOrderRequest } from './order-parameters.js';

/** The account's order budget, checked before anything else happens to an order. @throws BinanceRefusal 429 -1015 */
export function requireOrderSlot(call: OperationCall, account: string): void {
  const { context, nowMs, ip, label } = call;
  context.limits.requireOrderSlot(account, nowMs, (limit, status) => context.recordViolation(ip, account, label, limit, status));
}

/** Hands a read order to the exchange and counts it. @throws BinanceRefusal */
export function place(call: OperationCall, request: NewOrderRequest): SimPlaced {
  const { context, nowMs } = call;
  const { order } = request;
  refuseTooManyStops(call, request);
  // Counted before the exchange works: a fill in the same call gives back from what was counted.
  context.limits.countOrders(order.account, 1, nowMs);
  const result = context.exchange.place(order, context.world.clock.nowMs());
  if (result.ok) return result.value;
  context.limits.countOrders(order.account, -1, nowMs);
  throw refusalOf(result.error);
}

/** Checks as `place`, without consequences. @throws BinanceRefusal */
export function check(call: OperationCall, request: NewOrderRequest): void {
  refuseTooManyStops(call, request);
  const result = call.context.exchange.check(request.order, call.context.world.clock.nowMs());
  if (!result.ok) throw refusalOf(result.error);
}

function refuseTooManyStops(call: OperationCall, { order }: NewOrderRequest): void {
  if (order.stopPrice === null) return;
  const open = call.context.exchange.openOrders(order.account, order.symbol).filter((other) => isStop(other) && !other.isWorking);
  if (open.length >= MAX_NUM_ALGO_ORDERS) throw filterFailure('MAX_NUM_ALGO_ORDERS');
}

function runPlace(call: OperationCall): string {
  const request = readNewOrder(call);
  requireOrderSlot(call, request.order.account);
  const { order, fills } = place(call, request);
  return placedJson(call.context.symbols.text(order.symbol), order, fills, request.responseType);
}

function runTest(call: OperationCall): string {
  const request = readNewOrder(call);
  check(call, request);
  if (call.params.boolean('computeCommissionRates') !== true) return '{}';
  const { makerFee, takerFee } = request.market;
  const none = { maker: '0.00000000', taker: '0.00000000' };
  return JSON.stringify({
    standardCommissionForOrder: { maker: makerFee.toFixed(8), taker: takerFee.toFixed(8) },
    specialCommissionForOrder: none,
    taxCommissionForOrder: none,
    discount: { enabledForAccount: false, enabledForSymbol: false, discountAsset: 'BNB', discount: '0.00000000' },
  });
}

export const PLACE_OPERATIONS: readonly Operation[] = [
  operation({
    method: 'order.place',
    route: 'POST /api/v3/order',
    security: 'signed',
    params: NEW_ORDER_PARAMS,
    weight: 1,
    freeOnSuccess: true,
    countsOrders: true,
    run: runPlace,
  }),
  operation({
    method: 'order.test',
    route: 'POST /api/v3/order/test',
    security: 'signed',
    params: [...NEW_ORDER_PARAMS, 'computeCommissionRates'],
    weight: (params) => (params.has('computeCommissionRates') ? 20 : 1),
    run: runTest,
  }),
];
