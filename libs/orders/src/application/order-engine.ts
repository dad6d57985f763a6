import { Injectable } from '@nestjs/common';
import { AccountKeeper } from './account-keeper.js';
import { AccountNews } from './account-news.js';
import { AccountSessions } from './account-sessions.js';
import { BalanceSink } from './balance-sink.js';
import { CancelOrderService } from './cancel-order.service.js';
import { CatchUp } from './catch-up.js';
import { OrderGate } from './order-gate.js';
import { OrderJournal } from './order-journal.js';
import { Resolver } from './resolver.js';

/**
 * Brings the engine up and down. Accounts are added to the `AccountKeeper`; each is taken over when its lease is ours. Down: nothing new,
 * what is under way answered, the journal flushed before anything is let go.
 */
@Injectable()
export class OrderEngine {
  constructor(
    private readonly journal: OrderJournal,
    private readonly keeper: AccountKeeper,
    private readonly sessions: AccountSessions,
    private readonly catchUp: CatchUp,
    private readonly resolver: Resolver,
    private readonly gate: OrderGate,
    balances: BalanceSink,
    // Constructed for what they listen to.
    _news: AccountNews,
    _cancels: CancelOrderService,
  ) {
    sessions.onEvent((session, event) => {
      if (event.kind === 'balances') balances.merge(session.name, event.balances, event.venueTimeMs);
    });
  }

  /** Waits until each account is ready or held elsewhere, at most `timeoutMs`: a venue that is down must not keep the gateway from starting. */
  async start(timeoutMs: number): Promise<void> {
    await this.keeper.settled(timeoutMs);
    this.catchUp.begin();
    this.gate.open();
  }

  async stop(flushTimeoutMs: number): Promise<void> {
    await this.gate.drain();
    this.keeper.stop();
    this.catchUp.stop();
    this.resolver.stop();
    await this.sessions.close();
    await this.journal.flushed(flushTimeoutMs);
  }
}
