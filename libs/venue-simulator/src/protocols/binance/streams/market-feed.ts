import type { SimExchange, SimMarketEvent } from '../../../exchange/types.js';
import type { MarketFeed } from './topic.js';

type Listener = (event: SimMarketEvent) => void;

/** The exchange's events for all streams; those of markets that nobody watches are never made. */
export class ExchangeFeed implements MarketFeed {
  private readonly stops = new Set<() => void>();

  constructor(private readonly exchange: SimExchange) {}

  listen(symbol: string, listener: Listener): () => void {
    const stopListening = this.exchange.onMarketEvent(listener, { symbol });
    const stop = (): void => {
      stopListening();
      this.stops.delete(stop);
    };
    this.stops.add(stop);
    return stop;
  }

  close(): void {
    for (const stop of [...this.stops]) stop();
  }
}
