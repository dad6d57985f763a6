import { canceledJson, placedJson } from '../formats/order-json.js';
import { BinanceRefusal, refusalJson } from '../refusal.js';
import { accountOf, operation } from './operation.js';
import type { Operation, OperationCall } from './operation.js';
import { cancel, readCancel } from './cancel-order.js';
import type { CancelRequest } from './cancel-order.js';
import { NEW_ORDER_PARAMS, readNewOrder, requiredChoice } from './order-parameters.js';
import type { NewOrderRequest } from './order-parameters.js';
import { check, place, requireOrderSlot } from './place-order.js';

/** How one half went: its JSON, and the refusal where it was refused. */
interface Half {
  readonly result: 'SUCCESS' | 'FAILURE' | 'NOT_ATTEMPTED';
  readonly json: string;
  readonly error: BinanceRefusal | null;
}

const NOT_ATTEMPTED: Half = { result: 'NOT_ATTEMPTED', json: 'null', error: null };

function attempt(action: () => string): Half {
  try {
    return { result: 'SUCCESS', json: action(), error: null };
  } catch (error) {
    if (!(error instanceof BinanceRefusal)) throw error;
    return { result: 'FAILURE', json: refusalJson(error), error };
  }
}

/** Cancels one order and places another, not atomically: all five outcomes of the documentation have their own shape. */
function runCancelReplace(call: OperationCall): string {
  const { params } = call;
  const mode = requiredChoice(params, 'cancelReplaceMode', ['STOP_ON_FAILURE', 'ALLOW_FAILURE']);
  const onExceeded = params.choice('orderRateLimitExceededMode', ['DO_NOTHING', 'CANCEL_ONLY']) ?? 'DO_NOTHING';
  const cancelRequest = readCancel(call, 'cancelOrderId', 'cancelOrigClientOrderId', 'cancelNewClientOrderId');
  const newRequest = readNewOrder(call);
  const slot = attempt(() => {
    requireOrderSlot(call, accountOf(call).name);
    return '';
  });
  if (slot.error !== null && onExceeded === 'DO_NOTHING') throw slot.error;
  const canceled = attempt(() => {
    if (slot.error === null) refuseBrokenFilters(call, newRequest);
    return runCancelHalf(call, cancelRequest);
  });
  const placed = placeHalf(call, newRequest, canceled, slot, mode === 'ALLOW_FAILURE');
  return answer(canceled, placed, slot.error !== null && mode === 'STOP_ON_FAILURE');
}

/** Filters are checked before the cancel; balances only when the new order is placed, since the cancel may free them. */
function refuseBrokenFilters(call: OperationCall, request: NewOrderRequest): void {
  const checked = attempt(() => {
    check(call, request);
    return '';
  });
  if (checked.error !== null && (checked.error.code === -1013 || checked.error.code === -1111)) {
    if (!checked.error.message.includes('MAX_NUM')) throw checked.error;
  }
}

function runCancelHalf(call: OperationCall, request: CancelRequest): string {
  const order = cancel(call, request);
  return canceledJson(call.context.symbols.text(order.symbol), order, request.requestClientOrderId);
}

function placeHalf(call: OperationCall, request: NewOrderRequest, canceled: Half, slot: Half, goOn: boolean): Half {
  if (canceled.error !== null && !goOn) {
    // The attempt counts against the order budget even when the new order is not tried.
    if (slot.error === null) call.context.limits.countOrders(request.order.account, 1, call.nowMs);
    return NOT_ATTEMPTED;
  }
  if (slot.error !== null) return slot;
  return attempt(() => {
    const { order, fills } = place(call, request);
    return placedJson(call.context.symbols.text(order.symbol), order, fills, request.responseType);
  });
}

function answer(canceled: Half, placed: Half, limited: boolean): string {
  const json =
    `{"cancelResult":"${canceled.result}","newOrderResult":"${placed.result}"` +
    `,"cancelResponse":${canceled.json},"newOrderResponse":${placed.json}}`;
  if (canceled.result === 'SUCCESS' && placed.result === 'SUCCESS') return json;
  const half = canceled.result === 'SUCCESS' || placed.result === 'SUCCESS';
  const retryAfterMs = placed.error?.retryAfterMs ?? null;
  const status = limited ? 429 : half ? 409 : 400;
  throw half
    ? new BinanceRefusal(-2021, 'Order cancel-replace partially failed.', status, json, retryAfterMs)
    : new BinanceRefusal(-2022, 'Order cancel-replace failed.', status, json, retryAfterMs);
}

export const CANCEL_REPLACE_OPERATIONS: readonly Operation[] = [
  operation({
    method: 'order.cancelReplace',
    route: 'POST /api/v3/order/cancelReplace',
    security: 'signed',
    weight: 1,
    freeOnSuccess: true,
    countsOrders: true,
    params: [
      ...NEW_ORDER_PARAMS,
      'cancelReplaceMode',
      'cancelNewClientOrderId',
      'cancelOrigClientOrderId',
      'cancelOrderId',
      'cancelRestrictions',
      'orderRateLimitExceededMode',
    ],
    run: runCancelReplace,
  }),
];
