import type { SimMarket } from '../../../exchange/types.js';
import type { BinanceContext } from '../context.js';
import { depthJson } from '../formats/market-json.js';
import { text8 } from '../formats/text.js';
import { TimedTopic } from './topic.js';
import type { MarketFeed } from './topic.js';

/** `<s>@depth[@100ms]`: what changed since the last event, `U` following the last `u` without a gap. */
export class DepthDiffTopic extends TimedTopic {
  private readonly bids = new Map<string, string>();
  private readonly asks = new Map<string, string>();
  private lastSequence = 0;
  private sequence = 0;
  private stopListening: (() => void) | null = null;

  constructor(
    name: string,
    private readonly context: BinanceContext,
    private readonly feed: MarketFeed,
    private readonly market: SimMarket,
    everyMs: number,
  ) {
    super(name, 'depthUpdate', context.world.scheduler, everyMs, true);
  }

  protected override start(): void {
    this.lastSequence = this.context.exchange.depth(this.market.symbol, 1).sequence;
    this.sequence = this.lastSequence;
    this.bids.clear();
    this.asks.clear();
    this.stopListening = this.feed.listen(this.market.symbol, (event) => {
      if (event.type !== 'level') return;
      (event.side === 'buy' ? this.bids : this.asks).set(text8(event.price), text8(event.quantity));
      this.sequence = event.sequence;
    });
    super.start();
  }

  override stop(): void {
    super.stop();
    this.stopListening?.();
    this.stopListening = null;
  }

  protected tick(): void {
    if (this.sequence === this.lastSequence) return;
    const symbol = this.context.symbols.text(this.market.symbol);
    this.publish(
      `{"e":"depthUpdate","E":${this.context.nowMs()},"s":"${symbol}","U":${this.lastSequence + 1},"u":${this.sequence}` +
        `,"b":${pairs(this.bids)},"a":${pairs(this.asks)}}`,
    );
    this.lastSequence = this.sequence;
    this.bids.clear();
    this.asks.clear();
  }
}

function pairs(levels: ReadonlyMap<string, string>): string {
  let text = '';
  for (const [price, quantity] of levels) text += `${text === '' ? '' : ','}["${price}","${quantity}"]`;
  return `[${text}]`;
}

/** `<s>@depth5|10|20[@100ms]`: the best levels whenever the book has changed. */
export class PartialDepthTopic extends TimedTopic {
  private lastSequence = -1;

  constructor(
    name: string,
    private readonly context: BinanceContext,
    private readonly market: SimMarket,
    private readonly levels: number,
    everyMs: number,
  ) {
    super(name, 'partialDepth', context.world.scheduler, everyMs);
  }

  protected tick(): void {
    const depth = this.context.exchange.depth(this.market.symbol, this.levels);
    if (depth.sequence === this.lastSequence) return;
    this.lastSequence = depth.sequence;
    this.publish(depthJson(depth));
  }
}
