import type { LevelBatch } from '#libs/exchanges/books';
import type { BookLevel, Candle } from '#libs/model';
import type { SequenceId } from './sequence.js';

/**
 * What a frame of the market streams says, in venue symbols. `depth` and `top` come in batches that the reader fills
 * again at the next frame: use them at once, or keep the bytes.
 */
export type MarketFrame =
  | DepthFrame
  | TopFrame
  | TradeFrame
  | CandleFrame
  | TickerFrame
  | PartialDepthFrame
  | ControlFrame
  | { readonly kind: 'shutdown' }
  /** A well-formed event that we have no use for. */
  | { readonly kind: 'other'; readonly event: string }
  /** Not JSON, or an event that misses what it must have. `symbol` where it can still be told. */
  | { readonly kind: 'unreadable'; readonly symbol: string | null; readonly reason: string };

/** Absolute quantities of the levels changed by updates `first` to `last`. */
export interface DepthFrame {
  readonly kind: 'depth';
  readonly symbol: string;
  readonly eventTimeMs: number;
  readonly first: SequenceId;
  readonly last: SequenceId;
  readonly bids: LevelBatch;
  readonly asks: LevelBatch;
}

/** Best bid and ask (`bookTicker`): one level each. The venue sends no time with it. */
export interface TopFrame {
  readonly kind: 'top';
  readonly symbol: string;
  readonly updateId: SequenceId;
  readonly bids: LevelBatch;
  readonly asks: LevelBatch;
}

export interface TradeFrame {
  readonly kind: 'trade';
  readonly stream: 'trade' | 'aggTrade';
  readonly symbol: string;
  readonly tradeId: SequenceId;
  readonly price: string;
  readonly quantity: string;
  readonly tradeTimeMs: number;
  /** The buyer was the maker: the seller took liquidity. */
  readonly buyerIsMaker: boolean;
}

export interface CandleFrame {
  readonly kind: 'candle';
  readonly symbol: string;
  readonly interval: string;
  readonly closed: boolean;
  readonly candle: Candle;
}

/** `24hrTicker` and `24hrMiniTicker`; the mini form has no bid, ask and change. */
export interface TickerFrame {
  readonly kind: 'ticker';
  readonly symbol: string;
  readonly eventTimeMs: number;
  readonly last: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly volume: string;
  readonly quoteVolume: string;
  readonly bid: string | null;
  readonly bidQuantity: string | null;
  readonly ask: string | null;
  readonly askQuantity: string | null;
  readonly change: string | null;
  readonly changePercent: string | null;
}

/** `depth5/10/20`: a whole top of the book. Has no symbol of its own: it comes from the stream's name. */
export interface PartialDepthFrame {
  readonly kind: 'partial-depth';
  readonly symbol: string | null;
  readonly lastUpdateId: SequenceId;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** The answer to one of our control messages. */
export interface ControlFrame {
  readonly kind: 'control';
  readonly id: number | string | null;
  /** `LIST_SUBSCRIPTIONS` answers a list. */
  readonly streams: readonly string[] | null;
  readonly error: { readonly code: number; readonly message: string } | null;
}

/** The REST answer that a book is built on. */
export interface DepthSnapshot {
  readonly lastUpdateId: SequenceId;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}
