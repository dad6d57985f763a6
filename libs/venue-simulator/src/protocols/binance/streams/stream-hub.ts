import type { SimMarket } from '../../../exchange/types.js';
import type { BinanceContext } from '../context.js';
import { INTERVALS } from '../intervals.js';
import { DepthDiffTopic, PartialDepthTopic } from './depth-topics.js';
import { ExchangeFeed } from './market-feed.js';
import { AllMiniTickersTopic, KlineTopic, MiniTickerTopic, TickerTopic } from './timed-topics.js';
import type { StreamSink, Topic } from './topic.js';
import { AggregateTradeTopic, BookTickerTopic, TradeTopic } from './trade-topics.js';

const FAST_MS = 100;
const SLOW_MS = 1_000;

/** The streams that somebody listens to. A name that means nothing is accepted and stays silent, as at Binance. */
export class StreamHub {
  private readonly topics = new Map<string, Topic>();
  private readonly feed: ExchangeFeed;

  constructor(private readonly context: BinanceContext) {
    this.feed = new ExchangeFeed(context.exchange);
  }

  subscribe(name: string, sink: StreamSink): void {
    const topic = this.topics.get(name) ?? this.make(name);
    if (topic === null) return;
    this.topics.set(name, topic);
    topic.add(sink);
  }

  unsubscribe(name: string, sink: StreamSink): void {
    if (this.topics.get(name)?.remove(sink) === true) this.topics.delete(name);
  }

  close(): void {
    for (const topic of this.topics.values()) topic.stop();
    this.topics.clear();
    this.feed.close();
  }

  private make(name: string): Topic | null {
    if (name === '!miniTicker@arr') return new AllMiniTickersTopic(name, this.context);
    const at = name.indexOf('@');
    const symbol = name.slice(0, at);
    const market = symbol === symbol.toLowerCase() ? this.context.symbols.find(symbol.toUpperCase()) : undefined;
    return at < 0 || market === undefined ? null : this.makeFor(name, name.slice(at + 1), market);
  }

  private makeFor(name: string, kind: string, market: SimMarket): Topic | null {
    const { context, feed } = this;
    switch (kind) {
      case 'trade':
        return new TradeTopic(name, context, feed, market);
      case 'aggTrade':
        return new AggregateTradeTopic(name, context, feed, market);
      case 'bookTicker':
        return new BookTickerTopic(name, context, feed, market);
      case 'miniTicker':
        return new MiniTickerTopic(name, context, market);
      case 'ticker':
        return new TickerTopic(name, context, market);
      default:
        return this.makeDepth(name, kind, market) ?? this.makeKline(name, kind, market);
    }
  }

  private makeDepth(name: string, kind: string, market: SimMarket): Topic | null {
    const match = /^depth(5|10|20)?(?:@(100|1000)ms)?$/.exec(kind);
    if (match === null) return null;
    const everyMs = match[2] === '100' ? FAST_MS : SLOW_MS;
    const levels = match[1];
    return levels === undefined
      ? new DepthDiffTopic(name, this.context, this.feed, market, everyMs)
      : new PartialDepthTopic(name, this.context, market, Number.parseInt(levels, 10), everyMs);
  }

  private makeKline(name: string, kind: string, market: SimMarket): Topic | null {
    const interval = kind.startsWith('kline_') ? INTERVALS.get(kind.slice('kline_'.length)) : undefined;
    return interval === undefined ? null : new KlineTopic(name, this.context, market, interval);
  }
}
