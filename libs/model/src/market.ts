import type { Side } from './order-terms.js';

/** Market data keeps the venue's own text: nobody calculates with it on the way through. */
export interface Ticker {
  readonly symbol: string;
  readonly last: string;
  readonly bid: string | null;
  readonly bidQuantity: string | null;
  readonly ask: string | null;
  readonly askQuantity: string | null;
  readonly open: string | null;
  readonly high: string | null;
  readonly low: string | null;
  readonly volume: string;
  readonly quoteVolume: string | null;
  readonly change: string | null;
  readonly changePercent: string | null;
  readonly venueTimeMs: number | null;
}

export interface MarketTrade {
  readonly symbol: string;
  readonly venueTradeId: string;
  readonly price: string;
  readonly quantity: string;
  /** The side that took liquidity. */
  readonly side: Side;
  readonly venueTimeMs: number;
}

export interface Candle {
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly quoteVolume: string | null;
  readonly trades: number | null;
}

/** Price and quantity as the venue wrote them. */
export type BookLevel = readonly [price: string, quantity: string];

export interface BookSnapshot {
  readonly symbol: string;
  /** The venue's sequence of the last change in it. */
  readonly sequence: string;
  readonly venueTimeMs: number | null;
  readonly receivedAtMs: number;
  readonly trust: BookTrust;
  /** Best first. */
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** `live`: proven by sequence. `suspect`: a gap was seen, a rebuild is under way. `stale`: nothing came for too long. */
export type BookTrust = 'live' | 'suspect' | 'stale';
