import type { Decimal } from '#libs/kernel';
import type { MarketRules } from './market-rules.js';
import { ASSET_DECIMALS, fromUnits } from './scaled.js';
import type { SimTrade } from './types.js';

/** One trade in the engine's whole numbers. */
export interface TapeTrade {
  readonly tradeId: number;
  readonly ticks: number;
  readonly steps: number;
  readonly quoteUnits: bigint;
  readonly atMs: number;
  readonly buyerIsMaker: boolean;
}

const TRADES_KEPT = 1000;
const BAND_WINDOW_MS = 300_000;

interface Second {
  readonly startMs: number;
  product: bigint;
  steps: bigint;
}

/** A mean price as a whole fraction of ticks. */
export interface MeanTicks {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** The last trades of one market, its last price, and its mean price over the last five minutes. */
export class TradeTape {
  private trades: TapeTrade[] = [];
  private seconds: Second[] = [];
  private product = 0n;
  private steps = 0n;
  lastTicks: number;
  lastSteps = 0;
  firstTradeId = 0;
  lastTradeId = 0;

  constructor(private readonly rules: MarketRules) {
    this.lastTicks = rules.seedTicks;
  }

  record(trade: TapeTrade): void {
    if (this.firstTradeId === 0) this.firstTradeId = trade.tradeId;
    this.trades.push(trade);
    if (this.trades.length >= 2 * TRADES_KEPT) this.trades = this.trades.slice(-TRADES_KEPT);
    this.lastTicks = trade.ticks;
    this.lastSteps = trade.steps;
    this.lastTradeId = trade.tradeId;
    const startMs = trade.atMs - (trade.atMs % 1000);
    let second = this.seconds[this.seconds.length - 1];
    if (second === undefined || second.startMs !== startMs) {
      second = { startMs, product: 0n, steps: 0n };
      this.seconds.push(second);
    }
    const steps = BigInt(trade.steps);
    const product = steps * BigInt(trade.ticks);
    second.product += product;
    second.steps += steps;
    this.product += product;
    this.steps += steps;
  }

  /** The volume-weighted mean of the last five minutes; the last price where nothing traded. */
  mean(nowMs: number): MeanTicks {
    let gone = 0;
    while (gone < this.seconds.length && this.seconds[gone]!.startMs <= nowMs - BAND_WINDOW_MS) {
      this.product -= this.seconds[gone]!.product;
      this.steps -= this.seconds[gone]!.steps;
      gone += 1;
    }
    if (gone > 0) this.seconds.splice(0, gone);
    return this.fraction(this.product, this.steps);
  }

  /** The mean of the last minutes, five at most, to 8 digits (the rest cut off). */
  meanPrice(minutes: number, nowMs: number): Decimal {
    const whole = this.mean(nowMs);
    const mean = minutes >= 5 ? whole : this.meanSince(nowMs - minutes * 60_000);
    const one = this.rules.priceOf(1);
    const scale = 10n ** 8n;
    return fromUnits((mean.numerator * scale) / mean.denominator, 8)
      .times(one)
      .round(ASSET_DECIMALS, 0);
  }

  recent(limit: number): readonly SimTrade[] {
    return this.trades.slice(-Math.min(limit, TRADES_KEPT)).map((trade) => ({
      tradeId: trade.tradeId,
      price: this.rules.priceOf(trade.ticks),
      quantity: this.rules.quantityOf(trade.steps),
      atMs: trade.atMs,
      buyerIsMaker: trade.buyerIsMaker,
    }));
  }

  private meanSince(sinceMs: number): MeanTicks {
    let product = 0n;
    let steps = 0n;
    for (const second of this.seconds) {
      if (second.startMs <= sinceMs) continue;
      product += second.product;
      steps += second.steps;
    }
    return this.fraction(product, steps);
  }

  private fraction(product: bigint, steps: bigint): MeanTicks {
    return steps === 0n ? { numerator: BigInt(this.lastTicks), denominator: 1n } : { numerator: product, denominator: steps };
  }
}
