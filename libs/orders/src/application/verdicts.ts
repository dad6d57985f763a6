import { Injectable } from '@nestjs/common';
import { Clock, Scheduler } from '#libs/kernel';
import type { LiveOrder } from './live-orders.js';
import { OrderSettings } from './order-settings.js';
import { Resolver } from './resolver.js';
import { hasVerdict, waitFor } from './verdict.js';

/** Waits a while for the venue's verdict on an order. Where it does not come in time, the venue is asked. */
@Injectable()
export class Verdicts {
  constructor(
    private readonly resolver: Resolver,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly settings: OrderSettings,
  ) {}

  /** @param startedMs - when the request came in, on the monotonic clock. */
  async wait(order: LiveOrder, startedMs: number): Promise<void> {
    if (hasVerdict(order.state)) return;
    await waitFor(order, hasVerdict, startedMs + this.settings.ackTimeoutMs, this.clock, this.scheduler);
    // The answer may still come, but nobody waits for it any longer.
    if (!hasVerdict(order.state)) this.resolver.look(order, 'no verdict in time');
  }
}
