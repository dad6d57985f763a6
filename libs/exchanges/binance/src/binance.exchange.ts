import { TimerScheduler, type Clock, type Scheduler } from '#libs/kernel';
import type { BookSnapshot, Candle, Instrument, MarketTrade, Ticker } from '#libs/model';
import { Exchange, type TradeWatch, type VenueCapabilities, type VenueCredentials, type VenueStatus } from '#libs/exchanges/contract';
import {
  backoffMs,
  Budget,
  ClockOffset,
  HttpClient,
  silentLogger,
  systemRandom,
  type AdapterLogger,
  type BudgetWindow,
  type HttpTransport,
  type RandomSource,
  type SessionPorts,
  type SocketFactory,
} from '#libs/exchanges/transport';
import { BinanceAccount } from './binance.account.js';
import { BINANCE_CAPABILITIES, CANDLE_INTERVALS, RECV_WINDOW_MS_MAX } from './domain/capabilities.js';
import { SymbolTable } from './domain/symbol.js';
import { MarketStream } from './market-stream/market-stream.js';
import { WEIGHTS } from './domain/weights.js';
import { BinanceApi } from './rest/binance-api.js';
import { asVenueError, notSent, VENUE } from './rest/errors.js';
import { BinanceMarketData } from './rest/market-data.js';
import { parseExchangeInfo, type DepthAnswer, type ExchangeInfo } from './rest/parse-market.js';
import { createSigner, UnusableSecret } from './rest/sign.js';

export interface BinanceExchangeOptions {
  /** `https://api.binance.com`, or the simulator's address with its prefix. */
  readonly restUrl: string;
  /** Base of the market streams: `wss://stream.binance.com:9443`, or the simulator's. */
  readonly wsUrl: string;
  /** Base of the WebSocket API; by default the live one for the live streams, else the same as `wsUrl`. */
  readonly wsApiUrl?: string;
  readonly clock: Clock;
  /** How late the venue may still accept a request, ms: 1 to 60,000. */
  readonly recvWindowMs?: number;
  readonly logger?: AdapterLogger;
  /** By default an `HttpClient` on `restUrl`. */
  readonly http?: HttpTransport;
  readonly random?: RandomSource;
  /** Everything that waits waits here; by default the process's timers. */
  readonly scheduler?: Scheduler;
  /** Opens the sockets of the streams; by default real ones. */
  readonly connectSocket?: SocketFactory;
  /** How long `start` waits for the venue before it goes on behind, ms. */
  readonly startWaitMs?: number;
}

const LIVE_STREAM_HOST = 'stream.binance.com';
const LIVE_WS_API = 'wss://ws-api.binance.com:443';
const RECV_WINDOW_MS = 5_000;
const START_WAIT_MS = 5_000;
const CLOCK_EVERY_MS = 30_000;
const LIMITS_EVERY_MS = 60_000;
const INSTRUMENTS_EVERY_MS = 3_600_000;
const HELD_BACK_EVERY_MS = 5_000;
const LOAD_BACKOFF = { firstMs: 500, maxMs: 30_000, minMs: 100 };

/** Binance spot, live or behind any address that speaks its protocol. */
export class BinanceExchange extends Exchange {
  readonly id: string = VENUE;
  readonly name: string = 'Binance';
  readonly capabilities: VenueCapabilities = BINANCE_CAPABILITIES;
  readonly candleIntervals: readonly string[] = CANDLE_INTERVALS;

  private readonly http: HttpTransport;
  private readonly random: RandomSource;
  private readonly offset = new ClockOffset();
  private readonly budget = new Budget();
  private readonly api: BinanceApi;
  private readonly symbols = new SymbolTable();
  private readonly market: BinanceMarketData;
  /** Books, trades and best prices from the market streams; nothing runs until first asked for. */
  readonly stream: MarketStream;
  private readonly accounts = new Set<BinanceAccount>();
  private readonly logger: AdapterLogger;
  private orderLimits: readonly BudgetWindow[] = [];
  private loads = 0;
  private readonly scheduler: Scheduler;
  private readonly session: SessionPorts;
  /** Regular work behind: by itself it keeps no process alive. */
  private readonly idleScheduler: Scheduler;
  private readonly waiting = new Map<string, () => void>();
  private started = false;
  private closed = false;
  private limitsReadAtMs = -Infinity;

  constructor(private readonly options: BinanceExchangeOptions) {
    super();
    const { clock, scheduler, connectSocket } = options;
    this.scheduler = scheduler ?? new TimerScheduler();
    this.idleScheduler = scheduler ?? new TimerScheduler({ keepsProcessAlive: false });
    this.logger = options.logger ?? silentLogger;
    this.http = options.http ?? new HttpClient({ baseUrl: options.restUrl });
    this.random = options.random ?? systemRandom;
    this.session = { scheduler: this.scheduler, random: this.random, ...(connectSocket === undefined ? {} : { connect: connectSocket }) };
    this.api = new BinanceApi({
      http: this.http,
      clock,
      offset: this.offset,
      budget: this.budget,
      logger: this.logger,
      random: this.random,
      scheduler: this.scheduler,
      onHeldBack: () => void this.refreshLimits(HELD_BACK_EVERY_MS),
    });
    this.market = new BinanceMarketData(this.api, this.symbols);
    this.stream = new MarketStream({
      venue: VENUE,
      wsUrl: trimmed(options.wsUrl),
      clock,
      venueSymbol: (symbol) => this.market.venueSymbol(symbol),
      depth: (venueSymbol, limit) => this.market.depth(venueSymbol, limit),
      silentForMs: () => this.api.silentForMs(),
      random: this.random,
      session: this.session,
    });
  }

  async start(): Promise<void> {
    if (this.started || this.closed) return;
    this.started = true;
    const loaded = this.load();
    let stopWaiting = (): void => undefined;
    const waited = new Promise<void>((resolve) => (stopWaiting = this.scheduler.after(this.options.startWaitMs ?? START_WAIT_MS, resolve)));
    await Promise.race([loaded, waited]);
    stopWaiting();
    this.repeat('clock', CLOCK_EVERY_MS, () => this.api.syncClock());
    this.repeat('limits', LIMITS_EVERY_MS, () => this.refreshLimits(0));
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const cancel of this.waiting.values()) cancel();
    this.waiting.clear();
    const accounts = [...this.accounts];
    this.accounts.clear();
    await Promise.all([this.stream.close(), ...accounts.map((account) => account.close())]);
    await this.http.close();
  }

  instrument(symbol: string): Instrument | undefined {
    return this.symbols.instrument(symbol);
  }

  instruments(): readonly Instrument[] {
    return this.symbols.all();
  }

  ticker(symbol: string): Promise<Ticker> {
    return this.market.ticker(symbol);
  }

  trades(symbol: string, limit: number): Promise<readonly MarketTrade[]> {
    return this.market.trades(symbol, limit);
  }

  override watchTrades(symbol: string, listener: (heard: MarketTrade | 'missed') => void): TradeWatch {
    return this.stream.watch(symbol, 'trades', (event) => {
      if (event.kind === 'trade') listener(event.trade);
      else if (event.kind === 'trades-missed') listener('missed');
    });
  }

  candles(symbol: string, interval: string, sinceMs: number | null, limit: number): Promise<readonly Candle[]> {
    return this.market.candles(symbol, interval, sinceMs, limit);
  }

  /** A snapshot over REST, not kept in step: for the book keeper and for tests. @throws VenueError */
  depth(symbol: string, limit: number): Promise<DepthAnswer> {
    return this.market.depth(this.market.venueSymbol(symbol), limit);
  }

  async book(symbol: string, depth: number, waitMs: number): Promise<BookSnapshot> {
    return this.stream.book(symbol, depth, waitMs);
  }

  /** @throws VenueError `auth-failed` (`not-sent`) where the secret is a private key that cannot be read. */
  account(name: string, credentials: VenueCredentials): BinanceAccount {
    const account = new BinanceAccount({
      name,
      apiKey: credentials.apiKey,
      signer: signerOf(credentials.apiSecret),
      api: this.api,
      clock: this.options.clock,
      offset: this.offset,
      symbols: this.symbols,
      recvWindowMs: Math.min(Math.max(1, Math.floor(this.options.recvWindowMs ?? RECV_WINDOW_MS)), RECV_WINDOW_MS_MAX),
      wsApiUrl: `${wsApiBase(this.options)}/ws-api/v3`,
      logger: this.logger,
      session: this.session,
      onClose: (closed) => this.accounts.delete(closed),
    });
    account.setOrderLimits(this.orderLimits);
    this.accounts.add(account);
    return account;
  }

  status(): VenueStatus {
    const nowMs = this.options.clock.nowMs();
    const offsetMs =
      this.offset.offsetMs === null ? null : Math.round(this.options.clock.monotonicMs() + this.offset.offsetMs - nowMs) || 0;
    const venueNowMs = nowMs + (offsetMs ?? 0);
    const silentForMs = this.api.silentForMs();
    const silentUntilMs = silentForMs === 0 ? null : nowMs + silentForMs;
    const { books, streams } = this.stream.status();
    const ofAccounts = [...this.accounts].map((account) => account.status(venueNowMs));
    return {
      venue: this.id,
      state: this.state(silentUntilMs !== null),
      instruments: this.symbols.all().length,
      clockOffsetMs: offsetMs,
      silentUntilMs,
      lastError: this.api.lastError,
      books,
      streams: [...streams, ...ofAccounts.flatMap((account) => account.streams)],
      budgets: [...this.budget.usage(venueNowMs), ...ofAccounts.flatMap((account) => account.budgets)],
    };
  }

  private state(silent: boolean): VenueStatus['state'] {
    if (this.symbols.all().length === 0 || this.offset.offsetMs === null) return 'down';
    if (this.api.failuresInRow >= DOWN_AFTER_FAILURES) return 'down';
    return silent || this.api.failuresInRow > 0 ? 'degraded' : 'up';
  }

  /** Clock first, for signatures stand on it; then the markets. Goes on trying until both are there. */
  private async load(): Promise<void> {
    await this.api.syncClock(this.offset.offsetMs === null ? CLOCK_SAMPLES_AT_START : 1);
    try {
      this.take(await this.exchangeInfo(''));
      if (this.offset.offsetMs !== null) this.loads = 0;
    } catch (error) {
      this.logger.warn({ venue: this.id, error: error instanceof Error ? error.message : 'error' }, 'markets not loaded');
    }
    const complete = this.symbols.all().length > 0 && this.offset.offsetMs !== null;
    const againMs = complete ? INSTRUMENTS_EVERY_MS : Math.max(backoffMs(this.loads, LOAD_BACKOFF, this.random), this.api.silentForMs());
    this.loads += complete ? 0 : 1;
    this.once('load', againMs, () => this.load());
  }

  private async exchangeInfo(query: string): Promise<ExchangeInfo> {
    const answer = await this.api.publicGet('/api/v3/exchangeInfo', query, WEIGHTS.exchangeInfo);
    try {
      return parseExchangeInfo(answer, this.id);
    } catch (error) {
      throw asVenueError('read', error);
    }
  }

  private take(info: ExchangeInfo): void {
    this.symbols.replace(info.instruments);
    this.takeLimits(info);
    this.logger.info({ venue: this.id, instruments: info.instruments.length, unreadable: info.unreadable }, 'markets loaded');
  }

  private takeLimits(info: ExchangeInfo): void {
    this.orderLimits = this.api.setLimits(info.rateLimits);
    this.limitsReadAtMs = this.options.clock.monotonicMs();
    for (const account of this.accounts) account.setOrderLimits(this.orderLimits);
  }

  /** The limits may change while we run; one market's answer tells them at a small size. */
  private async refreshLimits(notWithinMs: number): Promise<void> {
    const first = this.symbols.all()[0];
    if (first === undefined || this.options.clock.monotonicMs() - this.limitsReadAtMs < notWithinMs) return;
    this.limitsReadAtMs = this.options.clock.monotonicMs();
    try {
      this.takeLimits(await this.exchangeInfo(`symbol=${encodeURIComponent(first.venueSymbol)}`));
    } catch (error) {
      this.logger.warn({ venue: this.id, error: error instanceof Error ? error.message : 'error' }, 'limits not read');
    }
  }

  private once(name: string, ms: number, task: () => Promise<void>): void {
    if (this.closed) return;
    this.waiting.set(
      name,
      this.idleScheduler.after(ms, () => void task()),
    );
  }

  private repeat(name: string, ms: number, task: () => Promise<void>): void {
    this.once(name, ms, async () => {
      await task();
      this.repeat(name, ms, task);
    });
  }
}

const DOWN_AFTER_FAILURES = 3;
const CLOCK_SAMPLES_AT_START = 3;

export function createBinanceExchange(options: BinanceExchangeOptions): BinanceExchange {
  return new BinanceExchange(options);
}

function signerOf(secret: string): ReturnType<typeof createSigner> {
  try {
    return createSigner(secret);
  } catch (error) {
    if (error instanceof UnusableSecret) throw notSent('auth-failed', error.message);
    throw error;
  }
}

function wsApiBase(options: BinanceExchangeOptions): string {
  if (options.wsApiUrl !== undefined) return trimmed(options.wsApiUrl);
  const url = new URL(options.wsUrl);
  return url.hostname === LIVE_STREAM_HOST ? LIVE_WS_API : trimmed(options.wsUrl);
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}
