import { OpenOrders } from '#libs/kill-switch';
import type { HeldAccount } from '#libs/kill-switch';
import type { AccountKeeper, AccountSessions, CancelOrderService, LiveOrders } from '#libs/orders';

/** What a kill switch cancels: through the same service as every other cancel, journaled like them. */
export class EngineOpenOrders extends OpenOrders {
  constructor(
    private readonly keeper: AccountKeeper,
    private readonly sessions: AccountSessions,
    private readonly live: LiveOrders,
    private readonly cancels: CancelOrderService,
  ) {
    super();
  }

  held(): readonly HeldAccount[] {
    return this.sessions
      .all()
      .filter(({ name }) => this.keeper.isReady(name))
      .map(({ name, exchange }) => ({ account: name, venue: exchange.id }));
  }

  async cancelAll(account: string, by: string): Promise<number> {
    const apiKeyId = by.startsWith('key:') ? by.slice('key:'.length) : by;
    await this.cancels.cancelAll(account, null, { apiKeyId, idempotencyKey: null, correlationId: null });
    return this.live.open(account).length;
  }
}
