import type { SimMarket, SimMarketEvent } from '../../../exchange/types.js';
import type { BinanceContext } from '../context.js';
import { bestOf } from '../formats/ticker-json.js';
import { text8 } from '../formats/text.js';
import { Topic } from './topic.js';
import type { MarketFeed } from './topic.js';

/** A stream that answers market events once the turn of the event loop is over, so that one order makes one pass. */
abstract class LiveTopic extends Topic {
  private stopListening: (() => void) | null = null;
  private scheduled = false;

  constructor(
    name: string,
    eventType: string,
    protected readonly context: BinanceContext,
    private readonly feed: MarketFeed,
    protected readonly market: SimMarket,
  ) {
    super(name, eventType);
  }

  protected start(): void {
    this.stopListening = this.feed.listen(this.market.symbol, (event) => {
      if (!this.wants(event) || this.scheduled) return;
      this.scheduled = true;
      this.context.world.scheduler.after(0, () => {
        this.scheduled = false;
        if (this.stopListening !== null) this.flush();
      });
    });
  }

  stop(): void {
    this.stopListening?.();
    this.stopListening = null;
  }

  protected get symbolText(): string {
    return this.context.symbols.text(this.market.symbol);
  }

  protected abstract wants(event: SimMarketEvent): boolean;
  protected abstract flush(): void;
}

/** `<s>@trade`: every single trade. */
export class TradeTopic extends LiveTopic {
  private pending: (SimMarketEvent & { type: 'trade' })[] = [];

  constructor(name: string, context: BinanceContext, feed: MarketFeed, market: SimMarket) {
    super(name, 'trade', context, feed, market);
  }

  protected wants(event: SimMarketEvent): boolean {
    if (event.type === 'trade') this.pending.push(event);
    return event.type === 'trade';
  }

  protected flush(): void {
    const trades = this.pending;
    this.pending = [];
    for (const trade of trades) {
      this.publish(
        `{"e":"trade","E":${this.context.nowMs()},"s":"${this.symbolText}","t":${trade.tradeId},"p":"${text8(trade.price)}"` +
          `,"q":"${text8(trade.quantity)}","T":${trade.atMs},"m":${trade.buyerIsMaker},"M":true}`,
      );
    }
  }
}

/** `<s>@aggTrade`: trades of one order at one price as one. */
export class AggregateTradeTopic extends LiveTopic {
  private lastId = 0;

  constructor(name: string, context: BinanceContext, feed: MarketFeed, market: SimMarket) {
    super(name, 'aggTrade', context, feed, market);
  }

  protected override start(): void {
    this.lastId = this.context.aggregateTrades.of(this.market.symbol).at(-1)?.id ?? 0;
    super.start();
  }

  protected wants(event: SimMarketEvent): boolean {
    return event.type === 'trade';
  }

  protected flush(): void {
    const trades = this.context.aggregateTrades.of(this.market.symbol);
    let from = trades.length;
    while (from > 0 && (trades[from - 1]?.id ?? 0) > this.lastId) from -= 1;
    for (const trade of trades.slice(from)) {
      this.lastId = trade.id;
      this.publish(
        `{"e":"aggTrade","E":${this.context.nowMs()},"s":"${this.symbolText}","a":${trade.id},"p":"${text8(trade.price)}"` +
          `,"q":"${text8(trade.quantity)}","f":${trade.firstTradeId},"l":${trade.lastTradeId},"T":${trade.atMs},"m":${trade.buyerIsMaker},"M":true}`,
      );
    }
  }
}

/** `<s>@bookTicker`: the best bid and ask whenever one of them changes. */
export class BookTickerTopic extends LiveTopic {
  private last = '';

  constructor(name: string, context: BinanceContext, feed: MarketFeed, market: SimMarket) {
    super(name, 'bookTicker', context, feed, market);
  }

  protected wants(event: SimMarketEvent): boolean {
    return event.type === 'level';
  }

  protected flush(): void {
    const depth = this.context.exchange.depth(this.market.symbol, 1);
    const { bidPrice, bidQty, askPrice, askQty } = bestOf(depth);
    const best = `"s":"${this.symbolText}","b":"${bidPrice}","B":"${bidQty}","a":"${askPrice}","A":"${askQty}"`;
    if (best === this.last) return;
    this.last = best;
    this.publish(`{"u":${depth.sequence},${best}}`);
  }
}
