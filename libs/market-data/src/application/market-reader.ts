import type { Exchange, ExchangeDirectory } from '#libs/exchanges/contract';
import { err, ok, type Clock, type Result } from '#libs/kernel';
import type { BookSnapshot, Candle, MarketTrade, Ticker } from '#libs/model';
import { MicroCache } from './micro-cache.js';

export interface Market {
  readonly venue: string;
  readonly symbol: string;
}

/** Why there is nothing to ask a venue for. What a venue itself refuses comes as a thrown `VenueError`. */
export type NoMarket = 'venue-not-found' | 'instrument-not-found' | 'markets-not-loaded' | 'no-such-interval';

export interface CandleQuery {
  readonly interval: string;
  readonly sinceMs: number | null;
  readonly limit: number;
}

export interface HeldBook {
  readonly book: BookSnapshot;
  /** Since the last change that reached us, ms. */
  readonly ageMs: number;
}

/** How long the first reader of a book waits for it to be built. */
const BOOK_WAIT_MS = 3_000;
const SHARED_MS = 1_000;
const SHARED_MAX = 5_000;
/** Few trades are asked for often, many seldom: two sizes of answer, so that callers with different limits share. */
const TRADE_PAGES = [100, 1_000] as const;

/** Market data of all venues. Every method throws only `VenueError`. */
export class MarketReader {
  private readonly tickers: MicroCache<Ticker>;
  private readonly trades: MicroCache<readonly MarketTrade[]>;
  private readonly candles: MicroCache<readonly Candle[]>;

  constructor(
    private readonly exchanges: ExchangeDirectory,
    private readonly clock: Clock,
  ) {
    const now = (): number => clock.monotonicMs();
    this.tickers = new MicroCache(SHARED_MS, SHARED_MAX, now);
    this.trades = new MicroCache(SHARED_MS, SHARED_MAX, now);
    this.candles = new MicroCache(SHARED_MS, SHARED_MAX, now);
  }

  all(): readonly Exchange[] {
    return this.exchanges.all();
  }

  find(venue: string): Exchange | undefined {
    return this.exchanges.find(venue);
  }

  /** The book as it is known, trusted or not; the first call for a symbol starts it. Best first, `depth` levels a side. */
  async book(market: Market, depth: number): Promise<Result<HeldBook, NoMarket>> {
    const found = this.market(market);
    if (!found.ok) return found;
    const book = await found.value.book(market.symbol, depth, BOOK_WAIT_MS);
    return ok({ book, ageMs: Math.max(0, this.clock.nowMs() - book.receivedAtMs) });
  }

  async ticker(market: Market): Promise<Result<Ticker, NoMarket>> {
    const found = this.market(market);
    if (!found.ok) return found;
    return ok(await this.tickers.get(keyOf(market), () => found.value.ticker(market.symbol)));
  }

  /** Newest last. */
  async recentTrades(market: Market, limit: number): Promise<Result<readonly MarketTrade[], NoMarket>> {
    const found = this.market(market);
    if (!found.ok) return found;
    const page = TRADE_PAGES.find((size) => limit <= size) ?? TRADE_PAGES[1];
    const trades = await this.trades.get(keyOf(market, page), () => found.value.trades(market.symbol, page));
    return ok(trades.slice(-limit));
  }

  /** Oldest first; the last one may still be open. Without `sinceMs` the newest ones. */
  async candlesOf(market: Market, query: CandleQuery): Promise<Result<readonly Candle[], NoMarket>> {
    const found = this.market(market);
    if (!found.ok) return found;
    const { interval, sinceMs, limit } = query;
    if (!found.value.candleIntervals.includes(interval)) return err('no-such-interval');
    const key = keyOf(market, interval, sinceMs ?? 'newest', limit);
    return ok(await this.candles.get(key, () => found.value.candles(market.symbol, interval, sinceMs, limit)));
  }

  private market({ venue, symbol }: Market): Result<Exchange, NoMarket> {
    const exchange = this.exchanges.find(venue);
    if (exchange === undefined) return err('venue-not-found');
    if (exchange.instrument(symbol) !== undefined) return ok(exchange);
    return err(exchange.instruments().length === 0 ? 'markets-not-loaded' : 'instrument-not-found');
  }
}

function keyOf({ venue, symbol }: Market, ...rest: readonly (string | number)[]): string {
  return [venue, symbol, ...rest].join('\n');
}
