import { Injectable } from '@nestjs/common';
import { isFinal } from '#libs/model';
import { AccountNews } from './account-news.js';
import { AccountSessions } from './account-sessions.js';
import { BalanceSink } from './balance-sink.js';
import { CancelOrderService } from './cancel-order.service.js';
import { CatchUp } from './catch-up.js';
import { LiveOrders } from './live-orders.js';
import { OrderGate } from './order-gate.js';
import { OrderJournal } from './order-journal.js';
import { OrderLog } from './order-log.js';
import { OrderReader } from './order-reader.js';
import { Resolver } from './resolver.js';

/**
 * Brings the engine up and down. Up: load what is open, join the streams, catch up, open the gate. Down: the reverse, with the
 * journal flushed before anything is let go.
 */
@Injectable()
export class OrderEngine {
  constructor(
    private readonly reader: OrderReader,
    private readonly journal: OrderJournal,
    private readonly live: LiveOrders,
    private readonly sessions: AccountSessions,
    private readonly catchUp: CatchUp,
    private readonly resolver: Resolver,
    private readonly gate: OrderGate,
    private readonly log: OrderLog,
    balances: BalanceSink,
    // Constructed for what they listen to.
    _news: AccountNews,
    _cancels: CancelOrderService,
  ) {
    sessions.onEvent((session, event) => {
      if (event.kind === 'balances') balances.merge(session.name, event.balances, event.venueTimeMs);
    });
  }

  /** Loads every order whose story is not over. Before any account joins its stream. */
  async load(): Promise<void> {
    const open = await this.reader.open();
    for (const state of open) this.live.adopt(state);
    this.log.info('open orders loaded', { orders: open.length });
  }

  /** Waits until each account has caught up, at most `timeoutMs`: a venue that is down must not keep the gateway from starting. */
  async start(timeoutMs: number): Promise<void> {
    await Promise.all(this.sessions.all().map((session) => this.catchUp.first(session, timeoutMs)));
    for (const order of this.live.open(null)) {
      if (order.state.acknowledgedAtMs === null && !isFinal(order.state.status)) this.resolver.look(order, 'open at start');
    }
    this.catchUp.begin();
    this.gate.open();
  }

  async stop(flushTimeoutMs: number): Promise<void> {
    await this.gate.drain();
    this.catchUp.stop();
    this.resolver.stop();
    await this.sessions.close();
    await this.journal.flushed(flushTimeoutMs);
  }
}
