import type { Decimal } from '#libs/kernel';

/**
 * The words of the simulated exchange: venue-neutral, so that several venues' wire protocols can stand in front of one engine.
 * Everything is synchronous and deterministic: time comes in with each call, randomness from the seed.
 */

export type SimSide = 'buy' | 'sell';
export type SimOrderType = 'limit' | 'market' | 'stop-limit' | 'stop-market' | 'take-profit-limit' | 'take-profit-market';
export type SimTimeInForce = 'GTC' | 'IOC' | 'FOK' | 'GTD';
export type SimStpMode = 'none' | 'expire-maker' | 'expire-taker' | 'expire-both' | 'decrement';
export type SimOrderStatus = 'new' | 'partially-filled' | 'filled' | 'canceled' | 'expired' | 'expired-in-match' | 'rejected';

/** A market with its rules. A `null` rule does not exist. */
export interface SimMarket {
  readonly symbol: string; // BTC/USDT
  readonly base: string;
  readonly quote: string;
  readonly seedPrice: Decimal;
  readonly priceTick: Decimal;
  readonly priceMin: Decimal;
  readonly priceMax: Decimal;
  readonly quantityStep: Decimal;
  readonly quantityMin: Decimal;
  readonly quantityMax: Decimal;
  readonly marketQuantityMax: Decimal;
  readonly notionalMin: Decimal;
  readonly notionalMax: Decimal;
  readonly bandUp: Decimal; // price ≤ reference × bandUp
  readonly bandDown: Decimal;
  readonly openOrdersMax: number;
  readonly makerFee: Decimal;
  readonly takerFee: Decimal;
}

export interface SimNewOrder {
  readonly account: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: SimSide;
  readonly type: SimOrderType;
  readonly timeInForce: SimTimeInForce | null;
  readonly quantity: Decimal | null;
  readonly quoteQuantity: Decimal | null;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly icebergQuantity: Decimal | null;
  readonly expiresAtMs: number | null;
  readonly postOnly: boolean;
  readonly stpMode: SimStpMode;
}

/** An order as it stands: a fresh immutable snapshot at each hand-out. */
export interface SimOrder extends SimNewOrder {
  readonly orderId: number;
  readonly status: SimOrderStatus;
  readonly filledQuantity: Decimal;
  readonly filledQuote: Decimal;
  /** Quantity taken away by self-trade prevention. */
  readonly preventedQuantity: Decimal;
  /** Total quantity; for quote-quantity market orders, what was worked out. */
  readonly originalQuantity: Decimal;
  /** False for a stop order that has not been triggered. */
  readonly isWorking: boolean;
  readonly workingAtMs: number | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Why it ended, e.g. `unfilled-ioc-quantity`, `unfilled-fok`, `no-liquidity`, `self-trade`. */
  readonly expiryReason: string | null;
}

export interface SimFill {
  readonly tradeId: number;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly account: string;
  readonly symbol: string;
  readonly side: SimSide;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly quoteQuantity: Decimal;
  readonly fee: { readonly asset: string; readonly amount: Decimal };
  readonly isMaker: boolean;
  readonly atMs: number;
}

export interface SimBalance {
  readonly asset: string;
  readonly free: Decimal;
  readonly locked: Decimal;
  /** The same in units of 10^-8, for whoever only writes them down. */
  readonly freeUnits: bigint;
  readonly lockedUnits: bigint;
}

/** Where all of an asset is. At any moment deposited = accounts + makers + fees; `makers` is signed, since makers only owe. */
export interface SimAssetTotals {
  readonly asset: string;
  readonly deposited: Decimal;
  readonly accounts: Decimal;
  readonly makers: Decimal;
  readonly fees: Decimal;
}

/** Expected refusals, returned, never thrown. `filter` carries the rule's neutral name where code is `filter`. */
export interface SimRefusal {
  readonly code:
    | 'unknown-symbol'
    | 'filter'
    | 'insufficient-balance'
    | 'duplicate-client-order-id'
    | 'would-match-immediately'
    | 'would-trigger-immediately'
    | 'unknown-order'
    | 'no-liquidity'
    | 'amend-not-decrease'
    | 'amend-no-change'
    | 'cancel-restricted';
  readonly filter?: 'price' | 'lot-size' | 'market-lot-size' | 'notional' | 'percent-price' | 'max-open-orders' | 'precision' | 'iceberg';
}

export type SimResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: SimRefusal };

export interface SimPlaced {
  readonly order: SimOrder;
  readonly fills: readonly SimFill[]; // of this order only, in this call
}

/** Which order: by `orderId`, or by `clientOrderId` (the newest with that id; open ones first). */
export interface SimOrderRef {
  readonly account: string;
  readonly symbol: string;
  readonly orderId: number | null;
  readonly clientOrderId: string | null;
}

/** Private events, in exact order of happening, for the account's stream. */
export type SimAccountEvent =
  | {
      readonly type: 'order';
      readonly execution: 'new' | 'trade' | 'canceled' | 'replaced' | 'expired' | 'trade-prevention' | 'rejected';
      readonly executionId: number;
      readonly order: SimOrder;
      readonly fill: SimFill | null;
      readonly atMs: number;
      /** The cancel request's own client id, where the execution is `canceled` or `replaced`. */
      readonly requestClientOrderId: string | null;
      /** The id that an amended order had before, where the execution is `replaced`. */
      readonly previousClientOrderId: string | null;
      /** Quantity that self-trade prevention took away in this execution; null in all others. */
      readonly lastPreventedQuantity: Decimal | null;
      /** The own order that this one met, where the execution is `trade-prevention`. */
      readonly counterOrderId: number | null;
    }
  | { readonly type: 'balances'; readonly account: string; readonly balances: readonly SimBalance[]; readonly atMs: number }
  | { readonly type: 'deposit'; readonly account: string; readonly asset: string; readonly amount: Decimal; readonly atMs: number };

/** Public events. Each level change has its own sequence number, rising by one per market. */
export type SimMarketEvent =
  | {
      readonly type: 'level';
      readonly symbol: string;
      readonly side: SimSide;
      readonly price: Decimal;
      readonly quantity: Decimal;
      readonly sequence: number;
      readonly atMs: number;
    }
  | {
      readonly type: 'trade';
      readonly symbol: string;
      readonly tradeId: number;
      readonly price: Decimal;
      readonly quantity: Decimal;
      readonly buyerIsMaker: boolean;
      readonly buyOrderId: number;
      readonly sellOrderId: number;
      readonly atMs: number;
    };

/** Which public events to hear: absent parts stand for all. Events that nobody hears are never made. */
export interface SimMarketEventFilter {
  readonly type?: SimMarketEvent['type'];
  readonly symbol?: string;
}

export interface SimDepth {
  readonly sequence: number;
  readonly bids: readonly (readonly [price: Decimal, quantity: Decimal])[]; // best first
  readonly asks: readonly (readonly [price: Decimal, quantity: Decimal])[];
}

export interface SimTrade {
  readonly tradeId: number;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly atMs: number;
  readonly buyerIsMaker: boolean;
}

export interface SimCandle {
  readonly openTimeMs: number;
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
  readonly volume: Decimal;
  readonly quoteVolume: Decimal;
  readonly takerBuyVolume: Decimal;
  readonly takerBuyQuote: Decimal;
  readonly trades: number;
}

export interface SimStats24h {
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly last: Decimal;
  readonly lastQuantity: Decimal;
  readonly volume: Decimal;
  readonly quoteVolume: Decimal;
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
  readonly firstTradeId: number;
  readonly lastTradeId: number;
  readonly count: number;
}

export interface SimAccount {
  readonly name: string; // our account name at first, e.g. binance-sim
  readonly venue: string; // protocol it belongs to: binance, kraken
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly passphrase: string | null;
  /** SPKI PEM; set where the account also takes Ed25519 signatures. */
  readonly ed25519PublicKey: string | null;
  readonly ed25519PrivateKey: string | null;
}

/**
 * The engine's surface. Implemented by `SimulatedExchange` in exchange.ts.
 * `nowMs` is the venue's clock. Listeners are called synchronously, in order, after the state has changed.
 */
export interface SimExchange {
  readonly seed: number;
  markets(): readonly SimMarket[];
  market(symbol: string): SimMarket | undefined;
  accounts(): readonly SimAccount[];
  accountByKey(apiKey: string): SimAccount | undefined;

  place(order: SimNewOrder, nowMs: number): SimResult<SimPlaced>;
  /** The same checks as `place`, nothing done. */
  check(order: SimNewOrder, nowMs: number): SimResult<null>;
  cancel(ref: SimOrderRef, requestClientOrderId: string, nowMs: number, only?: 'new' | 'partially-filled'): SimResult<SimOrder>;
  cancelAll(account: string, symbol: string, nowMs: number): readonly SimOrder[];
  /** Lowers the total quantity in place; priority is kept. */
  amend(ref: SimOrderRef, quantity: Decimal, newClientOrderId: string, nowMs: number): SimResult<SimOrder>;
  /**
   * A trade with the makers' pool that the venue books whatever state the order is in: after its cancel, beyond its quantity. Money is
   * settled as for any trade; an order that had ended stays ended. What an open order lacks is filled first, in a fill of its own.
   * Refused: `unknown-order`, `filter` (not a price or a size of this market, or worse than the limit), `insufficient-balance`.
   */
  forceFill(ref: SimOrderRef, quantity: Decimal, price: Decimal, nowMs: number): SimResult<readonly SimFill[]>;
  /** The venue takes back that it accepted an order: allowed while it is open and nothing of it is filled. */
  forceReject(ref: SimOrderRef, reason: string, nowMs: number): SimResult<SimOrder>;
  /** Whether an open order keeps its client id to itself, as it does unless told otherwise. */
  keepClientIdsUnique(isUnique: boolean): void;
  order(ref: SimOrderRef): SimOrder | undefined;
  openOrders(account: string, symbol: string | null): readonly SimOrder[];
  /** All orders of an account, oldest first. */
  orders(account: string, symbol: string | null): readonly SimOrder[];
  fills(account: string, symbol: string | null): readonly SimFill[];
  balances(account: string): readonly SimBalance[];
  deposit(account: string, asset: string, amount: Decimal, nowMs: number): void;
  /** The proof of conservation, per asset. */
  totals(): readonly SimAssetTotals[];

  depth(symbol: string, limit: number): SimDepth;
  recentTrades(symbol: string, limit: number): readonly SimTrade[];
  /** Interval in ms; history before the start is made up from the seed, so that charts are full from the first minute. */
  candles(symbol: string, intervalMs: number, startMs: number | null, endMs: number | null, limit: number): readonly SimCandle[];
  stats24h(symbol: string, nowMs: number): SimStats24h;
  lastPrice(symbol: string): Decimal;
  /** Volume-weighted mean of the last minutes, the reference of price bands. */
  averagePrice(symbol: string, minutes: number, nowMs: number): Decimal;

  /** One step of every market maker: step n depends only on the seed, n and the book. The app calls it on a timer. */
  makersStep(nowMs: number): void;
  /** Expires what is due and moves the venue's clock; every call with `nowMs` does so too. */
  advance(nowMs: number): void;
  onAccountEvent(listener: (account: string, event: SimAccountEvent) => void): () => void;
  onMarketEvent(listener: (event: SimMarketEvent) => void, only?: SimMarketEventFilter): () => void;
}
