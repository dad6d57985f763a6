import { Injectable } from '@nestjs/common';
import { isUuid } from '#libs/kernel';
import type { OrderId } from '#libs/kernel';
import type { OrderState } from '../domain/index.js';
import { LiveOrders } from './live-orders.js';
import type { LiveOrder } from './live-orders.js';
import { OrderReader } from './order-reader.js';

/** Finds one order, in memory first: that is the newest there is. */
@Injectable()
export class FindOrder {
  constructor(
    private readonly live: LiveOrders,
    private readonly reader: OrderReader,
  ) {}

  /** @throws JournalUnavailable when it is not in memory and the journal cannot be read. */
  async state(id: string): Promise<OrderState | null> {
    const live = this.live.get(id);
    if (live !== undefined) return live.state;
    return isUuid(id) ? this.reader.byId(id as OrderId) : null;
  }

  /** As `state`, taken into memory so that news about it can be recorded. */
  async load(id: string): Promise<LiveOrder | null> {
    const known = this.live.get(id);
    if (known !== undefined) return known;
    const state = isUuid(id) ? await this.reader.byId(id as OrderId) : null;
    return state === null ? null : this.live.adopt(state);
  }
}
