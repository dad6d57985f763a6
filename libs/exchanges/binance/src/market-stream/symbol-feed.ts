import type { BookSnapshot, BookTrust, MarketTrade } from '#libs/model';
import { BookAudit } from './book-audit.js';
import { streamName, type StreamChannel } from './control-messages.js';
import type { DepthFrame, DepthSnapshot, TopFrame, TradeFrame } from './frames.js';
import { KeptBook } from './kept-book.js';
import type { MarketStreamLimits } from './limits.js';
import { nextAfter, type SequenceId } from './sequence.js';

export type MarketChannel = 'book' | 'trades' | 'ticker';

/** What a listener of a symbol hears. Book events say that it changed; `peekBook` shows it, as often as the listener likes. */
export type MarketEvent =
  | { readonly kind: 'book'; readonly symbol: string; readonly trust: BookTrust }
  | { readonly kind: 'trade'; readonly trade: MarketTrade }
  /** Trades between these ids, both excluded, were not seen: ask the venue if they matter. */
  | { readonly kind: 'trades-missed'; readonly symbol: string; readonly afterTradeId: string; readonly beforeTradeId: string }
  | { readonly kind: 'top'; readonly top: TopOfBook };

export interface TopOfBook {
  readonly symbol: string;
  readonly bid: string;
  readonly bidQuantity: string;
  readonly ask: string;
  readonly askQuantity: string;
  readonly sequence: string;
  readonly receivedAtMs: number;
}

export type MarketListener = (event: MarketEvent) => void;

export interface Moment {
  readonly wallMs: number;
  readonly nowMs: number;
}

const CHANNELS: Readonly<Record<MarketChannel, StreamChannel>> = { book: 'depth@100ms', trades: 'trade', ticker: 'bookTicker' };

/** Everything that streams about one symbol: its book with the audits, its trades, its best prices, and who listens. */
export class SymbolFeed {
  readonly listeners: Readonly<Record<MarketChannel, Set<MarketListener>>> = { book: new Set(), trades: new Set(), ticker: new Set() };
  readonly bookStream: string;
  kept: KeptBook | null = null;
  /** Monotonic time at which somebody last wanted the book, ms. */
  usedAtMs = Number.NEGATIVE_INFINITY;
  /** Called back once when the book becomes live. */
  readonly waiters = new Set<() => void>();
  /** Under way: it hears every event until its verdict. */
  audit: BookAudit | null = null;
  private auditDueAtMs = Number.POSITIVE_INFINITY;
  private auditedAtMs = Number.NEGATIVE_INFINITY;
  listenerErrors = 0;
  auditsFailed = 0;
  private lastTradeId: SequenceId | null = null;

  constructor(
    readonly symbol: string,
    readonly venueSymbol: string,
    private readonly limits: MarketStreamLimits,
  ) {
    this.bookStream = streamName(venueSymbol, CHANNELS.book);
  }

  /** The streams that are needed now. */
  streams(): string[] {
    const names = this.kept === null ? [] : [this.bookStream];
    for (const channel of ['trades', 'ticker'] as const) {
      if (this.listeners[channel].size > 0) names.push(streamName(this.venueSymbol, CHANNELS[channel]));
    }
    return names;
  }

  /** All streams it could ever need. */
  allStreams(): string[] {
    return Object.values(CHANNELS).map((channel) => streamName(this.venueSymbol, channel));
  }

  depth(event: DepthFrame, bytes: Buffer, at: Moment): void {
    if (this.kept === null) return;
    const change = this.kept.offer(event, bytes, at);
    if (change === 'broken') this.audit = null;
    else this.audit?.offer(event, bytes);
    if (this.audit !== null) this.judge(at.nowMs);
    if (change !== 'unchanged') this.tellBook(at.nowMs);
  }

  /** A snapshot to build on; `false`: of no use. */
  accept(snapshot: DepthSnapshot, at: Moment): boolean {
    if (this.kept === null || !this.kept.accept(snapshot, at)) return false;
    this.auditDueAtMs = at.nowMs + this.limits.auditEveryMs;
    this.tellBook(at.nowMs);
    return true;
  }

  /** Something that may have been an event of the book could not be read. */
  unreadable(reason: string, nowMs: number): void {
    this.audit = null;
    if (this.kept === null) return;
    this.kept.reject(reason);
    this.tellBook(nowMs);
  }

  uncover(reason: string, nowMs: number): void {
    this.audit = null;
    this.kept?.uncover(reason);
    this.tellBook(nowMs);
  }

  trade(frame: TradeFrame): void {
    const last = this.lastTradeId;
    // Two connections run side by side while one takes over: what was heard is not told again.
    if (last !== null && frame.tradeId <= last) return;
    if (last !== null && frame.tradeId > nextAfter(last)) {
      this.tell('trades', { kind: 'trades-missed', symbol: this.symbol, afterTradeId: String(last), beforeTradeId: String(frame.tradeId) });
    }
    this.lastTradeId = frame.tradeId;
    const { price, quantity, tradeTimeMs, buyerIsMaker, tradeId } = frame;
    const side = buyerIsMaker ? 'sell' : 'buy';
    const trade = { symbol: this.symbol, venueTradeId: String(tradeId), price, quantity, side, venueTimeMs: tradeTimeMs } as const;
    this.tell('trades', { kind: 'trade', trade });
  }

  top(frame: TopFrame, receivedAtMs: number): void {
    if (this.listeners.ticker.size === 0) return;
    const { bids, asks } = frame;
    const top: TopOfBook = {
      symbol: this.symbol,
      bid: bids.priceText(0),
      bidQuantity: bids.quantityText(0),
      ask: asks.priceText(0),
      askQuantity: asks.quantityText(0),
      sequence: String(frame.updateId),
      receivedAtMs,
    };
    this.tell('ticker', { kind: 'top', top });
  }

  isLive(nowMs: number): boolean {
    return this.kept?.trust(nowMs) === 'live';
  }

  snapshot(depth: number, nowMs: number): BookSnapshot | null {
    return this.kept?.snapshot(this.symbol, depth, nowMs) ?? null;
  }

  /** True when it is time to compare a live book with the venue's. */
  auditIsDue(nowMs: number): boolean {
    if (this.kept === null || this.audit !== null || !this.isLive(nowMs)) return false;
    const quietMs = Math.min(this.kept.ageMs(nowMs) ?? 0, nowMs - this.auditedAtMs);
    return nowMs >= this.auditDueAtMs || quietMs >= this.limits.quietAuditAfterMs;
  }

  /** The snapshot of an audit has come, or has not: then the audit is off, and due again after its time. */
  answerAudit(snapshot: DepthSnapshot | null, nowMs: number): void {
    if (this.audit === null) return;
    if (snapshot !== null && this.audit.accept(snapshot, nowMs)) this.judge(nowMs);
    else this.endAudit(nowMs);
  }

  /** What came of an audit so far. `frozen`: the venue moved on and told us nothing. */
  judge(nowMs: number): 'equal' | 'different' | 'frozen' | 'open' {
    if (this.audit === null || this.kept === null) return 'open';
    const verdict = this.audit.verdict(this.kept.book);
    const waiting = verdict === 'behind' || verdict === 'ahead';
    if (verdict === 'unanswered' || (waiting && nowMs - this.audit.answeredAtMs <= this.limits.auditPatienceMs)) return 'open';
    this.endAudit(nowMs);
    if (verdict === 'ahead') return 'open';
    if (verdict === 'equal') {
      this.kept.confirm(nowMs);
      return 'equal';
    }
    this.auditsFailed += 1;
    this.kept.reject(verdict === 'different' ? 'audit found a difference' : 'frozen');
    this.tellBook(nowMs);
    return verdict === 'different' ? 'different' : 'frozen';
  }

  private endAudit(nowMs: number): void {
    this.audit = null;
    this.auditDueAtMs = nowMs + this.limits.auditEveryMs;
    this.auditedAtMs = nowMs;
  }

  private tellBook(nowMs: number): void {
    if (this.kept === null) return;
    const trust = this.kept.trust(nowMs);
    if (trust === 'live' && this.waiters.size > 0) for (const waiter of this.waiters) waiter();
    if (this.listeners.book.size > 0) this.tell('book', { kind: 'book', symbol: this.symbol, trust });
  }

  private tell(channel: MarketChannel, event: MarketEvent): void {
    for (const listener of this.listeners[channel]) {
      try {
        listener(event);
      } catch {
        // One listener that fails must cost neither the others nor the connection; status() shows the count.
        this.listenerErrors += 1;
      }
    }
  }
}
