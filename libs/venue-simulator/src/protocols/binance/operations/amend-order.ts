import { amendedJson } from '../formats/order-json.js';
import { text8 } from '../formats/text.js';
import { MAX_NUM_ORDER_AMENDS } from '../formats/exchange-info.js';
import { BinanceRefusal, filterFailure, refusal, refusalOf } from '../refusal.js';
import { accountOf, operation } from './operation.js';
import type { Operation, OperationCall } from './operation.js';
import { readClientId, readOrderIds } from './order-parameters.js';

/** Lowers an order's quantity; priority and `orderId` stay, the client id changes unless it is repeated. */
function runAmend(call: OperationCall): string {
  const { context, params } = call;
  const market = context.symbols.required(params);
  const { orderId, clientOrderId } = readOrderIds(params, 'orderId', 'origClientOrderId');
  const newQuantity = params.requiredDecimal('newQty');
  if (newQuantity.lte('0')) throw new BinanceRefusal(-1013, 'Invalid quantity.');
  const newClientOrderId = readClientId(params, 'newClientOrderId') ?? context.clientIds.next();
  const ref = { account: accountOf(call).name, symbol: market.symbol, orderId, clientOrderId: orderId === null ? clientOrderId : null };
  const before = context.exchange.order(ref);
  if (before === undefined) throw refusal('noSuchOrder');
  if (clientOrderId !== null && before.clientOrderId !== clientOrderId) throw refusal('idMismatch');
  const past = context.amendments.of(before.orderId).length;
  if (past >= MAX_NUM_ORDER_AMENDS) throw filterFailure('MAX_NUM_ORDER_AMENDS');
  const amended = context.amending.during(before, () =>
    context.exchange.amend({ ...ref, orderId: before.orderId }, newQuantity, newClientOrderId, context.world.clock.nowMs()),
  );
  if (!amended.result.ok) throw amended.result.error.code === 'unknown-order' ? refusal('noSuchOrder') : refusalOf(amended.result.error);
  const order = amended.result.value;
  const symbol = context.symbols.text(order.symbol);
  context.amendments.add({
    symbol,
    orderId: order.orderId,
    executionId: amended.executionId,
    origClientOrderId: before.clientOrderId,
    newClientOrderId: order.clientOrderId,
    origQty: text8(before.originalQuantity),
    newQty: text8(order.originalQuantity),
    time: order.updatedAtMs,
  });
  return `{"transactTime":${order.updatedAtMs},"executionId":${amended.executionId},"amendedOrder":${amendedJson(symbol, order, before.clientOrderId)}}`;
}

function runAmendments(call: OperationCall): string {
  const { context, params } = call;
  const market = context.symbols.required(params);
  const orderId = params.integer('orderId');
  if (orderId === null) throw new BinanceRefusal(-1102, "Mandatory parameter 'orderId' was not sent, was empty/null, or malformed.");
  const from = params.integer('fromExecutionId') ?? 0;
  const limit = params.limit(500, 1_000);
  const order = context.exchange.order({ account: accountOf(call).name, symbol: market.symbol, orderId, clientOrderId: null });
  if (order === undefined) throw refusal('noSuchOrder');
  return JSON.stringify(
    context.amendments
      .of(orderId)
      .filter(({ executionId }) => executionId >= from)
      .slice(0, limit),
  );
}

export const AMEND_OPERATIONS: readonly Operation[] = [
  operation({
    method: 'order.amend.keepPriority',
    route: 'PUT /api/v3/order/amend/keepPriority',
    security: 'signed',
    weight: 4,
    params: ['symbol', 'orderId', 'origClientOrderId', 'newClientOrderId', 'newQty'],
    run: runAmend,
  }),
  operation({
    method: 'order.amendments',
    route: 'GET /api/v3/order/amendments',
    security: 'signed',
    weight: 4,
    params: ['symbol', 'orderId', 'fromExecutionId', 'limit'],
    run: runAmendments,
  }),
];
