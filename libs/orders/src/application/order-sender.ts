import { Injectable } from '@nestjs/common';
import { VenueError } from '#libs/exchanges/contract';
import type { PreparedCommand } from '#libs/exchanges/contract';
import { Clock } from '#libs/kernel';
import { CLOCK_ERROR_MS } from '../domain/index.js';
import type { RejectReason } from '../domain/index.js';
import type { AccountSession } from './account-sessions.js';
import { LiveOrders } from './live-orders.js';
import type { LiveOrder } from './live-orders.js';
import { OrderMetrics } from './order-metrics.js';

/** After the venue's own deadline has passed, how much longer its verdict may take to reach us. */
const VERDICT_GRACE_MS = 15_000;

/**
 * Sends what is journaled: each permit once, and never again. What the venue answers becomes an event; what it does not answer
 * becomes `unknown`, which is a state and not a failure.
 */
@Injectable()
export class OrderSender {
  constructor(
    private readonly live: LiveOrders,
    private readonly clock: Clock,
    private readonly metrics: OrderMetrics,
  ) {}

  /**
   * Carries out the order's open attempt. Never throws: every outcome is an event.
   * @param acceptedMs - when the request came in, on the monotonic clock.
   */
  async place(order: LiveOrder, prepared: PreparedCommand, session: AccountSession, acceptedMs: number): Promise<void> {
    const { venue, correlationId } = order.state.terms;
    if (this.clock.nowMs() > prepared.notAfterMs - clockMarginMs(prepared)) {
      session.venueAccount.release(prepared);
      this.metrics.submitted(venue, 'not-sent');
      this.live.record(order, {
        type: 'not-sent',
        reason: { code: 'overloaded', message: 'the permit ran out before the order could be sent', venueCode: null },
      });
      return;
    }
    this.metrics.overhead((this.clock.monotonicMs() - acceptedMs) / 1_000);
    try {
      const report = await session.venueAccount.send(prepared, { deadlineMs: this.deadlineMs(prepared), correlationId });
      this.metrics.submitted(venue, 'acknowledged');
      this.live.observe(order, report, 'answer');
    } catch (error) {
      this.placeFailed(order, asVenueError(error, venue));
    }
  }

  /** Sends a journaled cancel. Resolves with what is known: done, refused by the venue, or open. Never throws. */
  async cancel(order: LiveOrder, prepared: PreparedCommand, session: AccountSession): Promise<'answered' | 'refused' | 'open'> {
    const { venue, correlationId } = order.state.terms;
    try {
      const report = await session.venueAccount.send(prepared, { deadlineMs: this.deadlineMs(prepared), correlationId });
      this.live.observe(order, report, 'answer');
      return 'answered';
    } catch (error) {
      const failure = asVenueError(error, venue);
      // "Unknown order" says that it ended or never was, not that we canceled it: the venue's records decide.
      const open = failure.outcome === 'unknown' || failure.code === 'order-not-found';
      this.live.record(order, { type: open ? 'cancel-unknown' : 'cancel-refused', reason: reasonOf(failure) });
      return open ? 'open' : 'refused';
    }
  }

  /** Sends a journaled amend. @returns the refusal, `open` where the outcome is, or `null` when it was done. */
  async amend(order: LiveOrder, prepared: PreparedCommand, session: AccountSession): Promise<RejectReason | 'open' | null> {
    const { venue, correlationId } = order.state.terms;
    try {
      const report = await session.venueAccount.send(prepared, { deadlineMs: this.deadlineMs(prepared), correlationId });
      this.live.observe(order, report, 'answer');
      return null;
    } catch (error) {
      const failure = asVenueError(error, venue);
      const open = failure.outcome === 'unknown' || failure.code === 'order-not-found';
      this.live.record(order, { type: open ? 'amend-unknown' : 'amend-refused', reason: reasonOf(failure) });
      return open ? 'open' : reasonOf(failure);
    }
  }

  private deadlineMs(prepared: PreparedCommand): number {
    return Math.max(1_000, prepared.notAfterMs - this.clock.nowMs()) + VERDICT_GRACE_MS;
  }

  private placeFailed(order: LiveOrder, failure: VenueError): void {
    const reason = reasonOf(failure);
    // A duplicate id may be our own first attempt, and the stream may have shown the order already: then this proves nothing.
    const contradicted = order.state.acknowledgedAtMs !== null;
    if (failure.outcome === 'unknown' || failure.code === 'duplicate-client-order-id' || contradicted) {
      this.metrics.submitted(failure.venue, 'unknown');
      this.live.record(order, { type: 'outcome-unknown', reason });
    } else if (failure.outcome === 'not-sent') {
      this.metrics.submitted(failure.venue, 'not-sent');
      this.live.record(order, { type: 'not-sent', reason });
    } else {
      this.metrics.submitted(failure.venue, 'refused');
      this.live.record(order, { type: 'refused', source: 'answer', reason });
    }
  }
}

/** How long before its end a permit counts as over: the two clocks may differ, and the request has to travel. */
function clockMarginMs(prepared: PreparedCommand): number {
  return Math.min(CLOCK_ERROR_MS, (prepared.notAfterMs - prepared.timestampMs) / 4);
}

function reasonOf(failure: VenueError): RejectReason {
  return { code: failure.code, message: failure.message, venueCode: failure.venueCode };
}

/** Anything that is not a `VenueError` is a bug of ours after the bytes may have left: the outcome is unknown. */
function asVenueError(error: unknown, venue: string): VenueError {
  if (error instanceof VenueError) return error;
  return new VenueError('the adapter failed while the outcome was open', {
    venue,
    code: 'unknown-outcome',
    outcome: 'unknown',
    cause: error,
  });
}
