import type { Scheduler } from '#libs/kernel';
import type { MarketTrade } from '#libs/model';
import { tradeResponse } from '#libs/market-data';
import { PolledSource } from './polled-source.js';
import type { Finding } from './polled-source.js';

/** The newest trades that are kept for clients that are slow; a client gets those that it has not had. */
const TRADES_KEPT = 200;
const TRADES_ASKED = 100;

/** The public trades of a market, newest last. */
export class TradesSource extends PolledSource {
  private kept: { readonly trade: MarketTrade; readonly version: number }[] = [];

  constructor(
    scheduler: Scheduler,
    everyMs: number,
    private readonly ask: (limit: number) => Promise<readonly MarketTrade[]>,
    private readonly nowMs: () => number,
  ) {
    super(scheduler, everyMs);
  }

  newsSince(version: number): Finding | null {
    const news = this.kept.filter((one) => one.version > version);
    return { data: JSON.stringify(news.map(({ trade }) => tradeResponse(trade))), atMs: this.nowMs() };
  }

  protected async poll(): Promise<boolean> {
    const asked = await this.ask(TRADES_ASKED);
    const known = new Set(this.kept.map(({ trade }) => trade.venueTradeId));
    const fresh = asked.filter((trade) => !known.has(trade.venueTradeId));
    if (fresh.length === 0 && this.version > 0) return false;
    const version = this.version + 1;
    this.kept = [...this.kept, ...fresh.map((trade) => ({ trade, version }))].slice(-TRADES_KEPT);
    return true;
  }
}
