import type { SimCandle, SimDepth, SimTrade } from '../../../exchange/types.js';
import type { AggregateTrade } from '../aggregate-trades.js';
import type { Decimal } from '#libs/kernel';
import { text8 } from './text.js';

type Level = readonly [price: Decimal, quantity: Decimal];

/** `[["4.00000000","431.00000000"],…]` */
export function levelsJson(levels: Iterable<Level>): string {
  let text = '';
  for (const [price, quantity] of levels) text += `${text === '' ? '' : ','}["${text8(price)}","${text8(quantity)}"]`;
  return `[${text}]`;
}

/** A book snapshot; the engine's sequence is the venue's update id. */
export function depthJson(depth: SimDepth): string {
  return `{"lastUpdateId":${depth.sequence},"bids":${levelsJson(depth.bids)},"asks":${levelsJson(depth.asks)}}`;
}

export function tradeJson(trade: SimTrade): string {
  const quote = text8(trade.price.times(trade.quantity));
  return (
    `{"id":${trade.tradeId},"price":"${text8(trade.price)}","qty":"${text8(trade.quantity)}","quoteQty":"${quote}"` +
    `,"time":${trade.atMs},"isBuyerMaker":${trade.buyerIsMaker},"isBestMatch":true}`
  );
}

export function aggregateTradeJson(trade: AggregateTrade): string {
  return (
    `{"a":${trade.id},"p":"${text8(trade.price)}","q":"${text8(trade.quantity)}","f":${trade.firstTradeId},"l":${trade.lastTradeId}` +
    `,"T":${trade.atMs},"m":${trade.buyerIsMaker},"M":true}`
  );
}

export function klineJson(candle: SimCandle, closeTimeMs: number): string {
  return (
    `[${candle.openTimeMs},"${text8(candle.open)}","${text8(candle.high)}","${text8(candle.low)}","${text8(candle.close)}"` +
    `,"${text8(candle.volume)}",${closeTimeMs},"${text8(candle.quoteVolume)}",${candle.trades},"${text8(candle.takerBuyVolume)}"` +
    `,"${text8(candle.takerBuyQuote)}","0"]`
  );
}
