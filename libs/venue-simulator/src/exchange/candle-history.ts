import { type Bucket, joinBucket } from './candle-bucket.js';
import type { MarketRules } from './market-rules.js';
import { hash32, textHash32 } from './prng.js';

/** Waves of the made-up price: how long (minutes) and how high (millionths of the price). Together under a half, so prices stay positive. */
const WAVES: readonly (readonly [minutes: number, height: number])[] = [
  [1, 150],
  [8, 500],
  [60, 2_000],
  [480, 5_000],
  [4_320, 20_000],
  [43_200, 70_000],
  [259_200, 110_000],
];
const MILLION = 1_000_000;
const HISTORY_DAYS = 730;
const HOUR_MINUTES = 60;
const HOURS_KEPT = 20_000;

/**
 * The candles of the time before the simulator began: a pure function of seed, market and minute, at hand for any minute without running
 * through the ones before. The price is a sum of waves through hashed heights; it ends at the seed price where live trading begins.
 */
export class CandleHistory {
  readonly firstMinute: number;
  private readonly key: number;
  private readonly waves: readonly Wave[];
  private readonly shift: number;
  private readonly hours = new Map<number, Bucket>();

  /** @param endMinute - the first minute that is not made up, counted since 1970. */
  constructor(
    private readonly rules: MarketRules,
    seed: number,
    readonly endMinute: number,
    private readonly lotSteps: number,
  ) {
    this.key = hash32(seed, textHash32(rules.symbol), 0xca4d1e);
    this.firstMinute = endMinute - HISTORY_DAYS * 1440;
    this.waves = WAVES.map(([length, height], index) => new Wave(hash32(this.key, index), length, height));
    this.shift = this.wavesAt(endMinute);
  }

  minute(index: number): Bucket {
    return this.bucket(index, this.ticksAt(index), this.ticksAt(index + 1));
  }

  /** A whole made-up hour, counted since 1970; remembered, since long candles ask for many. */
  hour(index: number): Bucket {
    let bucket = this.hours.get(index);
    if (bucket === undefined) {
      bucket = this.makeHour(index * HOUR_MINUTES);
      if (this.hours.size >= HOURS_KEPT) this.hours.clear();
      this.hours.set(index, bucket);
    }
    return bucket;
  }

  private makeHour(first: number): Bucket {
    let open = this.ticksAt(first);
    let joined: Bucket | null = null;
    for (let minute = first; minute < first + HOUR_MINUTES; minute += 1) {
      const close = this.ticksAt(minute + 1);
      const bucket = this.bucket(minute, open, close);
      if (joined === null) joined = bucket;
      else joinBucket(joined, bucket);
      open = close;
    }
    return joined!;
  }

  private bucket(index: number, open: number, close: number): Bucket {
    const noise = hash32(this.key, 11, index);
    const reach = 1 + Math.trunc(this.rules.seedTicks / 5_000);
    const high = Math.max(open, close) + ((noise & 0xff) % reach);
    const low = Math.max(1, Math.min(open, close) - (((noise >>> 8) & 0xff) % reach));
    const trades = 20 + ((noise >>> 16) & 0x7f);
    const steps = Math.max(trades, Math.trunc((this.lotSteps * trades * (1 + (noise >>> 28))) / 8));
    const takerBuySteps = Math.trunc((steps * (30 + (noise % 41))) / 100);
    const middle = (high + low) >>> 1;
    return {
      index,
      open,
      high,
      low,
      close,
      steps,
      trades,
      takerBuySteps,
      quoteUnits: this.rules.quoteUnits(middle, steps),
      takerBuyQuoteUnits: this.rules.quoteUnits(middle, takerBuySteps),
    };
  }

  /** The made-up price at the start of a minute, in ticks. */
  private ticksAt(minute: number): number {
    const moved = this.rules.seedTicks + Math.trunc((this.rules.seedTicks * (this.wavesAt(minute) - this.shift)) / MILLION);
    return Math.max(1, moved);
  }

  /** The sum of the waves at a minute, in millionths. */
  private wavesAt(minute: number): number {
    let sum = 0;
    for (const wave of this.waves) sum += wave.at(minute);
    return sum;
  }
}

/** One wave: straight lines through hashed heights at every `length` minutes. Minutes are mostly asked for in order. */
class Wave {
  private node = Number.NaN;
  private before = 0;
  private after = 0;

  constructor(
    private readonly key: number,
    private readonly length: number,
    private readonly height: number,
  ) {}

  at(minute: number): number {
    const node = Math.floor(minute / this.length);
    if (node !== this.node) {
      this.before = this.heightAt(node);
      this.after = this.heightAt(node + 1);
      this.node = node;
    }
    return this.before + Math.trunc(((this.after - this.before) * (minute - node * this.length)) / this.length);
  }

  private heightAt(node: number): number {
    return (hash32(this.key, node) % (2 * this.height + 1)) - this.height;
  }
}
