import { Inject, Injectable } from '@nestjs/common';
import { request } from 'undici';
import { z } from 'zod';
import { AccountStore } from '#libs/accounts';
import { ExchangeDirectory } from '#libs/exchanges/contract';
import { Clock, Scheduler, pauseFor } from '#libs/kernel';
import { Settings } from '#libs/settings';
import { VenueLog } from './ports.js';

/** A simulator that is started beside us may take a while; one that runs by itself is there, or comes later. */
const WAIT_MS = { on: 10_000, external: 2_000 };
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

  /**
   * Makes accounts that are missing and renews credentials that changed. A simulator that does not answer is no reason not to start.
   * @returns false where the simulator does not answer: ask again later.
   */
  async ensure(): Promise<boolean> {
    const { environment, simulator } = this.settings;
    if (environment !== 'sandbox' || simulator.mode === 'off') return true;
    const offered = await this.ask(`http://${simulator.host}:${simulator.port}/_sim/accounts`, WAIT_MS[simulator.mode]);
    if (offered === null) {
      this.log.warn('the simulator does not answer: no demo accounts yet', { port: simulator.port });
      return false;
    }
    for (const { account, venue, apiKey, apiSecret, passphrase } of offered) {
      if (this.exchanges.find(venue) === undefined) continue;
      const known = await this.store.credentials(account).catch(() => null);
      if (known?.apiKey === apiKey && known.apiSecret === apiSecret) continue;
      await this.store.save({ name: account, venue, environment }, { apiKey, apiSecret, passphrase: passphrase ?? null }, 'system');
      this.log.info('demo account ready', { account, venue });
    }
    return true;
  }

  private async ask(url: string, waitMs: number): Promise<z.output<typeof listSchema> | null> {
    const untilMs = this.clock.monotonicMs() + waitMs;
    for (;;) {
      try {
        const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
        const answer = listSchema.safeParse(await body.json());
        if (statusCode === 200 && answer.success) return answer.data;
      } catch {
        // It may still be starting.
      }
      if (this.clock.monotonicMs() >= untilMs) return null;
      await pauseFor(this.scheduler, RETRY_MS);
    }
  }
}
