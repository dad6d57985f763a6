import { Injectable } from '@nestjs/common';
import { isUuid } from '#libs/kernel';
import type { OrderId } from '#libs/kernel';
import type { OrderState } from '../domain/index.js';
import { AccountLeases } from '#libs/leases';
import { LiveOrders } from './live-orders.js';
import type { LiveOrder } from './live-orders.js';
import { OrderReader } from './order-reader.js';

/** Finds one order: in memory where this replica holds its account, for that is the newest there is, else in the journal. */
@Injectable()
export class FindOrder {
  constructor(
    private readonly live: LiveOrders,
    private readonly reader: OrderReader,
    private readonly leases: AccountLeases,
  ) {}

  /** @throws JournalUnavailable when it is not in memory and the journal cannot be read. */
  async state(id: string): Promise<OrderState | null> {
    const live = this.live.get(id);
    if (live !== undefined && this.isHeld(live.state)) return live.state;
    return isUuid(id) ? this.reader.byId(id as OrderId) : null;
  }

  /**
   * As `state`, taken into memory so that a command about it can be recorded. Only the holder of its account may do that: for another
   * replica's order the answer is `not-held`.
   */
  async load(id: string): Promise<LiveOrder | 'not-held' | null> {
    const state = await this.state(id);
    if (state === null) return null;
    return this.isHeld(state) ? this.live.adopt(state) : 'not-held';
  }

  private isHeld(state: OrderState): boolean {
    return this.leases.current(state.terms.account) !== null;
  }
}
