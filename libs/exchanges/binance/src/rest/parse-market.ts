import type { BookLevel, Candle, Instrument, MarketTrade, OrderType, Ticker } from '#libs/model';
import { CANDLE_INTERVALS } from '../domain/capabilities.js';
import { instrumentFilters } from '../domain/filters.js';
import type { ToSymbol } from './parse.js';
import {
  amountText,
  boolean,
  id,
  list,
  object,
  optionalAmountText,
  optionalTimeMs,
  text,
  timeMs,
  UnreadableAnswer,
  type Raw,
} from './responses.js';

/** One of the venue's counters: `REQUEST_WEIGHT` per minute, `ORDERS` per 10 seconds, … */
export interface RateLimit {
  readonly type: string;
  /** As in the names of the headers: `1M`, `10S`, `1D`. */
  readonly window: string;
  readonly windowMs: number;
  readonly limit: number;
  readonly count: number | null;
}

export interface ExchangeInfo {
  readonly serverTimeMs: number;
  readonly rateLimits: readonly RateLimit[];
  readonly instruments: readonly Instrument[];
  /** Markets whose entry we could not read: left out, and counted. */
  readonly unreadable: number;
}

/** `exchangeInfo`. One broken market does not hide the others. */
export function parseExchangeInfo(value: unknown, venue: string): ExchangeInfo {
  const raw = object(value, 'exchangeInfo');
  const instruments: Instrument[] = [];
  let unreadable = 0;
  for (const row of list(raw['symbols'], 'symbols')) {
    try {
      instruments.push(parseInstrument(row, venue));
    } catch (error) {
      if (!(error instanceof UnreadableAnswer)) throw error;
      unreadable += 1;
    }
  }
  return { serverTimeMs: timeMs(raw, 'serverTime'), rateLimits: parseRateLimits(raw['rateLimits']), instruments, unreadable };
}

const ORDER_TYPES: ReadonlyMap<string, OrderType> = new Map<string, OrderType>([
  ['LIMIT', 'limit'],
  ['MARKET', 'market'],
  ['STOP_LOSS', 'stop-market'],
  ['STOP_LOSS_LIMIT', 'stop-limit'],
]);

function parseInstrument(row: unknown, venue: string): Instrument {
  const raw = object(row, 'symbol');
  const base = text(raw, 'baseAsset');
  const quote = text(raw, 'quoteAsset');
  const types = words(raw, 'orderTypes');
  return {
    venue,
    symbol: `${base}/${quote}`,
    venueSymbol: text(raw, 'symbol'),
    base,
    quote,
    kind: 'spot',
    status: marketStatus(text(raw, 'status'), raw['isSpotTradingAllowed']),
    orderTypes: types.flatMap((type) => ORDER_TYPES.get(type) ?? []),
    timesInForce: ['GTC', 'IOC', 'FOK'],
    postOnly: types.includes('LIMIT_MAKER'),
    quoteQuantityMarket: raw['quoteOrderQtyMarketAllowed'] === true,
    amend: raw['amendAllowed'] === true,
    filters: instrumentFilters(list(raw['filters'] ?? [], 'filters').map((filter) => object(filter, 'filter'))),
  };
}

/** Every other status (END_OF_DAY, HALT, BREAK, and those to come) means that nothing trades. */
function marketStatus(word: string, spotAllowed: unknown): Instrument['status'] {
  if (spotAllowed === false) return 'halted';
  if (word === 'TRADING') return 'trading';
  return word === 'CANCEL_ONLY' ? 'cancel-only' : 'halted';
}

function words(raw: Raw, field: string): readonly string[] {
  const value = raw[field];
  return Array.isArray(value) ? value.filter((word): word is string => typeof word === 'string') : [];
}

const INTERVAL_MS: ReadonlyMap<string, number> = new Map([
  ['SECOND', 1_000],
  ['MINUTE', 60_000],
  ['HOUR', 3_600_000],
  ['DAY', 86_400_000],
]);

/** `rateLimits` of `exchangeInfo`, of WebSocket answers, and of `rateLimit/order`. Rows that say nothing are left out. */
export function parseRateLimits(value: unknown): readonly RateLimit[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((row: unknown) => {
    if (typeof row !== 'object' || row === null) return [];
    const { rateLimitType, interval, intervalNum, limit, count } = row as Raw;
    const unitMs = typeof interval === 'string' ? INTERVAL_MS.get(interval) : undefined;
    if (typeof rateLimitType !== 'string' || unitMs === undefined || typeof intervalNum !== 'number' || typeof limit !== 'number')
      return [];
    const window = `${intervalNum}${String(interval).charAt(0)}`;
    return [{ type: rateLimitType, window, windowMs: unitMs * intervalNum, limit, count: typeof count === 'number' ? count : null }];
  });
}

/** `ticker/24hr`, FULL or MINI, and the rolling windows of the same shape. */
export function parseTicker(value: unknown, toSymbol: ToSymbol): Ticker {
  const raw = object(value, 'ticker');
  return {
    symbol: toSymbol(text(raw, 'symbol')),
    last: amountText(raw, 'lastPrice'),
    bid: optionalAmountText(raw, 'bidPrice'),
    bidQuantity: optionalAmountText(raw, 'bidQty'),
    ask: optionalAmountText(raw, 'askPrice'),
    askQuantity: optionalAmountText(raw, 'askQty'),
    open: optionalAmountText(raw, 'openPrice'),
    high: optionalAmountText(raw, 'highPrice'),
    low: optionalAmountText(raw, 'lowPrice'),
    volume: amountText(raw, 'volume'),
    quoteVolume: optionalAmountText(raw, 'quoteVolume'),
    change: optionalAmountText(raw, 'priceChange'),
    changePercent: optionalAmountText(raw, 'priceChangePercent'),
    venueTimeMs: optionalTimeMs(raw, 'closeTime'),
  };
}

/** `ticker/bookTicker`: the best of both sides. */
export interface BookTicker {
  readonly symbol: string;
  readonly bid: string;
  readonly bidQuantity: string;
  readonly ask: string;
  readonly askQuantity: string;
}

export function parseBookTicker(value: unknown, toSymbol: ToSymbol): BookTicker {
  const raw = object(value, 'book ticker');
  return {
    symbol: toSymbol(text(raw, 'symbol')),
    bid: amountText(raw, 'bidPrice'),
    bidQuantity: amountText(raw, 'bidQty'),
    ask: amountText(raw, 'askPrice'),
    askQuantity: amountText(raw, 'askQty'),
  };
}

/** `price` of `ticker/price` and `avgPrice`. */
export function parsePrice(value: unknown): string {
  return amountText(object(value, 'price'), 'price');
}

/** `trades` and `historicalTrades`, newest last. */
export function parseTrades(value: unknown, symbol: string): readonly MarketTrade[] {
  return list(value, 'trades').map((row) => {
    const raw = object(row, 'trade');
    return {
      symbol,
      venueTradeId: id(raw, 'id'),
      price: amountText(raw, 'price'),
      quantity: amountText(raw, 'qty'),
      side: boolean(raw, 'isBuyerMaker') ? 'sell' : 'buy',
      venueTimeMs: timeMs(raw, 'time'),
    };
  });
}

/** `aggTrades`: the trades of one taker at one price as one. */
export function parseAggregateTrades(value: unknown, symbol: string): readonly MarketTrade[] {
  return list(value, 'trades').map((row) => {
    const raw = object(row, 'trade');
    return {
      symbol,
      venueTradeId: id(raw, 'a'),
      price: amountText(raw, 'p'),
      quantity: amountText(raw, 'q'),
      side: boolean(raw, 'm') ? 'sell' : 'buy',
      venueTimeMs: timeMs(raw, 'T'),
    };
  });
}

/** `klines`, oldest first: rows without names. */
export function parseCandles(value: unknown): readonly Candle[] {
  return list(value, 'candles').map((row) => {
    const raw = byPlace(row, 'candle');
    const trades = raw['8'];
    return {
      openTimeMs: timeMs(raw, '0'),
      closeTimeMs: timeMs(raw, '6'),
      open: amountText(raw, '1'),
      high: amountText(raw, '2'),
      low: amountText(raw, '3'),
      close: amountText(raw, '4'),
      volume: amountText(raw, '5'),
      quoteVolume: optionalAmountText(raw, '7'),
      trades: typeof trades === 'number' && Number.isSafeInteger(trades) ? trades : null,
    };
  });
}

export function isCandleInterval(word: string): boolean {
  return (CANDLE_INTERVALS as readonly string[]).includes(word);
}

/** A depth snapshot, best first. */
export interface DepthAnswer {
  readonly lastUpdateId: string;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

export function parseDepth(value: unknown): DepthAnswer {
  const raw = object(value, 'depth');
  return { lastUpdateId: id(raw, 'lastUpdateId'), bids: parseLevels(raw['bids']), asks: parseLevels(raw['asks']) };
}

export function parseLevels(value: unknown): readonly BookLevel[] {
  return list(value, 'levels').map((row) => {
    const raw = byPlace(row, 'level');
    return [amountText(raw, '0'), amountText(raw, '1')] as const;
  });
}

export function parseServerTime(value: unknown): number {
  return timeMs(object(value, 'time'), 'serverTime');
}

/** A row without names: its fields are read by their places. */
function byPlace(row: unknown, what: string): Raw {
  return list(row, what) as unknown as Raw;
}
