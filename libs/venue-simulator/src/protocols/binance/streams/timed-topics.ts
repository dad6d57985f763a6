import type { SimCandle, SimMarket } from '../../../exchange/types.js';
import type { BinanceContext } from '../context.js';
import { bestOf, changeOf } from '../formats/ticker-json.js';
import { text8 } from '../formats/text.js';
import { candlesOf } from '../intervals.js';
import type { Interval } from '../intervals.js';
import { TimedTopic } from './topic.js';

const TICKER_EVERY_MS = 1_000;
const KLINE_EVERY_MS = 2_000;
const KLINE_SECOND_EVERY_MS = 1_000;
const TRADES_LOOKED_AT = 1_000;

/** `<s>@kline_<interval>`: the running candle, and the one before once more when it is closed. */
export class KlineTopic extends TimedTopic {
  private lastOpenMs = 0;

  constructor(
    name: string,
    private readonly context: BinanceContext,
    private readonly market: SimMarket,
    private readonly interval: Interval,
  ) {
    super(name, 'kline', context.world.scheduler, interval.name === '1s' ? KLINE_SECOND_EVERY_MS : KLINE_EVERY_MS);
  }

  protected tick(): void {
    this.context.exchange.advance(this.context.world.clock.nowMs());
    const candles = candlesOf(this.context.exchange, this.market.symbol, this.interval, { startMs: null, endMs: null, limit: 2 });
    const running = candles.at(-1);
    if (running === undefined) return;
    const before = candles.at(-2);
    if (before !== undefined && before.openTimeMs === this.lastOpenMs && running.openTimeMs > this.lastOpenMs)
      this.publish(this.write(before, true));
    this.lastOpenMs = running.openTimeMs;
    this.publish(this.write(running, this.interval.nextOpen(running.openTimeMs) <= this.context.world.clock.nowMs()));
  }

  private write(candle: SimCandle, isClosed: boolean): string {
    const symbol = this.context.symbols.text(this.market.symbol);
    const closeMs = this.interval.nextOpen(candle.openTimeMs) - 1;
    const trades = this.context.exchange
      .recentTrades(this.market.symbol, TRADES_LOOKED_AT)
      .filter(({ atMs }) => atMs >= candle.openTimeMs && atMs <= closeMs);
    return (
      `{"e":"kline","E":${this.context.nowMs()},"s":"${symbol}","k":{"t":${candle.openTimeMs},"T":${closeMs},"s":"${symbol}"` +
      `,"i":"${this.interval.name}","f":${trades[0]?.tradeId ?? -1},"L":${trades.at(-1)?.tradeId ?? -1},"o":"${text8(candle.open)}"` +
      `,"c":"${text8(candle.close)}","h":"${text8(candle.high)}","l":"${text8(candle.low)}","v":"${text8(candle.volume)}","n":${candle.trades}` +
      `,"x":${isClosed},"q":"${text8(candle.quoteVolume)}","V":"${text8(candle.takerBuyVolume)}","Q":"${text8(candle.takerBuyQuote)}","B":"0"}}`
    );
  }
}

/** The 24 hours of one market, short. */
export function miniTickerJson(context: BinanceContext, market: SimMarket): string {
  const stats = context.exchange.stats24h(market.symbol, context.world.clock.nowMs());
  return (
    `{"e":"24hrMiniTicker","E":${context.nowMs()},"s":"${context.symbols.text(market.symbol)}","c":"${text8(stats.last)}"` +
    `,"o":"${text8(stats.open)}","h":"${text8(stats.high)}","l":"${text8(stats.low)}","v":"${text8(stats.volume)}","q":"${text8(stats.quoteVolume)}"}`
  );
}

/** `<s>@miniTicker`, each second. */
export class MiniTickerTopic extends TimedTopic {
  constructor(
    name: string,
    private readonly context: BinanceContext,
    private readonly market: SimMarket,
  ) {
    super(name, '24hrMiniTicker', context.world.scheduler, TICKER_EVERY_MS);
  }

  protected tick(): void {
    this.publish(miniTickerJson(this.context, this.market));
  }
}

/** `!miniTicker@arr`: all markets that traded since the last time. */
export class AllMiniTickersTopic extends TimedTopic {
  private readonly lastTradeIds = new Map<string, number>();

  constructor(
    name: string,
    private readonly context: BinanceContext,
  ) {
    super(name, '24hrMiniTicker', context.world.scheduler, TICKER_EVERY_MS);
  }

  protected tick(): void {
    const changed = this.context.symbols.markets.filter(({ symbol }) => {
      const tradeId = this.context.exchange.recentTrades(symbol, 1).at(-1)?.tradeId ?? 0;
      const isNew = this.lastTradeIds.get(symbol) !== tradeId;
      this.lastTradeIds.set(symbol, tradeId);
      return isNew;
    });
    if (changed.length > 0) this.publish(`[${changed.map((market) => miniTickerJson(this.context, market)).join(',')}]`);
  }
}

/** `<s>@ticker`: the 24 hours of one market in full, each second. */
export class TickerTopic extends TimedTopic {
  constructor(
    name: string,
    private readonly context: BinanceContext,
    private readonly market: SimMarket,
  ) {
    super(name, '24hrTicker', context.world.scheduler, TICKER_EVERY_MS);
  }

  protected tick(): void {
    const { exchange, symbols } = this.context;
    const { symbol } = this.market;
    const stats = exchange.stats24h(symbol, this.context.world.clock.nowMs());
    const { change, percent, average } = changeOf(stats);
    const { bidPrice, bidQty, askPrice, askQty } = bestOf(exchange.depth(symbol, 1));
    this.publish(
      `{"e":"24hrTicker","E":${this.context.nowMs()},"s":"${symbols.text(symbol)}","p":"${change}","P":"${percent}","w":"${average}"` +
        `,"x":"${text8(stats.open)}","c":"${text8(stats.last)}","Q":"${text8(stats.lastQuantity)}","b":"${bidPrice}","B":"${bidQty}"` +
        `,"a":"${askPrice}","A":"${askQty}","o":"${text8(stats.open)}","h":"${text8(stats.high)}","l":"${text8(stats.low)}"` +
        `,"v":"${text8(stats.volume)}","q":"${text8(stats.quoteVolume)}","O":${stats.openTimeMs},"C":${stats.closeTimeMs}` +
        `,"F":${stats.firstTradeId},"L":${stats.lastTradeId},"n":${stats.count}}`,
    );
  }
}
