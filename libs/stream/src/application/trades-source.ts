import type { TradeWatch } from '#libs/exchanges/contract';
import type { Clock, Scheduler } from '#libs/kernel';
import { tradeResponse } from '#libs/market-data';
import type { MarketTrade } from '#libs/model';
import { PolledSource } from './polled-source.js';
import type { Finding } from './polled-source.js';
import type { StreamLimits } from './stream-limits.js';

/** The newest trades that are kept for clients that are slow; a client gets those that it has not had. */
const TRADES_KEPT = 200;
const TRADES_ASKED = 100;

export interface TradesOfVenue {
  /** The newest trades, newest last. */
  ask(limit: number): Promise<readonly MarketTrade[]>;
  /** Streams trades; `null` where the venue's adapter does not. */
  watch(listener: (heard: MarketTrade | 'missed') => void): TradeWatch | null;
}

/** The public trades of a market: streamed where that can be had, and asked for at the beginning and where some were missed. */
export class TradesSource extends PolledSource {
  private kept: { readonly trade: MarketTrade; readonly version: number }[] = [];
  private heard: MarketTrade[] = [];
  private watching: TradeWatch | null = null;
  private mustAsk = true;
  private askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    scheduler: Scheduler,
    private readonly limits: Pick<StreamLimits, 'tradesEveryMs' | 'tradesAskedEveryMs'>,
    private readonly clock: Clock,
    private readonly venue: TradesOfVenue,
  ) {
    super(scheduler, limits.tradesEveryMs);
  }

  override hear(listener: () => void): void {
    this.watching ??= this.venue.watch((heard) => this.take(heard));
    super.hear(listener);
  }

  override unhear(listener: () => void): void {
    super.unhear(listener);
    if (this.isHeard) return;
    this.watching?.close();
    this.watching = null;
    this.mustAsk = true;
  }

  newsSince(version: number): Finding | null {
    const news = this.kept.filter((one) => one.version > version);
    return { data: JSON.stringify(news.map(({ trade }) => tradeResponse(trade))), atMs: this.clock.nowMs() };
  }

  protected async poll(): Promise<boolean> {
    const asked = await this.askIfDue();
    const known = new Set(this.kept.map(({ trade }) => trade.venueTradeId));
    const fresh: MarketTrade[] = [];
    for (const trade of [...asked, ...this.heard.splice(0)]) {
      if (known.has(trade.venueTradeId)) continue;
      known.add(trade.venueTradeId);
      fresh.push(trade);
    }
    if (fresh.length === 0) return false;
    const version = this.version + 1;
    this.kept = [...this.kept, ...fresh.map((trade) => ({ trade, version }))].slice(-TRADES_KEPT);
    return true;
  }

  private take(heard: MarketTrade | 'missed'): void {
    if (heard === 'missed') this.mustAsk = true;
    else if (this.heard.push(heard) > TRADES_KEPT) this.heard.shift();
  }

  /** A venue that does not answer is asked again later; what was heard meanwhile is told all the same. */
  private async askIfDue(): Promise<readonly MarketTrade[]> {
    const nowMs = this.clock.monotonicMs();
    const isWanted = this.mustAsk || this.watching === null;
    if (!isWanted || nowMs - this.askedAtMs < this.limits.tradesAskedEveryMs) return [];
    this.askedAtMs = nowMs;
    this.mustAsk = false;
    try {
      return await this.venue.ask(TRADES_ASKED);
    } catch {
      this.mustAsk = true;
      return [];
    }
  }
}
