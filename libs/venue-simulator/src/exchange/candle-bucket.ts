import type { MarketRules } from './market-rules.js';
import { ASSET_DECIMALS, fromUnits } from './scaled.js';
import type { TapeTrade } from './trade-tape.js';
import type { SimCandle } from './types.js';

/** One candle in whole numbers: prices in ticks, volume in steps, quote in units of 10^-8. */
export interface Bucket {
  readonly index: number;
  open: number;
  high: number;
  low: number;
  close: number;
  steps: number;
  quoteUnits: bigint;
  takerBuySteps: number;
  takerBuyQuoteUnits: bigint;
  trades: number;
}

/** A stretch of time without trades stands at the price before it. */
export function flatBucket(index: number, ticks: number): Bucket {
  return {
    index,
    open: ticks,
    high: ticks,
    low: ticks,
    close: ticks,
    steps: 0,
    quoteUnits: 0n,
    takerBuySteps: 0,
    takerBuyQuoteUnits: 0n,
    trades: 0,
  };
}

export function addTrade(bucket: Bucket, trade: TapeTrade): void {
  bucket.high = Math.max(bucket.high, trade.ticks);
  bucket.low = Math.min(bucket.low, trade.ticks);
  bucket.close = trade.ticks;
  bucket.steps += trade.steps;
  bucket.quoteUnits += trade.quoteUnits;
  bucket.trades += 1;
  if (trade.buyerIsMaker) return;
  bucket.takerBuySteps += trade.steps;
  bucket.takerBuyQuoteUnits += trade.quoteUnits;
}

/** Joins the next stretch of time onto `into`. */
export function joinBucket(into: Bucket, next: Bucket): void {
  into.high = Math.max(into.high, next.high);
  into.low = Math.min(into.low, next.low);
  into.close = next.close;
  into.steps += next.steps;
  into.quoteUnits += next.quoteUnits;
  into.takerBuySteps += next.takerBuySteps;
  into.takerBuyQuoteUnits += next.takerBuyQuoteUnits;
  into.trades += next.trades;
}

export function candleOf(bucket: Bucket, openTimeMs: number, rules: MarketRules): SimCandle {
  return {
    openTimeMs,
    open: rules.priceOf(bucket.open),
    high: rules.priceOf(bucket.high),
    low: rules.priceOf(bucket.low),
    close: rules.priceOf(bucket.close),
    volume: rules.quantityOf(bucket.steps),
    quoteVolume: fromUnits(bucket.quoteUnits, ASSET_DECIMALS),
    takerBuyVolume: rules.quantityOf(bucket.takerBuySteps),
    takerBuyQuote: fromUnits(bucket.takerBuyQuoteUnits, ASSET_DECIMALS),
    trades: bucket.trades,
  };
}

/** Buckets of one length in order of time, the newest `max` of them. Only stretches with trades have one. */
export class BucketSeries {
  private buckets: Bucket[] = [];

  constructor(
    readonly lengthMs: number,
    private readonly max: number,
  ) {}

  record(trade: TapeTrade): void {
    const index = Math.floor(trade.atMs / this.lengthMs);
    let bucket = this.buckets[this.buckets.length - 1];
    if (bucket === undefined || bucket.index !== index) {
      bucket = flatBucket(index, trade.ticks);
      this.buckets.push(bucket);
      if (this.buckets.length >= 2 * this.max) this.buckets = this.buckets.slice(-this.max);
    }
    addTrade(bucket, trade);
  }

  /** The newest bucket at or before `index`. */
  atOrBefore(index: number): Bucket | undefined {
    let low = 0;
    let high = this.buckets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.buckets[middle]!.index <= index) low = middle + 1;
      else high = middle;
    }
    return this.buckets[low - 1];
  }

  oldestIndex(): number | undefined {
    return this.buckets[0]?.index;
  }
}
