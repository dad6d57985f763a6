import { type Bucket, BucketSeries, candleOf, flatBucket, joinBucket } from './candle-bucket.js';
import { CandleHistory } from './candle-history.js';
import type { MarketRules } from './market-rules.js';
import type { TapeTrade } from './trade-tape.js';
import type { SimCandle } from './types.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const WEEK_MS = 604_800_000;
/** 1970 began on a Thursday; weeks begin on Monday. */
const WEEK_OFFSET_MS = 4 * 86_400_000;
const SECONDS_KEPT = 7_200;
const MINUTES_KEPT = 20_160;
const CANDLES_MAX = 1_500;

/** One market's candles: made up before the start, from real trades after it. */
export class Candles {
  private readonly seconds = new BucketSeries(SECOND_MS, SECONDS_KEPT);
  private readonly minutes = new BucketSeries(MINUTE_MS, MINUTES_KEPT);

  constructor(
    private readonly rules: MarketRules,
    private readonly history: CandleHistory,
  ) {}

  record(trade: TapeTrade): void {
    this.seconds.record(trade);
    this.minutes.record(trade);
  }

  /** Without `startMs` the newest ones up to `endMs`; with it the oldest ones from there. Oldest first. */
  candles(intervalMs: number, startMs: number | null, endMs: number | null, limit: number, nowMs: number): readonly SimCandle[] {
    const offset = intervalMs === WEEK_MS ? WEEK_OFFSET_MS : 0;
    const indexOf = (ms: number): number => Math.floor((ms - offset) / intervalMs);
    const count = Math.min(limit, CANDLES_MAX);
    const oldest = indexOf(this.oldestMs(intervalMs) + intervalMs - 1);
    let last = indexOf(endMs === null ? nowMs : Math.min(endMs, nowMs));
    let first = oldest;
    if (startMs === null) first = Math.max(first, last - count + 1);
    else {
      first = Math.max(first, indexOf(startMs + intervalMs - 1));
      last = Math.min(last, first + count - 1);
    }
    const candles: SimCandle[] = [];
    for (let index = first; index <= last; index += 1) {
      const openMs = index * intervalMs + offset;
      candles.push(candleOf(this.range(openMs, intervalMs, nowMs), openMs, this.rules));
    }
    return candles;
  }

  /** Everything from `fromMinute` up to and including `toMinute`, in one. */
  minutesJoined(fromMinute: number, toMinute: number): Bucket {
    let minute = Math.max(fromMinute, this.history.firstMinute);
    const joined = { ...this.minute(minute) };
    minute += 1;
    while (minute <= toMinute) {
      if (minute % 60 === 0 && minute + 60 <= this.history.endMinute && minute + 59 <= toMinute) {
        joinBucket(joined, this.history.hour(minute / 60));
        minute += 60;
      } else {
        joinBucket(joined, this.minute(minute));
        minute += 1;
      }
    }
    return joined;
  }

  private range(openMs: number, intervalMs: number, nowMs: number): Bucket {
    if (intervalMs < MINUTE_MS) {
      const first = Math.floor(openMs / SECOND_MS);
      const joined = { ...this.second(first) };
      for (let i = 1; i < intervalMs / SECOND_MS; i += 1) joinBucket(joined, this.second(first + i));
      return joined;
    }
    const first = Math.floor(openMs / MINUTE_MS);
    const last = Math.min(first + intervalMs / MINUTE_MS - 1, Math.floor(nowMs / MINUTE_MS));
    return this.minutesJoined(first, last);
  }

  private minute(index: number): Bucket {
    if (index < this.history.endMinute) return this.history.minute(index);
    return bucketAt(this.minutes, index, this.rules.seedTicks);
  }

  private second(index: number): Bucket {
    return bucketAt(this.seconds, index, this.rules.seedTicks);
  }

  private oldestMs(intervalMs: number): number {
    if (intervalMs >= MINUTE_MS) return this.history.firstMinute * MINUTE_MS;
    return (this.seconds.oldestIndex() ?? this.history.endMinute * 60) * SECOND_MS;
  }
}

function bucketAt(series: BucketSeries, index: number, seedTicks: number): Bucket {
  const bucket = series.atOrBefore(index);
  if (bucket?.index === index) return bucket;
  return flatBucket(index, bucket?.close ?? seedTicks);
}
