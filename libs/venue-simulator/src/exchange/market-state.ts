import { CandleHistory } from './candle-history.js';
import { Candles } from './candles.js';
import type { PriceLevel } from './live-order.js';
import type { MarketRules } from './market-rules.js';
import { OrderBook } from './order-book.js';
import type { Outbox } from './outbox.js';
import { hash32, textHash32 } from './prng.js';
import { StopBook } from './stop-book.js';
import { type TapeTrade, TradeTape } from './trade-tape.js';
import type { SimDepth, SimStats24h, SimTrade } from './types.js';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
const PRIOR_MINUTES = 10;
const PRIOR_GAP_MS = 1000;
/** Numbers kept for the trades before the start: more than the seconds of the prior minutes and the one begun. */
const PRIOR_IDS = 1000;
/** A usual order of the makers is worth this many times the smallest allowed order. */
const LOT_NOTIONALS = 600n;

/** A trade that is to be recorded; it gets its number then. */
export interface TradeEntry extends Omit<TapeTrade, 'tradeId'> {
  readonly buyOrderId: number;
  readonly sellOrderId: number;
}

/** Everything about one market that is not an account's. */
export class MarketState {
  readonly book = new OrderBook();
  readonly stops = new StopBook();
  readonly tape: TradeTape;
  readonly candles: Candles;
  /** A usual size of the makers' orders. */
  readonly lotSteps: number;
  sequence: number;
  private nextTradeId: number;

  constructor(
    readonly rules: MarketRules,
    private readonly outbox: Outbox,
    seed: number,
    startMs: number,
    idBase: number,
  ) {
    const wanted = rules.affordableSteps(rules.notionalMinUnits * LOT_NOTIONALS, rules.seedTicks);
    this.lotSteps = Math.max(rules.quantityMinSteps, wanted);
    this.tape = new TradeTape(rules);
    this.sequence = idBase;
    this.nextTradeId = idBase;
    const endMinute = Math.floor(startMs / MINUTE_MS) - PRIOR_MINUTES;
    const history = new CandleHistory(rules, seed, endMinute, this.lotSteps);
    this.candles = new Candles(rules, history);
    this.makePriorTrades(seed, endMinute * MINUTE_MS, startMs);
  }

  /** Enters a trade on the tape, tells the public, and gives the trade's number. */
  recordTrade(entry: TradeEntry): number {
    const { ticks, steps, atMs, buyerIsMaker, buyOrderId, sellOrderId } = entry;
    const tradeId = this.nextTradeId;
    this.nextTradeId += 1;
    const trade = { tradeId, ticks, steps, quoteUnits: entry.quoteUnits, atMs, buyerIsMaker };
    this.tape.record(trade);
    this.candles.record(trade);
    const { symbol } = this.rules;
    if (this.outbox.hearsMarket('trade', symbol)) {
      const price = this.rules.priceOf(ticks);
      const quantity = this.rules.quantityOf(steps);
      this.outbox.postMarket({ type: 'trade', symbol, tradeId, price, quantity, buyerIsMaker, buyOrderId, sellOrderId, atMs });
    }
    return tradeId;
  }

  /** Tells the public what a level shows now, zero when it is gone, unless it has been told just that. */
  announce(level: PriceLevel, atMs: number): void {
    if (level.visibleSteps === level.announcedSteps) return;
    level.announcedSteps = level.visibleSteps;
    this.sequence += 1;
    if (!this.outbox.hearsMarket('level', this.rules.symbol)) return;
    this.outbox.postMarket({
      type: 'level',
      symbol: this.rules.symbol,
      side: level.isBuy ? 'buy' : 'sell',
      price: this.rules.priceOf(level.ticks),
      quantity: this.rules.quantityOf(level.visibleSteps),
      sequence: this.sequence,
      atMs,
    });
  }

  depth(limit: number): SimDepth {
    return { sequence: this.sequence, bids: this.levels(true, limit), asks: this.levels(false, limit) };
  }

  recentTrades(limit: number): readonly SimTrade[] {
    return this.tape.recent(limit);
  }

  stats24h(nowMs: number): SimStats24h {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const day = this.candles.minutesJoined(minute - DAY_MINUTES + 1, minute);
    const { rules, tape } = this;
    return {
      open: rules.priceOf(day.open),
      high: rules.priceOf(day.high),
      low: rules.priceOf(day.low),
      last: rules.priceOf(tape.lastTicks),
      lastQuantity: rules.quantityOf(tape.lastSteps),
      volume: rules.quantityOf(day.steps),
      quoteVolume: rules.moneyOf(day.quoteUnits),
      openTimeMs: nowMs - DAY_MINUTES * MINUTE_MS,
      closeTimeMs: nowMs,
      firstTradeId: Math.max(tape.firstTradeId, tape.lastTradeId - day.trades + 1),
      lastTradeId: tape.lastTradeId,
      count: day.trades,
    };
  }

  private levels(isBuy: boolean, limit: number): SimDepth['bids'] {
    const side = this.book.side(isBuy);
    const count = Math.min(limit, side.size);
    const levels: SimDepth['bids'][number][] = [];
    for (let i = 0; i < count; i += 1) {
      const level = side.at(i)!;
      levels.push([this.rules.priceOf(level.ticks), this.rules.quantityOf(level.visibleSteps)]);
    }
    return levels;
  }

  /**
   * The last minutes before the start, as single trades, one a second, close to the seed price. They depend on their distance to the
   * start only, and the first live trade always has the same number, so that a seed behaves the same on any day.
   */
  private makePriorTrades(seed: number, fromMs: number, startMs: number): void {
    const key = hash32(seed, textHash32(this.rules.symbol), 0x7ade);
    const reach = Math.trunc(this.rules.seedTicks / 10_000);
    const count = Math.ceil((startMs - fromMs) / PRIOR_GAP_MS);
    this.nextTradeId += PRIOR_IDS - count;
    for (let before = count; before > 0; before -= 1) {
      const noise = hash32(key, before);
      const ticks = this.rules.seedTicks + (noise % (2 * reach + 1)) - reach;
      const steps = Math.max(this.rules.quantityMinSteps, Math.trunc((this.lotSteps * (1 + (noise & 0xff))) / 512));
      const atMs = Math.max(fromMs, startMs - before * PRIOR_GAP_MS);
      const quoteUnits = this.rules.quoteUnits(ticks, steps);
      this.recordTrade({ ticks, steps, quoteUnits, atMs, buyerIsMaker: (noise & 0x100) === 0, buyOrderId: 0, sellOrderId: 0 });
    }
  }
}

/** The price band's test: price ≤ mean × up and price ≥ mean × down. */
export function isWithinBand(market: MarketState, ticks: number, nowMs: number): boolean {
  const { bandUp, bandDown } = market.rules;
  const mean = market.tape.mean(nowMs);
  const price = BigInt(ticks) * mean.denominator;
  if (bandUp.numerator > 0n && price * bandUp.denominator > mean.numerator * bandUp.numerator) return false;
  return price * bandDown.denominator >= mean.numerator * bandDown.numerator;
}
