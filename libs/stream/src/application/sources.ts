import { Inject, Injectable } from '@nestjs/common';
import { AccountStatus, BalanceBook } from '#libs/accounts';
import { ReadinessState } from '#libs/health';
import { ProblemException } from '#libs/http';
import { Clock, Scheduler, decimalText, invariant } from '#libs/kernel';
import type { Result } from '#libs/kernel';
import { MarketReader, bookResponse, tickerResponse } from '#libs/market-data';
import type { Topic } from './client-message.js';
import { NewestState } from './polled-source.js';
import type { PolledSource } from './polled-source.js';
import { STREAM_LIMITS } from './stream-limits.js';
import { TradesSource } from './trades-source.js';

type NewestTopic = Exclude<Topic, { readonly channel: 'orders' | 'fills' }>;
type MarketTopic = Extract<Topic, { readonly venue: string }>;

/** What streams of which only the newest counts, each shared by all who hear it. */
@Injectable()
export class Sources {
  private readonly sources = new Map<string, PolledSource>();

  constructor(
    @Inject(BalanceBook) private readonly balances: BalanceBook,
    @Inject(AccountStatus) private readonly accounts: AccountStatus,
    @Inject(MarketReader) private readonly market: MarketReader,
    @Inject(ReadinessState) private readonly readiness: ReadinessState,
    @Inject(Scheduler) private readonly scheduler: Scheduler,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws {ProblemException} `venue-not-found`, `instrument-not-found`, `venue-unavailable` */
  of(topic: NewestTopic): PolledSource {
    if ('venue' in topic) this.checkMarket(topic);
    const key = JSON.stringify(topic);
    let source = this.sources.get(key);
    if (source === undefined) this.sources.set(key, (source = this.make(topic)));
    return source;
  }

  /** Forgets what nobody hears any more. */
  settle(topic: NewestTopic): void {
    const key = JSON.stringify(topic);
    if (this.sources.get(key)?.isHeard === false) this.sources.delete(key);
  }

  private checkMarket({ venue, symbol }: MarketTopic): void {
    const exchange = this.market.find(venue);
    if (exchange === undefined) throw new ProblemException('venue-not-found', `there is no venue ${venue}; GET /v1/venues lists them`);
    if (exchange.instrument(symbol) !== undefined) return;
    if (exchange.instruments().length === 0) throw new ProblemException('venue-unavailable', `the markets of ${venue} are not loaded yet`);
    throw new ProblemException(
      'instrument-not-found',
      `${venue} has no instrument ${symbol}; GET /v1/venues/${venue}/instruments lists them`,
    );
  }

  private make(topic: NewestTopic): PolledSource {
    switch (topic.channel) {
      case 'balances':
        return new NewestState(this.scheduler, STREAM_LIMITS.balancesEveryMs, () => this.balancesOf(topic.account));
      case 'health':
        return new NewestState(this.scheduler, STREAM_LIMITS.healthEveryMs, () => this.health());
      case 'book':
        return new NewestState(this.scheduler, STREAM_LIMITS.bookEveryMs, () => this.book(topic));
      case 'ticker':
        return new NewestState(this.scheduler, STREAM_LIMITS.tickerEveryMs, () => this.ticker(topic));
      case 'trades':
        return new TradesSource(this.scheduler, STREAM_LIMITS, this.clock, {
          ask: async (limit) => found(await this.market.recentTrades(topic, limit)),
          watch: (listener) => this.market.find(topic.venue)?.watchTrades(topic.symbol, listener) ?? null,
        });
    }
  }

  /** `null` until the venue has reported them, and where another replica holds the account: what was known here is old then. */
  private async balancesOf(account: string) {
    const known = this.balances.get(account);
    if (known === null || this.accounts.stream(account) === 'none') return null;
    const data = known.balances
      .toSorted((a, b) => (a.asset < b.asset ? -1 : 1))
      .map(({ asset, free, locked }) => ({
        asset,
        free: decimalText(free),
        locked: decimalText(locked),
        total: decimalText(free.plus(locked)),
      }));
    return { mark: JSON.stringify(data), data, atMs: known.asOfMs };
  }

  private async book(topic: Extract<Topic, { readonly channel: 'book' }>) {
    const held = found(await this.market.book(topic, topic.depth));
    return { mark: `${held.book.sequence} ${held.book.trust}`, data: bookResponse(topic.venue, held), atMs: this.clock.nowMs() };
  }

  private async ticker(topic: MarketTopic) {
    const data = tickerResponse(topic.venue, found(await this.market.ticker(topic)));
    return { mark: JSON.stringify(data), data, atMs: this.clock.nowMs() };
  }

  /** As `/health/ready` judges it, and how the venues stand. */
  private async health() {
    const checks = Object.fromEntries(
      [...this.readiness.checks()].filter(([name]) => !name.startsWith('venue:')).map(([name, check]) => [name, check().up]),
    );
    const { started, draining } = this.readiness;
    const isReady = started && !draining && Object.values(checks).every(Boolean);
    const venues = this.market.all().map((exchange) => ({ id: exchange.id, state: exchange.status().state }));
    const data = { ready: isReady, started, draining, checks, venues };
    return { mark: JSON.stringify(data), data, atMs: this.clock.nowMs() };
  }
}

function found<T>(result: Result<T, unknown>): T {
  invariant(result.ok, 'a market that was there stays');
  return result.value;
}
