import type { SimRefusal } from '../../exchange/types.js';

/**
 * A request that Binance refuses: code, text and HTTP status as documented ("Error codes" and "HTTP return codes" of the Spot
 * API docs, read 2026-07-21). Thrown wherever the fault is found and caught at one place per transport.
 */
export class BinanceRefusal extends Error {
  override readonly name = 'BinanceRefusal';

  constructor(
    readonly code: number,
    message: string,
    readonly status = 400,
    /** JSON of `data`, for half-done cancel-replaces. */
    readonly data: string | null = null,
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
  }
}

/** The refusals that need no value in their text. */
export const REFUSALS = {
  unauthorized: [-1002, 'You are not authorized to execute this request.', 401],
  unsupported: [-1020, 'This operation is not supported.', 400],
  late: [-1021, 'Timestamp for this request is outside of the recvWindow.', 400],
  early: [-1021, "Timestamp for this request was 1000ms ahead of the server's time.", 400],
  signature: [-1022, 'Signature for this request is not valid.', 400],
  duplicateParameter: [-1101, 'Duplicate values for a parameter detected.', 400],
  emptyBook: [-1112, 'No orders on book for symbol.', 400],
  timeInForce: [-1115, 'Invalid timeInForce.', 400],
  orderType: [-1116, 'Invalid orderType.', 400],
  side: [-1117, 'Invalid side.', 400],
  interval: [-1120, 'Invalid interval.', 400],
  symbol: [-1121, 'Invalid symbol.', 400],
  moreThanADay: [-1127, 'More than 24 hours between startTime and endTime.', 400],
  combination: [-1128, 'Combination of optional parameters invalid.', 400],
  json: [-1135, 'Invalid JSON Request', 400],
  insufficientBalance: [-2010, 'Account has insufficient balance for requested action.', 400],
  duplicateOrder: [-2010, 'Duplicate order sent.', 400],
  wouldTake: [-2010, 'Order would immediately match and take.', 400],
  wouldTrigger: [-2010, 'Order would trigger immediately.', 400],
  unknownOrder: [-2011, 'Unknown order sent.', 400],
  cancelRestricted: [-2011, 'Order was not canceled due to cancel restrictions.', 400],
  noSuchOrder: [-2013, 'Order does not exist.', 400],
  keyFormat: [-2014, 'API-key format invalid.', 401],
  key: [-2015, 'Invalid API-key, IP, or permissions for action.', 401],
  amendIncrease: [-2038, 'Order amend (quantity increase) is not supported.', 400],
  amendNoChange: [-2038, 'The requested action would change no state; rejecting', 400],
  idMismatch: [-2039, 'Client order ID is not correct for this order ID', 400],
  subscribed: [-2035, 'User Data Stream subscription already active.', 400],
  notSubscribed: [-2036, 'User Data Stream subscription not active.', 400],
  hmacLogon: [-4056, 'HMAC_SHA256 API key is not supported.', 400],
} as const satisfies Record<string, readonly [code: number, message: string, status: number]>;

export function refusal(name: keyof typeof REFUSALS): BinanceRefusal {
  const [code, message, status] = REFUSALS[name];
  return new BinanceRefusal(code, message, status);
}

export function missingParameter(name: string): BinanceRefusal {
  return new BinanceRefusal(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
}

export function missingEither(one: string, other: string): BinanceRefusal {
  return new BinanceRefusal(-1102, `Param '${one}' or '${other}' must be sent, but both were empty/null!`);
}

export function notRequired(name: string): BinanceRefusal {
  return new BinanceRefusal(-1106, `Parameter '${name}' sent when not required.`);
}

export function illegalCharacters(name: string, legal: string): BinanceRefusal {
  return new BinanceRefusal(-1100, `Illegal characters found in parameter '${name}'; legal range is '${legal}'.`);
}

export function invalidValue(name: string): BinanceRefusal {
  return new BinanceRefusal(-1130, `Data sent for parameter '${name}' is not valid.`);
}

export function tooPrecise(name: string): BinanceRefusal {
  return new BinanceRefusal(-1111, `Parameter '${name}' has too much precision.`);
}

export function filterFailure(filter: string): BinanceRefusal {
  return new BinanceRefusal(-1013, `Filter failure: ${filter}`);
}

const FILTER_NAMES: Readonly<Record<NonNullable<SimRefusal['filter']>, string>> = {
  price: 'PRICE_FILTER',
  'lot-size': 'LOT_SIZE',
  'market-lot-size': 'MARKET_LOT_SIZE',
  notional: 'NOTIONAL',
  'percent-price': 'PERCENT_PRICE_BY_SIDE',
  'max-open-orders': 'MAX_NUM_ORDERS',
  precision: 'PRECISION',
  iceberg: 'ICEBERG_PARTS',
};

/** The engine's refusal in Binance's words. */
export function refusalOf(error: SimRefusal): BinanceRefusal {
  switch (error.code) {
    case 'unknown-symbol':
      return refusal('symbol');
    case 'filter':
      return error.filter === 'precision'
        ? new BinanceRefusal(-1111, 'Precision is over the maximum defined for this asset.')
        : filterFailure(FILTER_NAMES[error.filter ?? 'price']);
    case 'insufficient-balance':
      return refusal('insufficientBalance');
    case 'duplicate-client-order-id':
      return refusal('duplicateOrder');
    case 'would-match-immediately':
      return refusal('wouldTake');
    case 'would-trigger-immediately':
      return refusal('wouldTrigger');
    case 'unknown-order':
      return refusal('unknownOrder');
    case 'no-liquidity':
      return refusal('emptyBook');
    case 'amend-not-decrease':
      return refusal('amendIncrease');
    case 'amend-no-change':
      return refusal('amendNoChange');
    case 'cancel-restricted':
      return refusal('cancelRestricted');
  }
}

/** `{"code":…,"msg":…}`, with `data` where there is some. */
export function refusalJson(error: BinanceRefusal): string {
  const data = error.data === null ? '' : `,"data":${error.data}`;
  return `{"code":${error.code},"msg":${JSON.stringify(error.message)}${data}}`;
}
