import type { SimMarket, SimOrder } from '../../../exchange/types.js';
import { canceledJson } from '../formats/order-json.js';
import { refusal, refusalOf } from '../refusal.js';
import { accountOf, operation } from './operation.js';
import type { Operation, OperationCall } from './operation.js';
import { readClientId, readOrderIds } from './order-parameters.js';

const RESTRICTIONS = { ONLY_NEW: 'new', ONLY_PARTIALLY_FILLED: 'partially-filled' } as const;
type Restriction = keyof typeof RESTRICTIONS;

/** A cancel as it was asked for, read and checked for form. */
export interface CancelRequest {
  readonly market: SimMarket;
  readonly orderId: number | null;
  readonly clientOrderId: string | null;
  /** The cancel's own client id. */
  readonly requestClientOrderId: string;
  readonly only: 'new' | 'partially-filled' | null;
}

/** Reads a cancel. The names differ between cancel and cancel-replace. */
export function readCancel(call: OperationCall, idName: string, clientIdName: string, newIdName: string): CancelRequest {
  const { context, params } = call;
  const market = context.symbols.required(params);
  const ids = readOrderIds(params, idName, clientIdName);
  const restriction = params.choice<Restriction>('cancelRestrictions', ['ONLY_NEW', 'ONLY_PARTIALLY_FILLED']);
  return {
    market,
    ...ids,
    requestClientOrderId: readClientId(params, newIdName) ?? context.clientIds.next(),
    only: restriction === null ? null : RESTRICTIONS[restriction],
  };
}

/** Carries a cancel out. @throws BinanceRefusal -2011, or -2039 when the two ids name different orders. */
export function cancel(call: OperationCall, request: CancelRequest): SimOrder {
  const { exchange, world } = call.context;
  const { market, orderId, clientOrderId, requestClientOrderId, only } = request;
  const ref = { account: accountOf(call).name, symbol: market.symbol, orderId, clientOrderId: orderId === null ? clientOrderId : null };
  if (orderId !== null && clientOrderId !== null) {
    const named = exchange.order(ref);
    if (named !== undefined && named.clientOrderId !== clientOrderId) throw refusal('idMismatch');
  }
  const nowMs = world.clock.nowMs();
  const result =
    only === null ? exchange.cancel(ref, requestClientOrderId, nowMs) : exchange.cancel(ref, requestClientOrderId, nowMs, only);
  if (!result.ok) throw refusalOf(result.error);
  return result.value;
}

function runCancel(call: OperationCall): string {
  const request = readCancel(call, 'orderId', 'origClientOrderId', 'newClientOrderId');
  const order = cancel(call, request);
  return canceledJson(call.context.symbols.text(order.symbol), order, request.requestClientOrderId);
}

/** One by one, each cancel with a client id of its own, as the reports name it. */
function runCancelAll(call: OperationCall): string {
  const { context } = call;
  const market = context.symbols.required(call.params);
  const open = context.exchange.openOrders(accountOf(call).name, market.symbol);
  if (open.length === 0) throw refusal('unknownOrder');
  const reports = open.map((order) => {
    const requestClientOrderId = context.clientIds.next();
    const canceled = cancel(call, { market, orderId: order.orderId, clientOrderId: null, requestClientOrderId, only: null });
    return canceledJson(context.symbols.text(order.symbol), canceled, requestClientOrderId);
  });
  return `[${reports.join(',')}]`;
}

export const CANCEL_OPERATIONS: readonly Operation[] = [
  operation({
    method: 'order.cancel',
    route: 'DELETE /api/v3/order',
    security: 'signed',
    weight: 1,
    freeOnSuccess: true,
    params: ['symbol', 'orderId', 'origClientOrderId', 'newClientOrderId', 'cancelRestrictions'],
    run: runCancel,
  }),
  operation({
    method: 'openOrders.cancelAll',
    route: 'DELETE /api/v3/openOrders',
    security: 'signed',
    weight: 1,
    freeOnSuccess: true,
    params: ['symbol'],
    run: runCancelAll,
  }),
];
