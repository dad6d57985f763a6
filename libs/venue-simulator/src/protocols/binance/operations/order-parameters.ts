import type { Decimal } from '#libs/kernel';
import type { SimMarket, SimNewOrder, SimOrderType, SimStpMode, SimTimeInForce } from '../../../exchange/types.js';
import type { ResponseType } from '../formats/order-json.js';
import type { Params } from '../params.js';
import { BinanceRefusal, filterFailure, illegalCharacters, missingEither, missingParameter, notRequired, refusal } from '../refusal.js';
import type { OperationCall } from './operation.js';
import { accountOf } from './operation.js';

/** Names of a new order's parameters, shared by place, test and cancel-replace. */
export const NEW_ORDER_PARAMS = [
  'symbol',
  'side',
  'type',
  'timeInForce',
  'quantity',
  'quoteOrderQty',
  'price',
  'newClientOrderId',
  'stopPrice',
  'trailingDelta',
  'icebergQty',
  'newOrderRespType',
  'selfTradePreventionMode',
  'strategyId',
  'strategyType',
  'pegPriceType',
  'pegOffsetType',
  'pegOffsetValue',
] as const;

/** What a Binance order type is in the exchange's words, and what it demands. */
interface TypeRule {
  readonly type: SimOrderType;
  readonly postOnly: boolean;
  readonly price: boolean;
  readonly timeInForce: boolean;
  readonly trigger: boolean;
}

const TYPE_RULES: Readonly<Record<string, TypeRule>> = {
  LIMIT: { type: 'limit', postOnly: false, price: true, timeInForce: true, trigger: false },
  LIMIT_MAKER: { type: 'limit', postOnly: true, price: true, timeInForce: false, trigger: false },
  MARKET: { type: 'market', postOnly: false, price: false, timeInForce: false, trigger: false },
  STOP_LOSS: { type: 'stop-market', postOnly: false, price: false, timeInForce: false, trigger: true },
  STOP_LOSS_LIMIT: { type: 'stop-limit', postOnly: false, price: true, timeInForce: true, trigger: true },
  TAKE_PROFIT: { type: 'take-profit-market', postOnly: false, price: false, timeInForce: false, trigger: true },
  TAKE_PROFIT_LIMIT: { type: 'take-profit-limit', postOnly: false, price: true, timeInForce: true, trigger: true },
};

const STP_MODES: Readonly<Record<string, SimStpMode>> = {
  EXPIRE_MAKER: 'expire-maker',
  EXPIRE_TAKER: 'expire-taker',
  EXPIRE_BOTH: 'expire-both',
  DECREMENT: 'decrement',
};

const CLIENT_ID_LEGAL = '^[a-zA-Z0-9-_]{1,36}$';
const CLIENT_ID_PATTERN = /^[a-zA-Z0-9-_]{1,36}$/;
/** As long as a client id may be: letters, digits, dashes. */
const COPY_BUFFER = Buffer.alloc(36);

/** Far beyond any book: the quantity that such an amount would buy is no quantity any more. */
const QUOTE_QUANTITY_FACTOR = '100';

export interface NewOrderRequest {
  readonly market: SimMarket;
  readonly order: SimNewOrder;
  readonly responseType: ResponseType;
}

/** Reads and checks a new order's form. @throws BinanceRefusal for the first thing that is wrong. */
export function readNewOrder(call: OperationCall): NewOrderRequest {
  const { context, params } = call;
  const market = context.symbols.required(params);
  const side = readSide(params);
  const typeName = params.required('type');
  const rule = TYPE_RULES[typeName];
  if (rule === undefined) throw refusal('orderType');
  refuseUnsupported(params);
  const timeInForce = readTimeInForce(params, rule);
  const price = rule.price ? positive(params.requiredDecimal('price'), 'price') : refused(params, 'price');
  const stopPrice = rule.trigger ? positive(params.requiredDecimal('stopPrice'), 'stopPrice') : refused(params, 'stopPrice');
  const { quantity, quoteQuantity } = readQuantities(params, rule);
  if (quoteQuantity?.gt(market.notionalMax.times(QUOTE_QUANTITY_FACTOR)) === true) throw filterFailure('MARKET_LOT_SIZE');
  const icebergQuantity = readIceberg(params, rule, timeInForce);
  const clientOrderId = readClientId(params, 'newClientOrderId') ?? context.clientIds.next();
  const order: SimNewOrder = {
    account: accountOf(call).name,
    clientOrderId,
    symbol: market.symbol,
    side,
    type: rule.type,
    timeInForce,
    quantity,
    quoteQuantity,
    price,
    stopPrice,
    icebergQuantity,
    expiresAtMs: null,
    postOnly: rule.postOnly,
    stpMode: readStp(params),
  };
  checkStrategy(params);
  return { market, order, responseType: readResponseType(params, typeName) };
}

function readSide(params: Params): 'buy' | 'sell' {
  const side = params.required('side');
  if (side === 'BUY') return 'buy';
  if (side === 'SELL') return 'sell';
  throw refusal('side');
}

function readTimeInForce(params: Params, rule: TypeRule): SimTimeInForce | null {
  if (!rule.timeInForce) {
    if (params.has('timeInForce')) throw notRequired('timeInForce');
    return rule.postOnly ? 'GTC' : null;
  }
  const value = params.required('timeInForce');
  if (value !== 'GTC' && value !== 'IOC' && value !== 'FOK') throw refusal('timeInForce');
  return value;
}

function readQuantities(params: Params, rule: TypeRule): { quantity: Decimal | null; quoteQuantity: Decimal | null } {
  if (rule.type !== 'market') {
    if (params.has('quoteOrderQty')) throw notRequired('quoteOrderQty');
    return { quantity: positive(params.requiredDecimal('quantity'), 'quantity'), quoteQuantity: null };
  }
  if (params.has('quantity') && params.has('quoteOrderQty')) throw notRequired('quoteOrderQty');
  if (params.has('quoteOrderQty'))
    return { quantity: null, quoteQuantity: positive(params.requiredDecimal('quoteOrderQty'), 'quoteOrderQty') };
  if (!params.has('quantity')) throw missingEither('quoteOrderQty', 'quantity');
  return { quantity: positive(params.requiredDecimal('quantity'), 'quantity'), quoteQuantity: null };
}

function readIceberg(params: Params, rule: TypeRule, timeInForce: SimTimeInForce | null): Decimal | null {
  const iceberg = params.decimal('icebergQty');
  if (iceberg === null || iceberg.eq('0')) return null;
  if (!rule.price) throw notRequired('icebergQty');
  if (timeInForce !== 'GTC') throw refusal('timeInForce');
  return iceberg;
}

/** Zero is well-formed and still no price: Binance answers -1013 before the engine sees it. */
function positive(value: Decimal, name: string): Decimal {
  if (value.s > 0 && value.c[0] !== 0) return value;
  throw new BinanceRefusal(-1013, name === 'price' || name === 'stopPrice' ? `Invalid ${name}.` : 'Invalid quantity.');
}

function refused(params: Params, name: string): null {
  if (params.has(name)) throw notRequired(name);
  return null;
}

/** What this exchange has not got is refused by name instead of being ignored. */
function refuseUnsupported(params: Params): void {
  if (params.has('trailingDelta')) throw new BinanceRefusal(-2010, 'Trailing stop orders are not supported for this symbol.');
  for (const name of ['pegPriceType', 'pegOffsetType', 'pegOffsetValue']) {
    if (params.has(name)) throw new BinanceRefusal(-2010, 'Pegged orders are not supported for this symbol.');
  }
}

function readStp(params: Params): SimStpMode {
  const name = params.text('selfTradePreventionMode');
  if (name === null) return 'expire-maker';
  const mode = STP_MODES[name];
  if (mode !== undefined) return mode;
  throw new BinanceRefusal(-1013, 'This symbol does not allow the specified self-trade prevention mode.');
}

function checkStrategy(params: Params): void {
  params.integer('strategyId');
  const type = params.integer('strategyType');
  if (type !== null && type < 1_000_000) throw new BinanceRefusal(-1167, "Parameter 'strategyType' must be 1000000 or more.");
}

function readResponseType(params: Params, typeName: string): ResponseType {
  const value = params.choice<ResponseType>('newOrderRespType', ['ACK', 'RESULT', 'FULL']);
  return value ?? (typeName === 'MARKET' || typeName === 'LIMIT' ? 'FULL' : 'ACK');
}

/** A client order id of the request; `null` when it was not sent. */
export function readClientId(params: Params, name: string): string | null {
  const value = params.text(name);
  if (value === null) return null;
  if (!CLIENT_ID_PATTERN.test(value)) throw illegalCharacters(name, CLIENT_ID_LEGAL);
  return ownCopy(value);
}

/** A part of a text keeps the whole text in memory: an order is kept for ever, the request that brought it need not be. */
function ownCopy(text: string): string {
  return COPY_BUFFER.toString('latin1', 0, COPY_BUFFER.write(text, 'latin1'));
}

/** Which order is meant, by `orderId` and/or a client id. @throws BinanceRefusal -1102 when neither was sent. */
export function readOrderIds(
  params: Params,
  idName: string,
  clientIdName: string,
): { orderId: number | null; clientOrderId: string | null } {
  const orderId = params.integer(idName);
  const clientOrderId = readClientId(params, clientIdName);
  if (orderId === null && clientOrderId === null) throw missingEither(clientIdName, idName);
  return { orderId, clientOrderId };
}

/** A mandatory choice, refused as missing when absent. */
export function requiredChoice<T extends string>(params: Params, name: string, allowed: readonly T[]): T {
  const value = params.has(name) ? params.choice(name, allowed) : null;
  if (value === null) throw missingParameter(name);
  return value;
}
