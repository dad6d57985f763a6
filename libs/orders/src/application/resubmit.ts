import { Injectable } from '@nestjs/common';
import { VenueError } from '#libs/exchanges/contract';
import { Clock } from '#libs/kernel';
import { AccountLeases } from '#libs/leases';
import { isFinal } from '#libs/model';
import { mayResubmit } from '../domain/index.js';
import type { OrderState } from '../domain/index.js';
import type { AccountSession } from './account-sessions.js';
import { CrashPoints } from './crash-points.js';
import { LiveOrders } from './live-orders.js';
import type { LiveOrder } from './live-orders.js';
import { OrderLog } from './order-log.js';
import { OrderSender, attemptOf } from './order-sender.js';

const GAVE_UP = { code: 'not-created', message: 'the venue never created this order, and it was not sent again in time', venueCode: null };

/** It is proven that the venue never created the order, and the client asked for another send: it waits for its next permit. */
export function awaitsResubmission(state: OrderState): boolean {
  return state.status === 'pending-new' && state.openAttempt === null && state.attempts > 0;
}

/** Sends an order once more that is proven never to have been created: the same intent and venue id under a new permit. */
@Injectable()
export class Resubmit {
  constructor(
    private readonly live: LiveOrders,
    private readonly leases: AccountLeases,
    private readonly sender: OrderSender,
    private readonly clock: Clock,
    private readonly points: CrashPoints,
    private readonly log: OrderLog,
  ) {}

  /** One try; where nothing could be sent, the order goes on waiting until its time is over. Never throws. */
  async try(order: LiveOrder, session: AccountSession): Promise<void> {
    if (!mayResubmit(order.state, this.clock.nowMs())) {
      this.live.record(order, { type: 'not-sent', reason: GAVE_UP });
      return;
    }
    const lease = this.leases.current(session.name);
    if (lease === null) return;
    try {
      const prepared = session.venueAccount.prepare({ kind: 'place', ...order.state.terms });
      session.venueAccount.reserve(prepared);
      const attempt = attemptOf(prepared, order.state.attempts + 1, lease.token);
      const given = await this.live.permit(order, { type: 'permitted', intent: 'place', attempt }).catch(() => false);
      this.points.reach('resolver.resubmitted');
      if (given && !isFinal(order.state.status)) {
        void this.sender.place(order, prepared, session, this.clock.monotonicMs());
        return;
      }
      session.venueAccount.release(prepared);
      this.live.record(order, { type: 'not-sent', reason: GAVE_UP });
    } catch (error) {
      if (!(error instanceof VenueError)) throw error;
      this.log.info('order cannot be sent again yet', { orderId: order.id, account: session.name, reason: error.code });
    }
  }
}
