import type { Instrument } from '#libs/model';

/** Which market is meant: by our unified symbol, or by Binance's. Replaced as a whole when instruments are loaded again. */
export class SymbolTable {
  private byUnified: ReadonlyMap<string, Instrument> = new Map();
  private byVenue: ReadonlyMap<string, Instrument> = new Map();
  private list: readonly Instrument[] = [];

  constructor(instruments: readonly Instrument[] = []) {
    this.replace(instruments);
  }

  replace(instruments: readonly Instrument[]): void {
    this.list = instruments;
    this.byUnified = new Map(instruments.map((instrument) => [instrument.symbol, instrument]));
    this.byVenue = new Map(instruments.map((instrument) => [instrument.venueSymbol, instrument]));
  }

  all(): readonly Instrument[] {
    return this.list;
  }

  instrument(symbol: string): Instrument | undefined {
    return this.byUnified.get(symbol);
  }

  /** Our symbol for Binance's. A market that we do not know keeps Binance's word: an order there is still an order. */
  unified(venueSymbol: string): string {
    return this.byVenue.get(venueSymbol)?.symbol ?? venueSymbol;
  }
}
