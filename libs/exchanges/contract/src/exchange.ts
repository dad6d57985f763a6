import type { Balance, BookSnapshot, Candle, Instrument, MarketTrade, Ticker, VenueFill, VenueOrderReport } from '#libs/model';
import type { AccountEvent, Subscription } from './account-events.js';
import type { VenueCapabilities } from './capabilities.js';
import type { CommandAnswer, PreparedCommand, SendOptions, VenueCommand } from './commands.js';

/** Secrets of one account at one venue. Never logged, never put in an error. */
export interface VenueCredentials {
  readonly apiKey: string;
  /** HMAC secret, or an Ed25519 private key (PKCS#8 PEM or base64 DER) where the venue takes one. */
  readonly apiSecret: string;
  readonly passphrase?: string | null;
}

/** One order named to the venue: by both ids where both are known. */
export interface OrderReference {
  readonly symbol: string;
  readonly venueClientId: string | null;
  readonly venueOrderId: string | null;
}

export interface FillQuery {
  readonly symbol: string;
  readonly venueOrderId?: string | null;
  /** Inclusive: the page starts at this trade id. */
  readonly fromTradeId?: string | null;
  readonly sinceMs?: number | null;
  readonly limit?: number;
}

export interface FillPage {
  readonly fills: readonly VenueFill[];
  /** Ask again from here; `null` when the page was short. */
  readonly nextFromTradeId: string | null;
}

/** Trades that are heard until it is closed. */
export interface TradeWatch {
  close(): void;
}

/**
 * One venue in this process: reference data, market data, and a door to each account there.
 * Every method throws only `VenueError`. No method sends a command twice; only reads may be repeated.
 */
export abstract class Exchange {
  abstract readonly id: string;
  abstract readonly name: string;
  abstract readonly capabilities: VenueCapabilities;

  /** Loads instruments and the clock offset. Resolves even where the venue is down: it goes on trying behind. */
  abstract start(): Promise<void>;
  abstract close(): Promise<void>;
  /** State at a glance, for `/v1/venues/{venue}` and admin status: plain JSON, no secrets. */
  abstract status(): VenueStatus;

  /** By unified symbol; `undefined` where the venue has no such market, or instruments are not loaded yet. */
  abstract instrument(symbol: string): Instrument | undefined;
  abstract instruments(): readonly Instrument[];

  abstract ticker(symbol: string): Promise<Ticker>;
  /** Newest last. */
  abstract trades(symbol: string, limit: number): Promise<readonly MarketTrade[]>;
  /**
   * Hears public trades as the venue streams them; `missed` where some were not seen, so that `trades` must be asked. `null` where the
   * adapter has no such stream. The listener is called while a message is being handled: it must be quick.
   */
  watchTrades(_symbol: string, _listener: (heard: MarketTrade | 'missed') => void): TradeWatch | null {
    return null;
  }
  /** Oldest first. `interval` is one of `candleIntervals`. */
  abstract candles(symbol: string, interval: string, sinceMs: number | null, limit: number): Promise<readonly Candle[]>;
  abstract readonly candleIntervals: readonly string[];

  /**
   * The book kept from the venue's stream. The first call starts it and waits until it is live (at most `waitMs`).
   * A book that is not proven says so in `trust`; throws `venue-unavailable` where there is none at all yet.
   */
  abstract book(symbol: string, depth: number, waitMs: number): Promise<BookSnapshot>;

  abstract account(name: string, credentials: VenueCredentials): ExchangeAccount;
}

/** One account at one venue: commands, queries and the private stream. */
export abstract class ExchangeAccount {
  /** Our name of the account. */
  abstract readonly name: string;

  /** The client id that goes to the venue, made from a UUID in the venue's alphabet and length. Reversible: see `uuidOf`. */
  abstract venueClientId(uuid: string): string;
  /** The UUID a client id was made from; `null` where the id is not one of ours. */
  abstract uuidOf(venueClientId: string): string | null;

  /** Builds, pins and signs; no I/O. @throws VenueError `unsupported-by-venue` (outcome `not-sent`). */
  abstract prepare(command: VenueCommand): PreparedCommand;
  /**
   * Takes the venue's budget for a prepared command before it is journaled, so that what cannot be admitted is refused with nothing
   * kept. `send` uses it up; `release` gives it back. @throws VenueError (`not-sent`) where the budget does not admit it now.
   */
  abstract reserve(prepared: PreparedCommand): void;
  /** Gives back what was reserved for a command that will not be sent after all. Harmless where nothing was. */
  abstract release(prepared: PreparedCommand): void;
  /** One attempt, never repeated by any layer. @throws VenueError; `outcome` says what is known. */
  abstract send(prepared: PreparedCommand, options: SendOptions): Promise<CommandAnswer>;

  /** `null`: the venue says it knows no such order. That is an observation, not a proof of absence. */
  abstract queryOrder(reference: OrderReference): Promise<VenueOrderReport | null>;
  abstract openOrders(symbol: string | null): Promise<readonly VenueOrderReport[]>;
  /** Every order of a market that was created since then, whatever became of it, oldest first; the whole list, however many pages it takes. */
  abstract recentOrders(symbol: string, sinceMs: number): Promise<readonly VenueOrderReport[]>;
  abstract fills(query: FillQuery): Promise<FillPage>;
  abstract balances(): Promise<readonly Balance[]>;

  /** Joins the private stream and stays joined, reconnecting for ever. Events arrive one at a time, in order. */
  abstract subscribe(listener: (event: AccountEvent) => void): Subscription;
}

export interface VenueStatus {
  readonly venue: string;
  /** `up`: calls work. `degraded`: some fail or the venue asked for silence. `down`: none works. */
  readonly state: 'up' | 'degraded' | 'down';
  readonly instruments: number;
  readonly clockOffsetMs: number | null;
  /** Until when the venue asked us to be silent, ms; `null` when it did not. */
  readonly silentUntilMs: number | null;
  readonly lastError: string | null;
  readonly books: readonly { readonly symbol: string; readonly trust: string; readonly ageMs: number | null }[];
  readonly streams: readonly { readonly name: string; readonly state: string; readonly sinceMs: number | null }[];
  readonly budgets: readonly { readonly name: string; readonly used: number; readonly limit: number; readonly windowMs: number }[];
}
