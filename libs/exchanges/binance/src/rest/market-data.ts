import type { Candle, MarketTrade, Ticker } from '#libs/model';
import type { SymbolTable } from '../domain/symbol.js';
import { depthWeight, WEIGHTS } from '../domain/weights.js';
import type { BinanceApi } from './binance-api.js';
import { asVenueError, notSent } from './errors.js';
import { isCandleInterval, parseCandles, parseDepth, parseTicker, parseTrades, type DepthAnswer } from './parse-market.js';
import { clamp } from './paging.js';

const TRADES_MAX = 1_000;
const CANDLES_MAX = 1_000;
const DEPTH_MAX = 5_000;

/** Public market data over REST, by unified symbol. Every method throws only `VenueError`. */
export class BinanceMarketData {
  constructor(
    private readonly api: BinanceApi,
    private readonly symbols: SymbolTable,
  ) {}

  async ticker(symbol: string): Promise<Ticker> {
    const answer = await this.get('/api/v3/ticker/24hr', this.symbolQuery(symbol), WEIGHTS.ticker24hr);
    return parsed(() => parseTicker(answer, (venueSymbol) => this.symbols.unified(venueSymbol)));
  }

  /** Newest last; at most 1,000. */
  async trades(symbol: string, limit: number): Promise<readonly MarketTrade[]> {
    const query = `${this.symbolQuery(symbol)}&limit=${clamp(limit, TRADES_MAX)}`;
    const answer = await this.get('/api/v3/trades', query, WEIGHTS.trades);
    return parsed(() => parseTrades(answer, symbol));
  }

  /** Oldest first; at most 1,000. The last one may still be open. */
  async candles(symbol: string, interval: string, sinceMs: number | null, limit: number): Promise<readonly Candle[]> {
    if (!isCandleInterval(interval)) throw notSent('invalid-request', 'no such candle interval');
    const since = sinceMs === null ? '' : `&startTime=${Math.floor(sinceMs)}`;
    const query = `${this.symbolQuery(symbol)}&interval=${interval}${since}&limit=${clamp(limit, CANDLES_MAX)}`;
    const answer = await this.get('/api/v3/klines', query, WEIGHTS.klines);
    return parsed(() => parseCandles(answer));
  }

  /** A snapshot of the book, best first, with the id that the diff stream goes on from; at most 5,000 levels a side. By the venue's symbol. */
  async depth(venueSymbol: string, limit: number): Promise<DepthAnswer> {
    const levels = clamp(limit, DEPTH_MAX);
    const query = `symbol=${encodeURIComponent(venueSymbol)}&limit=${levels}`;
    const answer = await this.get('/api/v3/depth', query, depthWeight(levels));
    return parsed(() => parseDepth(answer));
  }

  /** The venue's word for a market. @throws VenueError `invalid-symbol`, `venue-unavailable` (`not-sent`) */
  venueSymbol(symbol: string): string {
    const instrument = this.symbols.instrument(symbol);
    if (instrument !== undefined) return instrument.venueSymbol;
    if (this.symbols.all().length === 0) throw notSent('venue-unavailable', 'the markets are not loaded yet');
    throw notSent('invalid-symbol', 'no such market');
  }

  private symbolQuery(symbol: string): string {
    return `symbol=${encodeURIComponent(this.venueSymbol(symbol))}`;
  }

  private get(path: string, query: string, weight: number): Promise<unknown> {
    return this.api.publicGet(path, query, weight);
  }
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw asVenueError('read', error);
  }
}
