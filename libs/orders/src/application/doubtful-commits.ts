import { Injectable } from '@nestjs/common';
import { Scheduler } from '#libs/kernel';
import type { OrderState } from '../domain/index.js';
import { LiveOrders } from './live-orders.js';
import { OrderJournal } from './order-journal.js';
import { OrderLog } from './order-log.js';

const RETRY_MS = 1_000;

/**
 * Orders whose commit may or may not have happened when the database went away. They were not sent, and never will be: once the
 * journal can be read again, those it holds are closed as never sent. Should we stop before, the resolver finds them at the next start.
 */
@Injectable()
export class DoubtfulCommits {
  private readonly waiting = new Map<string, OrderState>();
  private scheduled = false;

  constructor(
    private readonly journal: OrderJournal,
    private readonly live: LiveOrders,
    private readonly scheduler: Scheduler,
    private readonly log: OrderLog,
  ) {}

  add(state: OrderState): void {
    this.waiting.set(state.terms.id, state);
    this.schedule();
  }

  get size(): number {
    return this.waiting.size;
  }

  private schedule(): void {
    if (this.scheduled || this.waiting.size === 0) return;
    this.scheduled = true;
    this.scheduler.after(RETRY_MS, () => void this.settleAll());
  }

  private async settleAll(): Promise<void> {
    for (const state of [...this.waiting.values()]) {
      try {
        await this.settle(state);
      } catch {
        break; // The database is still away.
      }
    }
    this.scheduled = false;
    this.schedule();
  }

  private async settle(state: OrderState): Promise<void> {
    const held = await this.journal.holds(state.terms.id);
    this.waiting.delete(state.terms.id);
    if (!held) return;
    this.log.warn('order journaled but never sent', { orderId: state.terms.id, account: state.terms.account });
    const reason = {
      code: 'database-unavailable',
      message: 'the database went away while the order was journaled; it was never sent',
      venueCode: null,
    };
    this.live.record(this.live.begun(state), { type: 'not-sent', reason });
  }
}
