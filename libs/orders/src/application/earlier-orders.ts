import { Injectable } from '@nestjs/common';
import { AccountLeases } from '#libs/leases';
import { LiveOrders } from './live-orders.js';
import type { LiveOrder } from './live-orders.js';
import { OrderReader } from './order-reader.js';
import type { Caller, OrderRequest } from './order-request.js';

/**
 * Finds the order that was made with the same key before: among those being journaled at this moment, else in the journal, whose
 * unique indexes decide. The first is only a shortcut, so that a storm of equal requests waits for one answer.
 */
@Injectable()
export class EarlierOrders {
  private readonly beginning = new Map<string, Promise<LiveOrder | null>>();

  constructor(
    private readonly reader: OrderReader,
    private readonly live: LiveOrders,
    private readonly leases: AccountLeases,
  ) {}

  /** The order with this key that is being journaled now; resolves to `null` where that came to nothing. */
  underWay(request: OrderRequest, caller: Caller): Promise<LiveOrder | null> | undefined {
    for (const key of keysOf(request, caller)) {
      const found = this.beginning.get(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  note(request: OrderRequest, caller: Caller, order: Promise<LiveOrder | null>): void {
    const keys = keysOf(request, caller);
    if (keys.length === 0) return;
    for (const key of keys) this.beginning.set(key, order);
    const forget = (): void => {
      for (const key of keys) this.beginning.delete(key);
    };
    order.then(forget, forget);
  }

  /** @throws JournalUnavailable when the journal cannot be read. */
  async find(request: OrderRequest, caller: Caller): Promise<LiveOrder | null> {
    const byKey = caller.idempotencyKey === null ? null : await this.reader.byIdempotencyKey(request.account, caller.idempotencyKey);
    const byClientId =
      byKey === null && request.clientOrderId !== null ? await this.reader.byClientOrderId(request.account, request.clientOrderId) : null;
    const state = byKey ?? byClientId;
    if (state === null) return null;
    // Where this replica holds the account, the one in memory may be ahead of the journal; elsewhere nothing is kept in memory.
    return this.leases.current(state.terms.account) === null ? this.live.glimpse(state) : this.live.adopt(state);
  }
}

function keysOf(request: OrderRequest, caller: Caller): string[] {
  const keys: string[] = [];
  if (caller.idempotencyKey !== null) keys.push(`${request.account}\nkey\n${caller.idempotencyKey}`);
  if (request.clientOrderId !== null) keys.push(`${request.account}\nid\n${request.clientOrderId}`);
  return keys;
}
