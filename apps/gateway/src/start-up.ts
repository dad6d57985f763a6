import { Inject, Injectable } from '@nestjs/common';
import { FirstAdminKey } from '#libs/access';
import { AccountStore } from '#libs/accounts';
import type { Account } from '#libs/accounts';
import { ExchangeDirectory } from '#libs/exchanges/contract';
import { ReadinessState } from '#libs/health';
import { Scheduler } from '#libs/kernel';
import { AccountKeeper, OrderEngine } from '#libs/orders';
import { Settings } from '#libs/settings';
import { DemoAccounts } from './demo-accounts.js';
import { VenueLog } from './ports.js';
import { ReconciliationStart } from './reconciliation.js';

/** How long a venue that does not answer may hold up the start; afterwards its accounts catch up behind. */
const CATCH_UP_MS = 10_000;
const DEMO_RETRY_MS = 5_000;

/** From a listening server to one that takes orders: keys, accounts, open orders, venues, streams, and what happened meanwhile. */
@Injectable()
export class StartUp {
  constructor(
    @Inject(Settings) private readonly settings: Settings,
    @Inject(FirstAdminKey) private readonly firstKey: FirstAdminKey,
    @Inject(DemoAccounts) private readonly demo: DemoAccounts,
    @Inject(AccountStore) private readonly accounts: AccountStore,
    @Inject(ExchangeDirectory) private readonly exchanges: ExchangeDirectory,
    @Inject(AccountKeeper) private readonly keeper: AccountKeeper,
    @Inject(OrderEngine) private readonly engine: OrderEngine,
    @Inject(ReconciliationStart) private readonly reconciliation: ReconciliationStart,
    @Inject(ReadinessState) private readonly readiness: ReadinessState,
    @Inject(Scheduler) private readonly scheduler: Scheduler,
    @Inject(VenueLog) private readonly log: VenueLog,
  ) {}

  async run(): Promise<void> {
    this.reconciliation.tie();
    for (const exchange of this.exchanges.all()) this.readiness.registerVenue(exchange.id, () => exchange.status().state);
    await this.firstKey.ensure(this.settings.home);
    const starting = Promise.all(this.exchanges.all().map((exchange) => exchange.start()));
    const offered = await this.demo.ensure();
    await starting;
    await this.joinAll();
    await this.engine.start(CATCH_UP_MS);
    this.reconciliation.begin();
    this.readiness.markStarted();
    if (!offered) this.awaitSimulator();
  }

  /** Whoever starts the simulator after the gateway gets the demo accounts all the same. */
  private awaitSimulator(): void {
    this.scheduler.after(DEMO_RETRY_MS, () => {
      if (this.readiness.draining) return;
      void this.demo
        .ensure()
        .then((offered) => (offered ? this.joinAll() : this.awaitSimulator()))
        .catch((error: unknown) => {
          this.log.warn('demo accounts cannot be made now', { error: error instanceof Error ? error.message : 'unknown' });
          this.awaitSimulator();
        });
    });
  }

  private async joinAll(): Promise<void> {
    for (const account of await this.accounts.all()) await this.join(account);
  }

  private async join(account: Account): Promise<void> {
    const exchange = this.exchanges.find(account.venue);
    if (exchange === undefined || account.environment !== this.settings.environment) {
      this.log.info('account left out', { account: account.name, venue: account.venue, environment: account.environment });
      return;
    }
    try {
      const credentials = await this.accounts.credentials(account.name);
      if (credentials !== null && !this.keeper.has(account.name))
        this.keeper.add(account.name, exchange, exchange.account(account.name, credentials));
    } catch (error) {
      // One account whose secret cannot be opened must not keep the others from trading.
      this.log.error('account cannot be joined', { account: account.name, error: error instanceof Error ? error.message : 'unknown' });
    }
  }
}
