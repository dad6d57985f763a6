import {
  instrumentFilters,
  parseAcknowledgement,
  parseAggregateTrades,
  parseAmended,
  parseBalances,
  parseCancelReplace,
  parseCandles,
  parseCommissionRates,
  parseDepth,
  parseExchangeInfo,
  parseFills,
  parseOrder,
  parseOrderList,
  parseOrders,
  parsePrice,
  parseRateLimits,
  parseServerTime,
  parseTicker,
  parseBookTicker,
  parseTrades,
  UnreadableAnswer,
  type ToSymbol,
} from '#libs/exchanges/binance';

/** One of the adapter's own parse functions. @throws UnreadableAnswer */
export type Reader = (value: unknown, toSymbol: ToSymbol) => unknown;

type Fields = Readonly<Record<string, unknown>>;

/** Payloads may be anything: nothing is taken for an object before it is seen to be one. */
function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Fields)[name] : undefined;
}

/** A list of what `read` reads, or one of it: several endpoints answer either. */
const oneOrMany =
  (read: Reader): Reader =>
  (value, toSymbol) =>
    Array.isArray(value) ? value.map((item: unknown) => read(item, toSymbol)) : read(value, toSymbol);

/** An order's answer; an ACK says less, and is read for what it says. */
const order: Reader = (value, toSymbol) =>
  fieldOf(value, 'status') === undefined ? parseAcknowledgement(value, toSymbol) : parseOrder(value, toSymbol);
const orderOrList: Reader = (value, toSymbol) =>
  fieldOf(value, 'contingencyType') === undefined ? order(value, toSymbol) : parseOrderList(value, toSymbol);
const exchangeInfo: Reader = (value) => {
  const info = parseExchangeInfo(value, 'binance');
  if (info.unreadable > 0) throw new UnreadableAnswer(`${info.unreadable} markets`);
  return info;
};
const marketTrades: Reader = (value) => parseTrades(value, '');
const aggregateTrades: Reader = (value) => parseAggregateTrades(value, '');
const rateLimits: Reader = (value) => {
  const limits = parseRateLimits(value);
  if (!Array.isArray(value) || limits.length !== value.length) throw new UnreadableAnswer('rate limits');
  return limits;
};
const myFilters: Reader = (value) => {
  const rows = fieldOf(value, 'symbolFilters');
  if (!Array.isArray(rows)) throw new UnreadableAnswer('symbolFilters is no list');
  return instrumentFilters(rows.filter((row: unknown): row is Fields => typeof row === 'object' && row !== null));
};
const candles: Reader = (value) => parseCandles(value);
const price = oneOrMany((value) => parsePrice(value));
const nothing: Reader = () => null;

/** By the path below `/api/v3/`. What is not here, the adapter does not read. */
const BY_PATH: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['ping', nothing],
  ['time', (value) => parseServerTime(value)],
  ['exchangeInfo', exchangeInfo],
  ['depth', (value) => parseDepth(value)],
  ['trades', marketTrades],
  ['historicalTrades', marketTrades],
  ['aggTrades', aggregateTrades],
  ['klines', candles],
  ['uiKlines', candles],
  ['avgPrice', price],
  ['ticker', oneOrMany(parseTicker)],
  ['ticker/24hr', oneOrMany(parseTicker)],
  ['ticker/tradingDay', oneOrMany(parseTicker)],
  ['ticker/price', price],
  ['ticker/bookTicker', oneOrMany(parseBookTicker)],
  ['order', orderOrList],
  ['order/test', (value) => parseCommissionRates(value)],
  ['order/cancelReplace', parseCancelReplace],
  ['order/amend/keepPriority', parseAmended],
  ['openOrders', parseOrders],
  ['allOrders', parseOrders],
  ['sor/order', oneOrMany(order)],
  ['order/oco', parseOrderList],
  ['orderList', parseOrderList],
  ['orderList/oco', parseOrderList],
  ['orderList/oto', parseOrderList],
  ['orderList/otoco', parseOrderList],
  ['orderList/opo', parseOrderList],
  ['orderList/opoco', parseOrderList],
  ['allOrderList', oneOrMany(parseOrderList)],
  ['openOrderList', oneOrMany(parseOrderList)],
  ['account', (value) => parseBalances(value)],
  ['account/commission', (value) => parseCommissionRates(value)],
  ['myTrades', parseFills],
  ['myFilters', myFilters],
  ['rateLimit/order', rateLimits],
]);

const ROOT = '/api/v3/';

export function isSpotPath(path: string): boolean {
  return path.startsWith(ROOT);
}

export function readerOfPath(path: string): Reader | null {
  return (isSpotPath(path) ? BY_PATH.get(path.slice(ROOT.length)) : undefined) ?? null;
}

/** By what an answer holds, where nothing says what was asked: names that only one kind of answer has. The first that fits counts. */
const BY_FIELDS: readonly (readonly [fields: readonly string[], reader: Reader])[] = [
  [['symbols', 'serverTime'], exchangeInfo],
  [['authorizedSince'], nothing],
  [['serverTime'], (value) => parseServerTime(value)],
  [['lastUpdateId'], (value) => parseDepth(value)],
  [['cancelResult'], parseCancelReplace],
  [['amendedOrder'], parseAmended],
  [['contingencyType'], oneOrMany(parseOrderList)],
  [['balances'], (value) => parseBalances(value)],
  [['standardCommission'], (value) => parseCommissionRates(value)],
  [['standardCommissionForOrder'], (value) => parseCommissionRates(value)],
  [['orderId', 'isBuyer'], parseFills],
  [['orderId', 'clientOrderId'], oneOrMany(orderOrList)],
  [['id', 'isBuyerMaker'], marketTrades],
  [['a', 'p', 'q', 'T'], aggregateTrades],
  [['lastPrice', 'volume'], oneOrMany(parseTicker)],
  [['bidPrice', 'askPrice'], oneOrMany(parseBookTicker)],
  [['price', 'symbol'], price],
  [['price', 'mins'], price],
  [['rateLimitType', 'count'], rateLimits],
  [['exchangeFilters', 'symbolFilters'], myFilters],
  [['subscriptionId'], nothing],
];

const KLINE_FIELDS_MIN = 11;

/** `null` where nothing in the answer tells what it is. */
export function readerOfShape(value: unknown): Reader | null {
  const sample: unknown = Array.isArray(value) ? value[0] : value;
  // An empty answer acknowledges, an empty list has nothing to read.
  if (sample === undefined) return nothing;
  if (Array.isArray(sample)) return sample.length >= KLINE_FIELDS_MIN ? candles : null;
  if (typeof sample !== 'object' || sample === null) return null;
  if (Object.keys(sample).length === 0) return nothing;
  return BY_FIELDS.find(([fields]) => fields.every((field) => field in sample))?.[1] ?? null;
}
