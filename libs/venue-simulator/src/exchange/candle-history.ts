import { type Bucket, joinBucket } from './candle-bucket.js';
import type { MarketRules } from './market-rules.js';
import { hash32, textHash32 } from './prng.js';

/** Waves of the made-up price: how long (minutes) and how high (millionths of the price). Together under a half, so prices stay positive. */
const WAVES: readonly (readonly [minutes: number, height: number])[] = [
  [1, 150], [8, 500], [60, 2_000], [480, 5_000], [4_320, 20_000], [43_200, 70_000], [259_200, 110_000],
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
  private readonly shift: number;
  private readonly hours = new Map<number, Bucket>();

  /** @param endMinute - the first minute that is not made up, counted since 1970. */
  constructor(private readonly rules: MarketRules, seed: number, readonly endMinute: number, private readonly lotSteps: number) {
    this.key = hash32(seed, textHash32(rules.symbol), 0xca4d1e);
    this.firstMinute = endMinute - HISTORY_DAYS * 1440;
    this.shift = this.wave(endMinute);
  }

  /** The made-up price at the start of a minute, in ticks. */
  ticksAt(minute: number): number {
    const moved = this.rules.seedTicks + Math.trunc((this.rules.seedTicks * (this.wave(minute) - this.shift)) / MILLION);
    return Math.max(1, moved);
  }

  minute(index: number): Bucket {
    const open = this.ticksAt(index);
    const close = this.ticksAt(index + 1);
    const noise = hash32(this.key, 11, index);
    const reach = 1 + Math.trunc(this.rules.seedTicks / 5_000);
    const high = Math.max(open, close) + (noise & 0xff) % reach;
    const low = Math.max(1, Math.min(open, close) - ((noise >>> 8) & 0xff) % reach);
    const trades = 20 + ((noise >>> 16) & 0x7f);
    const steps = Math.max(trades, Math.trunc((this.lotSteps * trades * (1 + (noise >>> 28))) / 8));
    const takerBuySteps = Math.trunc((steps * (30 + (noise % 41))) / 100);
    const middle = (high + low) >>> 1;
    return {
      index, open, high, low, close, steps, trades, takerBuySteps,
      quoteUnits: this.rules.quoteUnits(middle, steps),
      takerBuyQuoteUnits: this.rules.quoteUnits(middle, takerBuySteps),
    };
  }

  /** A whole made-up hour, counted since 1970; remembered, since long candles ask for many. */
  hour(index: number): Bucket {
    let bucket = this.hours.get(index);
    if (bucket === undefined) {
      bucket = this.minute(index * HOUR_MINUTES);
      for (let i = 1; i < HOUR_MINUTES; i += 1) joinBucket(bucket, this.minute(index * HOUR_MINUTES + i));
      if (this.hours.size >= HOURS_KEPT) this.hours.clear();
      this.hours.set(index, bucket);
    }
    return bucket;
  }

  /** The sum of the waves at a minute, in millionths. */
  private wave(minute: number): number {
    let sum = 0;
    for (let i = 0; i < WAVES.length; i += 1) {
      const [length, height] = WAVES[i]!;
      const node = Math.floor(minute / length);
      const within = minute - node * length;
      const before = hash32(this.key, i, node) % (2 * height + 1);
      const after = within === 0 ? before : hash32(this.key, i, node + 1) % (2 * height + 1);
      sum += before - height + Math.trunc(((after - before) * within) / length);
    }
    return sum;
  }
}
