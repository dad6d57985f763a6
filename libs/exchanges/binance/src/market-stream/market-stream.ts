import { VenueError } from '#libs/exchanges/contract';
import { systemRandom, type RandomSource, type SessionPorts } from '#libs/exchanges/transport';
import { repeatEvery, TimerScheduler, type Clock, type Scheduler } from '#libs/kernel';
import type { BookSnapshot } from '#libs/model';
import { BookAudit } from './book-audit.js';
import type { MarketFrame } from './frames.js';
import { KeptBook } from './kept-book.js';
import { MARKET_STREAM_LIMITS, type MarketStreamLimits } from './limits.js';
import { SnapshotDesk, type FetchDepth } from './snapshot-desk.js';
import { StreamLine } from './stream-line.js';
import { SymbolFeed, type MarketChannel, type MarketListener } from './symbol-feed.js';

/** What the streams need of the rest of the adapter. */
export interface MarketStreamOptions {
  /** Base address of the streams, without a slash at the end: `wss://stream.binance.com:9443`. */
  readonly wsUrl: string;
  readonly clock: Clock;
  /** Unified symbol to the venue's. @throws VenueError `invalid-symbol`, `venue-unavailable` */
  readonly venueSymbol: (symbol: string) => string;
  /** The REST book, within the adapter's rate limits. @throws VenueError */
  readonly depth: FetchDepth;
  /** How long the venue wants to hear nothing over REST, ms: no snapshot is asked for meanwhile. */
  readonly silentForMs?: () => number;
  /** Our id of the venue, for errors. */
  readonly venue?: string;
  readonly limits?: Partial<MarketStreamLimits>;
  readonly random?: RandomSource;
  readonly session?: SessionPorts;
}

export interface MarketStreamStatus {
  readonly books: readonly { readonly symbol: string; readonly trust: string; readonly ageMs: number | null; readonly breaks: number }[];
  readonly streams: readonly {
    readonly name: string;
    readonly state: string;
    readonly sinceMs: number | null;
    readonly reason: string | null;
  }[];
  /** Frames that took the slow way, could not be read, or were of no use; failed snapshots, audits and listeners. */
  readonly counts: Readonly<
    Record<'ordinaryFrames' | 'unreadable' | 'rolls' | 'snapshotsFailed' | 'auditsFailed' | 'listenerErrors', number>
  >;
}

/**
 * The market streams of Binance spot: books that say whether they can be trusted, trades and best prices, over as few
 * connections as will do. Everything starts when first asked for.
 */
export class MarketStream {
  private readonly limits: MarketStreamLimits;
  private readonly random: RandomSource;
  private readonly desk: SnapshotDesk;
  private readonly lines: StreamLine[] = [];
  private readonly feeds = new Map<string, SymbolFeed>();
  private readonly scheduler: Scheduler;
  private stopTicking: (() => void) | null = null;
  private closed = false;
  private unreadable = 0;

  constructor(private readonly options: MarketStreamOptions) {
    this.limits = { ...MARKET_STREAM_LIMITS, ...options.limits };
    this.random = options.random ?? systemRandom;
    this.scheduler = options.session?.scheduler ?? new TimerScheduler();
    this.desk = new SnapshotDesk(options.depth, options.clock, this.limits, this.random);
  }

  /**
   * The book of a unified symbol, `depth` levels a side. The first call starts it. Waits at most `waitMs` for it to be
   * live; then answers what there is, with its trust.
   * @throws {VenueError} what `venueSymbol` throws; `venue-unavailable` where there is no book at all yet.
   */
  async book(symbol: string, depth: number, waitMs: number): Promise<BookSnapshot> {
    const feed = this.feed(symbol);
    this.keep(feed);
    if (!feed.isLive(this.nowMs()) && waitMs > 0) await this.live(feed, waitMs);
    const snapshot = feed.snapshot(depth, this.nowMs());
    if (snapshot !== null) return snapshot;
    throw this.unavailable(`there is no book of ${symbol} yet (${feed.kept?.why ?? 'closed'})`);
  }

  /** The book as it stands, without starting or waiting; `null` where none is kept or none is built yet. */
  peekBook(symbol: string, depth: number): BookSnapshot | null {
    return this.feeds.get(this.options.venueSymbol(symbol))?.snapshot(depth, this.nowMs()) ?? null;
  }

  /** Milliseconds since the book of this symbol was last proven; `null` where it never was. */
  bookAgeMs(symbol: string): number | null {
    return this.feeds.get(this.options.venueSymbol(symbol))?.kept?.ageMs(this.nowMs()) ?? null;
  }

  /**
   * Hears what happens to a symbol from now on. The listener is called while a message is being handled: it must be quick.
   * @throws {VenueError} `invalid-symbol`
   */
  watch(symbol: string, channel: MarketChannel, listener: MarketListener): { close(): void } {
    const feed = this.feed(symbol);
    feed.listeners[channel].add(listener);
    if (channel === 'book') this.keep(feed);
    this.settle(feed);
    return {
      close: () => {
        feed.listeners[channel].delete(listener);
        this.settle(feed);
      },
    };
  }

  status(): MarketStreamStatus {
    const now = this.nowMs();
    const feeds = [...this.feeds.values()];
    const connections = this.lines.flatMap((line) => line.connections);
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    return {
      books: feeds.flatMap(({ symbol, kept }) =>
        kept === null ? [] : [{ symbol, trust: kept.trust(now), ageMs: kept.ageMs(now), breaks: kept.breaks }],
      ),
      streams: connections.map(({ state, sinceMs, reason }, at) => ({ name: `market-${at + 1}`, state, sinceMs: sinceMs || null, reason })),
      counts: {
        ordinaryFrames: sum(connections.map(({ reader }) => reader.ordinaryFrames)),
        unreadable: this.unreadable,
        rolls: sum(this.lines.map((line) => line.rolls)),
        snapshotsFailed: this.desk.failed,
        auditsFailed: sum(feeds.map((feed) => feed.auditsFailed)),
        listenerErrors: sum(feeds.map((feed) => feed.listenerErrors)),
      },
    };
  }

  /** Stops for good; whoever waits for a book is answered. Safe to call twice. */
  async close(): Promise<void> {
    this.closed = true;
    this.stopTicking?.();
    for (const feed of this.feeds.values()) for (const waiter of feed.waiters) waiter();
    await Promise.all(this.lines.map((line) => line.close()));
  }

  /** Does what is due: control messages, snapshots, audits, roll-overs, giving up what nobody uses. */
  tick(): void {
    const now = this.nowMs();
    for (const line of this.lines) line.tick(now);
    const silent = (this.options.silentForMs?.() ?? 0) > 0;
    for (const feed of this.feeds.values()) {
      if (silent) feed.audit = null;
      else if (feed.kept?.needsSnapshot(now) === true) {
        this.desk.request(
          feed.venueSymbol,
          this.limits.snapshotDepth,
          (snapshot) => snapshot !== null && feed.accept(snapshot, this.moment()),
        );
      } else if (feed.auditIsDue(now)) this.startAudit(feed);
      else if (feed.audit !== null && feed.judge(now) === 'frozen') this.lineOf(feed.bookStream)?.roll();
      this.dropIdle(feed, now);
    }
  }

  private startAudit(feed: SymbolFeed): void {
    const audit = new BookAudit();
    const started = this.desk.request(feed.venueSymbol, this.limits.auditDepth, (snapshot) => {
      if (feed.audit === audit) feed.answerAudit(snapshot, this.nowMs());
      return snapshot !== null;
    });
    if (started) feed.audit = audit;
  }

  private keep(feed: SymbolFeed): void {
    feed.usedAtMs = this.nowMs();
    if (feed.kept !== null) return;
    const kept = [...this.feeds.values()].filter((one) => one.kept !== null).length;
    if (kept >= this.limits.booksMax) throw this.unavailable(`${this.limits.booksMax} books are kept already`);
    feed.kept = new KeptBook(this.limits);
    if (this.lineOf(feed.bookStream)?.covers(feed.bookStream) === true) feed.kept.cover(this.nowMs());
    this.settle(feed);
  }

  private dropIdle(feed: SymbolFeed, nowMs: number): void {
    if (feed.kept === null || feed.listeners.book.size > 0 || feed.waiters.size > 0) return;
    if (nowMs - feed.usedAtMs < this.limits.idleAfterMs) return;
    feed.kept = null;
    feed.audit = null;
    this.desk.forget(feed.venueSymbol);
    this.settle(feed);
  }

  /** Makes the subscriptions of a symbol equal to what is needed of it. */
  private settle(feed: SymbolFeed): void {
    if (this.closed) return;
    const now = this.nowMs();
    const needed = new Set(feed.streams());
    for (const line of this.lines) {
      for (const stream of feed.allStreams()) if (line.has(stream) && !needed.has(stream)) line.remove(stream, now);
    }
    for (const stream of needed) if (this.lineOf(stream) === undefined) this.lineWithRoom().add(stream, now);
    this.stopTicking ??= repeatEvery(this.scheduler, this.limits.tickMs, () => this.tick());
  }

  private lineOf(stream: string): StreamLine | undefined {
    return this.lines.find((line) => line.has(stream));
  }

  private lineWithRoom(): StreamLine {
    const found = this.lines.find((line) => line.size < this.limits.streamsPerConnectionMax);
    if (found !== undefined) return found;
    const line: StreamLine = new StreamLine({
      url: () => `${this.options.wsUrl}/stream`,
      clock: this.options.clock,
      limits: this.limits,
      random: this.random,
      session: this.options.session,
      onFrame: (frame, bytes, receivedAtMs) => this.received(line, frame, bytes, receivedAtMs),
      onConfirmed: (streams) => this.confirmed(streams),
      onLost: (streams, reason) => this.lost(streams, reason),
    });
    this.lines.push(line);
    return line;
  }

  private received(line: StreamLine, frame: MarketFrame, bytes: Buffer, receivedAtMs: number): void {
    if (frame.kind === 'shutdown') line.roll();
    else if (frame.kind === 'unreadable') {
      this.unreadable += 1;
      if (frame.symbol !== null) this.feeds.get(frame.symbol)?.unreadable('unreadable event', this.nowMs());
    } else if (frame.kind === 'depth') this.feeds.get(frame.symbol)?.depth(frame, bytes, { wallMs: receivedAtMs, nowMs: this.nowMs() });
    else if (frame.kind === 'trade') this.feeds.get(frame.symbol)?.trade(frame);
    else if (frame.kind === 'top') this.feeds.get(frame.symbol)?.top(frame, receivedAtMs);
  }

  private confirmed(streams: readonly string[]): void {
    const now = this.nowMs();
    for (const feed of this.feeds.values()) if (streams.includes(feed.bookStream)) feed.kept?.cover(now);
  }

  private lost(streams: readonly string[], reason: string): void {
    const now = this.nowMs();
    for (const feed of this.feeds.values()) if (streams.includes(feed.bookStream)) feed.uncover(reason, now);
  }

  private feed(symbol: string): SymbolFeed {
    const venueSymbol = this.options.venueSymbol(symbol);
    if (this.closed) throw this.unavailable('the market stream is closed');
    let feed = this.feeds.get(venueSymbol);
    if (feed === undefined) {
      feed = new SymbolFeed(symbol, venueSymbol, this.limits);
      this.feeds.set(venueSymbol, feed);
    }
    return feed;
  }

  private live(feed: SymbolFeed, waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        stopWaiting();
        feed.waiters.delete(done);
        resolve();
      };
      const stopWaiting = this.scheduler.after(waitMs, done);
      feed.waiters.add(done);
    });
  }

  private unavailable(message: string): VenueError {
    return new VenueError(message, { venue: this.options.venue ?? 'binance', code: 'venue-unavailable', outcome: 'not-sent' });
  }

  private moment(): { wallMs: number; nowMs: number } {
    return { wallMs: this.options.clock.nowMs(), nowMs: this.nowMs() };
  }

  private nowMs(): number {
    return this.options.clock.monotonicMs();
  }
}
