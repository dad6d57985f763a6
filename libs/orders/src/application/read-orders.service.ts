import { Injectable } from '@nestjs/common';
import type { OrderId } from '#libs/kernel';
import type { OrderState, StoredEvent } from '../domain/index.js';
import { FindOrder } from './find-order.js';
import { OrderJournal } from './order-journal.js';
import { OrderReader } from './order-reader.js';
import type { BookedFill, FillFilter, OrderFilter } from './order-reader.js';
import { OrderSettings } from './order-settings.js';

const FILLS_OF_ONE_ORDER_MAX = 1_000;

export interface OrderHistory {
  readonly state: OrderState;
  readonly events: readonly StoredEvent[];
  readonly fills: readonly BookedFill[];
}

/** Answers questions about orders. Lists wait until the journal has written what happened before the question. */
@Injectable()
export class ReadOrdersService {
  constructor(
    private readonly finder: FindOrder,
    private readonly journal: OrderJournal,
    private readonly reader: OrderReader,
    private readonly settings: OrderSettings,
  ) {}

  one(id: string): Promise<OrderState | null> {
    return this.finder.state(id);
  }

  async list(filter: OrderFilter): Promise<readonly OrderState[]> {
    await this.journal.flushed(this.settings.flushTimeoutMs);
    return this.reader.list(filter);
  }

  async fills(filter: FillFilter): Promise<readonly BookedFill[]> {
    await this.journal.flushed(this.settings.flushTimeoutMs);
    return this.reader.fills(filter);
  }

  async history(id: string): Promise<OrderHistory | null> {
    const state = await this.finder.state(id);
    if (state === null) return null;
    await this.journal.flushed(this.settings.flushTimeoutMs);
    const orderId = state.terms.id as OrderId;
    const [events, fills] = await Promise.all([
      this.reader.history(orderId),
      this.reader.fills({ accounts: null, symbol: null, orderId, before: null, limit: FILLS_OF_ONE_ORDER_MAX }),
    ]);
    return { state, events, fills };
  }
}
