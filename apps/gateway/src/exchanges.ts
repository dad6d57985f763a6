import { createBinanceExchange } from '#libs/exchanges/binance';
import { ExchangeDirectory } from '#libs/exchanges/contract';
import type { Exchange } from '#libs/exchanges/contract';
import type { Clock } from '#libs/kernel';
import type { Settings } from '#libs/settings';
import type { Logger } from 'pino';

type MakeExchange = (venue: Settings['venues'][string], settings: Settings, clock: Clock, logger: Logger) => Exchange;

/** Every venue the gateway can talk to. A new venue is a new line here and nowhere else in the product. */
const VENUES: Readonly<Record<string, MakeExchange>> = {
  binance: (venue, settings, clock, logger) =>
    createBinanceExchange({
      restUrl: venue.restUrl,
      wsUrl: venue.wsUrl,
      ...(venue.wsApiUrl === undefined ? {} : { wsApiUrl: venue.wsApiUrl }),
      recvWindowMs: settings.orders.recvWindowMs,
      clock,
      logger,
    }),
};

/** The exchanges that the settings enable, made but not started. A venue in the settings that we do not know is refused by name. */
export class ConfiguredExchanges extends ExchangeDirectory {
  private readonly exchanges: ReadonlyMap<string, Exchange>;

  constructor(settings: Settings, clock: Clock, logger: Logger) {
    super();
    const made = new Map<string, Exchange>();
    for (const [id, venue] of Object.entries(settings.venues)) {
      if (!venue.enabled) continue;
      const make = VENUES[id];
      if (make === undefined) throw new UnknownVenueError(id);
      made.set(id, make(venue, settings, clock, logger));
    }
    this.exchanges = made;
  }

  all(): readonly Exchange[] {
    return [...this.exchanges.values()];
  }

  find(id: string): Exchange | undefined {
    return this.exchanges.get(id);
  }
}

export class UnknownVenueError extends Error {
  override readonly name = 'UnknownVenueError';

  constructor(id: string) {
    super(`venues.${id}: there is no such venue; known are ${Object.keys(VENUES).join(', ')}`);
  }
}
