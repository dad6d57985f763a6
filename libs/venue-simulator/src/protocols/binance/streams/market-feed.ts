import type { SimExchange, SimMarketEvent } from '../../../exchange/types.js';
import type { MarketFeed } from './topic.js';

type Listener = (event: SimMarketEvent) => void;

/** One listener at the exchange for all streams; events of markets that nobody watches cost one look-up. */
export class ExchangeFeed implements MarketFeed {
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly stop: () => void;

  constructor(exchange: SimExchange) {
    this.stop = exchange.onMarketEvent((event) => {
      const set = this.listeners.get(event.symbol);
      if (set !== undefined) for (const listener of set) listener(event);
    });
  }

  listen(symbol: string, listener: Listener): () => void {
    let set = this.listeners.get(symbol);
    if (set === undefined) {
      set = new Set();
      this.listeners.set(symbol, set);
    }
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size === 0 && this.listeners.get(symbol) === set) this.listeners.delete(symbol);
    };
  }

  close(): void {
    this.stop();
  }
}
