import type { SimCandle, SimExchange } from '../../exchange/types.js';
import type { Params } from './params.js';
import { missingParameter, refusal } from './refusal.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** Day 0 of 1970 was a Thursday; Binance's weeks begin on Monday. */
const WEEK_OFFSET_MS = 4 * DAY_MS;
const WEEK_MS = 7 * DAY_MS;

/** A candle length by its name, with the bounds of the candle that a moment falls into. */
export interface Interval {
  readonly name: string;
  /** Length of the exchange's candles that this one is made of. */
  readonly unitMs: number;
  /** Longest possible length, for working out how far back to look. */
  readonly spanMs: number;
  openOf(ms: number): number;
  /** Open time of the candle after the one that opens at `openMs`. */
  nextOpen(openMs: number): number;
}

function fixed(name: string, lengthMs: number): Interval {
  return {
    name,
    unitMs: lengthMs,
    spanMs: lengthMs,
    openOf: (ms) => ms - (ms % lengthMs),
    nextOpen: (openMs) => openMs + lengthMs,
  };
}

const WEEK: Interval = {
  name: '1w',
  unitMs: DAY_MS,
  spanMs: WEEK_MS,
  openOf: (ms) => ms - ((ms - WEEK_OFFSET_MS) % WEEK_MS),
  nextOpen: (openMs) => openMs + WEEK_MS,
};

const MONTH: Interval = {
  name: '1M',
  unitMs: DAY_MS,
  spanMs: 31 * DAY_MS,
  openOf: (ms) => monthStart(ms, 0),
  nextOpen: (openMs) => monthStart(openMs, 1),
};

function monthStart(ms: number, monthsLater: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + monthsLater, 1);
}

export const INTERVALS: ReadonlyMap<string, Interval> = new Map(
  [
    fixed('1s', SECOND_MS),
    fixed('1m', MINUTE_MS),
    fixed('3m', 3 * MINUTE_MS),
    fixed('5m', 5 * MINUTE_MS),
    fixed('15m', 15 * MINUTE_MS),
    fixed('30m', 30 * MINUTE_MS),
    fixed('1h', HOUR_MS),
    fixed('2h', 2 * HOUR_MS),
    fixed('4h', 4 * HOUR_MS),
    fixed('6h', 6 * HOUR_MS),
    fixed('8h', 8 * HOUR_MS),
    fixed('12h', 12 * HOUR_MS),
    fixed('1d', DAY_MS),
    fixed('3d', 3 * DAY_MS),
    WEEK,
    MONTH,
  ].map((interval) => [interval.name, interval]),
);

export function requiredInterval(params: Params): Interval {
  const name = params.text('interval');
  if (name === null) throw missingParameter('interval');
  const interval = INTERVALS.get(name);
  if (interval === undefined) throw refusal('interval');
  return interval;
}

/** Which candles: from `startMs` on, or the last ones up to `endMs`. */
export interface CandleRange {
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly limit: number;
}

/** Candles of an interval, oldest first. Weeks and months are put together from days. */
export function candlesOf(
  exchange: SimExchange,
  symbol: string,
  interval: Interval,
  { startMs, endMs, limit }: CandleRange,
): readonly SimCandle[] {
  if (interval.unitMs === interval.spanMs) return exchange.candles(symbol, interval.unitMs, startMs, endMs, limit);
  const unitsMax = limit * (interval.spanMs / interval.unitMs);
  const firstMs = startMs === null ? null : interval.openOf(startMs + interval.spanMs - 1);
  const units = exchange.candles(symbol, interval.unitMs, firstMs, endMs, unitsMax);
  const groups = new Map<number, SimCandle[]>();
  for (const unit of units) {
    const openMs = interval.openOf(unit.openTimeMs);
    const group = groups.get(openMs);
    if (group === undefined) groups.set(openMs, [unit]);
    else group.push(unit);
  }
  const merged = [...groups].map(([openMs, group]) => merge(openMs, group));
  return startMs === null ? merged.slice(-limit) : merged.slice(0, limit);
}

function merge(openTimeMs: number, group: readonly SimCandle[]): SimCandle {
  const [first, ...rest] = group;
  if (first === undefined) throw new RangeError('no candles to merge');
  let whole: SimCandle = { ...first, openTimeMs };
  for (const next of rest) whole = joined(whole, next);
  return whole;
}

/** One candle after another as one. */
export function joined(one: SimCandle, next: SimCandle): SimCandle {
  return {
    openTimeMs: one.openTimeMs,
    open: one.open,
    high: next.high.gt(one.high) ? next.high : one.high,
    low: next.low.lt(one.low) ? next.low : one.low,
    close: next.close,
    volume: one.volume.plus(next.volume),
    quoteVolume: one.quoteVolume.plus(next.quoteVolume),
    takerBuyVolume: one.takerBuyVolume.plus(next.takerBuyVolume),
    takerBuyQuote: one.takerBuyQuote.plus(next.takerBuyQuote),
    trades: one.trades + next.trades,
  };
}
