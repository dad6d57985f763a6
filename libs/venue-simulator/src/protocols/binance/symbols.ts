import type { SimExchange, SimMarket } from '../../exchange/types.js';
import type { Params } from './params.js';
import { missingParameter, refusal } from './refusal.js';

const SYMBOL_LEGAL = '^[\\w\\-._&&[^a-z]]{1,50}$';
const SYMBOL_PATTERN = /^[A-Z0-9_.\-\u0080-\uffff]{1,50}$/;
const SYMBOLS_LEGAL = '^\\["[\\w\\-._]{1,50}"(,"[\\w\\-._]{1,50}"){0,}\\]$';
const SYMBOLS_PATTERN = /^\[("[A-Z0-9_.-]{1,50}"(,"[A-Z0-9_.-]{1,50}")*)?\]$/;

/** Binance's spelling of the markets: `BTC/USDT` is `BTCUSDT`. */
export class BinanceSymbols {
  private readonly byVenueSymbol = new Map<string, SimMarket>();
  private readonly venueSymbols = new Map<string, string>();
  readonly markets: readonly SimMarket[];

  constructor(exchange: SimExchange) {
    this.markets = exchange.markets();
    for (const market of this.markets) {
      const symbol = market.base + market.quote;
      this.byVenueSymbol.set(symbol, market);
      this.venueSymbols.set(market.symbol, symbol);
    }
  }

  /** `BTC/USDT` → `BTCUSDT`. */
  text(symbol: string): string {
    return this.venueSymbols.get(symbol) ?? symbol.replace('/', '');
  }

  find(venueSymbol: string): SimMarket | undefined {
    return this.byVenueSymbol.get(venueSymbol);
  }

  /** The market of the mandatory parameter `symbol`. */
  required(params: Params): SimMarket {
    const market = this.optional(params);
    if (market === null) throw missingParameter('symbol');
    return market;
  }

  optional(params: Params): SimMarket | null {
    const text = params.has('symbol') ? params.required('symbol') : null;
    if (text === null) return null;
    const market = this.byVenueSymbol.get(text);
    if (market !== undefined) return market;
    params.matching('symbol', SYMBOL_PATTERN, SYMBOL_LEGAL);
    throw refusal('symbol');
  }

  /** The markets of `symbols=["A","B"]`; `null` when it was not sent. */
  list(params: Params): readonly SimMarket[] | null {
    const text = params.matching('symbols', SYMBOLS_PATTERN, SYMBOLS_LEGAL);
    if (text === null) return null;
    return (JSON.parse(text) as string[]).map((symbol) => {
      const market = this.byVenueSymbol.get(symbol);
      if (market === undefined) throw refusal('symbol');
      return market;
    });
  }
}
