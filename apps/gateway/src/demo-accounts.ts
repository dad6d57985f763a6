import { Inject, Injectable } from '@nestjs/common';
import { request } from 'undici';
import { z } from 'zod';
import { AccountStore } from '#libs/accounts';
import { ExchangeDirectory } from '#libs/exchanges/contract';
import { Clock, Scheduler } from '#libs/kernel';
import { Settings } from '#libs/settings';
import { VenueLog } from './ports.js';

const WAIT_MS = 10_000;
const RETRY_MS = 100;
const REQUEST_TIMEOUT_MS = 2_000;

const listSchema = z.array(
  z.object({ account: z.string(), venue: z.string(), apiKey: z.string(), apiSecret: z.string(), passphrase: z.string().nullish() }),
);

/** Gives the sandbox its funded accounts: those of the simulator, under the names it gives them. Never in `live`. */
@Injectable()
export class DemoAccounts {
  constructor(
    @Inject(Settings) private readonly settings: Settings,
    @Inject(AccountStore) private readonly store: AccountStore,
    @Inject(ExchangeDirectory) private readonly exchanges: ExchangeDirectory,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Scheduler) private readonly scheduler: Scheduler,
    @Inject(VenueLog) private readonly log: VenueLog,
  ) {}

  /** Makes accounts that are missing and renews credentials that changed. A simulator that does not answer is no reason not to start. */
  async ensure(): Promise<void> {
    const { environment, simulator } = this.settings;
    if (environment !== 'sandbox' || simulator.mode === 'off') return;
    const offered = await this.ask(`http://${simulator.host}:${simulator.port}/_sim/accounts`);
    if (offered === null) return this.log.warn('the simulator does not answer: no demo accounts', { port: simulator.port });
    for (const { account, venue, apiKey, apiSecret, passphrase } of offered) {
      if (this.exchanges.find(venue) === undefined) continue;
      const known = await this.store.credentials(account).catch(() => null);
      if (known?.apiKey === apiKey && known.apiSecret === apiSecret) continue;
      await this.store.save({ name: account, venue, environment }, { apiKey, apiSecret, passphrase: passphrase ?? null }, 'system');
      this.log.info('demo account ready', { account, venue });
    }
  }

  private async ask(url: string): Promise<z.output<typeof listSchema> | null> {
    const untilMs = this.clock.monotonicMs() + WAIT_MS;
    for (;;) {
      try {
        const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
        const answer = listSchema.safeParse(await body.json());
        if (statusCode === 200 && answer.success) return answer.data;
      } catch {
        // It may still be starting.
      }
      if (this.clock.monotonicMs() >= untilMs) return null;
      await new Promise<void>((resolve) => this.scheduler.after(RETRY_MS, resolve));
    }
  }
}
