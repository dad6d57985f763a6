import { type Decimal, ZERO } from '#libs/kernel';
import type { SimCandle, SimDepth, SimStats24h } from '../../../exchange/types.js';
import { joined } from '../intervals.js';
import { ZERO8, text8 } from './text.js';

/** What a ticker is about: one window of trading. */
export interface TickerWindow {
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly last: Decimal;
  readonly lastQuantity: Decimal;
  readonly volume: Decimal;
  readonly quoteVolume: Decimal;
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
  readonly firstTradeId: number;
  readonly lastTradeId: number;
  readonly count: number;
}

/** A window put together from candles, e.g. of the trading day; its trade ids count back from the latest. */
export function windowOf(candles: readonly SimCandle[], stats: SimStats24h, openTimeMs: number, closeTimeMs: number): TickerWindow {
  const [first, ...rest] = candles;
  if (first === undefined) {
    const { last } = stats;
    return {
      ...stats,
      open: last,
      high: last,
      low: last,
      volume: ZERO,
      quoteVolume: ZERO,
      openTimeMs,
      closeTimeMs,
      firstTradeId: -1,
      lastTradeId: -1,
      count: 0,
    };
  }
  let whole = first;
  for (const next of rest) whole = joined(whole, next);
  return {
    open: whole.open,
    high: whole.high,
    low: whole.low,
    last: whole.close,
    lastQuantity: stats.lastQuantity,
    volume: whole.volume,
    quoteVolume: whole.quoteVolume,
    openTimeMs,
    closeTimeMs,
    firstTradeId: Math.max(0, stats.lastTradeId - whole.trades + 1),
    lastTradeId: stats.lastTradeId,
    count: whole.trades,
  };
}

/** Change, change in per cent (3 decimals) and mean price of a window. */
export function changeOf(window: TickerWindow): { readonly change: string; readonly percent: string; readonly average: string } {
  const change = window.last.minus(window.open);
  const percent = window.open.eq(ZERO) ? '0.000' : change.times('100').div(window.open).toFixed(3);
  const average = window.volume.eq(ZERO) ? ZERO8 : text8(window.quoteVolume.div(window.volume));
  return { change: change.toFixed(8), percent, average };
}

function miniFields(window: TickerWindow): object {
  return {
    openPrice: text8(window.open),
    highPrice: text8(window.high),
    lowPrice: text8(window.low),
    lastPrice: text8(window.last),
    volume: text8(window.volume),
    quoteVolume: text8(window.quoteVolume),
    openTime: window.openTimeMs,
    closeTime: window.closeTimeMs,
    firstId: window.firstTradeId,
    lastId: window.lastTradeId,
    count: window.count,
  };
}

/** `ticker` and `ticker/tradingDay`: no book in it. */
export function windowTicker(symbol: string, window: TickerWindow, type: 'FULL' | 'MINI'): object {
  if (type === 'MINI') return { symbol, ...miniFields(window) };
  const { change, percent, average } = changeOf(window);
  return { symbol, priceChange: change, priceChangePercent: percent, weightedAvgPrice: average, ...miniFields(window) };
}

/** `ticker/24hr`, with the best bid and ask. */
export function dayTicker(symbol: string, stats: SimStats24h, depth: SimDepth, type: 'FULL' | 'MINI'): object {
  if (type === 'MINI') return { symbol, ...miniFields(stats) };
  const { change, percent, average } = changeOf(stats);
  const { bidPrice, bidQty, askPrice, askQty } = bestOf(depth);
  return {
    symbol,
    priceChange: change,
    priceChangePercent: percent,
    weightedAvgPrice: average,
    prevClosePrice: text8(stats.open),
    lastPrice: text8(stats.last),
    lastQty: text8(stats.lastQuantity),
    bidPrice,
    bidQty,
    askPrice,
    askQty,
    openPrice: text8(stats.open),
    highPrice: text8(stats.high),
    lowPrice: text8(stats.low),
    volume: text8(stats.volume),
    quoteVolume: text8(stats.quoteVolume),
    openTime: stats.openTimeMs,
    closeTime: stats.closeTimeMs,
    firstId: stats.firstTradeId,
    lastId: stats.lastTradeId,
    count: stats.count,
  };
}

/** Best prices; zero where a side is empty. */
export function bestOf(depth: SimDepth): { bidPrice: string; bidQty: string; askPrice: string; askQty: string } {
  const [bid] = depth.bids;
  const [ask] = depth.asks;
  return {
    bidPrice: bid === undefined ? ZERO8 : text8(bid[0]),
    bidQty: bid === undefined ? ZERO8 : text8(bid[1]),
    askPrice: ask === undefined ? ZERO8 : text8(ask[0]),
    askQty: ask === undefined ? ZERO8 : text8(ask[1]),
  };
}
