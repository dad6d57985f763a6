import { Injectable } from '@nestjs/common';
import { VenueError } from '#libs/exchanges/contract';
import type { PreparedCommand } from '#libs/exchanges/contract';
import { Clock } from '#libs/kernel';
import { AccountLeases } from '#libs/leases';
import type { VenueOrderReport } from '#libs/model';
import { CLOCK_ERROR_MS } from '../domain/index.js';
import type { Attempt, RejectReason } from '../domain/index.js';
import type { AccountSession } from './account-sessions.js';
import { CrashPoints } from './crash-points.js';
import { LiveOrders } from './live-orders.js';
import type { LiveOrder } from './live-orders.js';
import { OrderMetrics } from './order-metrics.js';

/** After the venue's own deadline has passed, how much longer its verdict may take to reach us. */
const VERDICT_GRACE_MS = 15_000;

const RAN_OUT: RejectReason = { code: 'overloaded', message: 'the permit ran out before the order could be sent', venueCode: null };
const FENCED: RejectReason = { code: 'not-ready', message: 'another replica holds the account now; nothing was sent', venueCode: null };

/**
 * Sends what is permitted: each permit once, and never again. What the venue answers becomes an event; what it does not answer
 * becomes `unknown`, which is a state and not a failure.
 */
@Injectable()
export class OrderSender {
  constructor(
    private readonly live: LiveOrders,
    private readonly leases: AccountLeases,
    private readonly clock: Clock,
    private readonly metrics: OrderMetrics,
    private readonly points: CrashPoints,
  ) {}

  /**
   * Carries out the order's open attempt. Never throws: every outcome is an event.
   * @param acceptedMs - when the request came in, on the monotonic clock.
   */
  async place(order: LiveOrder, prepared: PreparedCommand, session: AccountSession, acceptedMs: number): Promise<void> {
    const { venue } = order.state.terms;
    const reason = this.obstacle(order.state.openAttempt, prepared, session);
    if (reason !== null) {
      session.venueAccount.release(prepared);
      this.metrics.submitted(venue, 'not-sent');
      this.live.record(order, { type: 'not-sent', reason });
      return;
    }
    this.metrics.overhead((this.clock.monotonicMs() - acceptedMs) / 1_000);
    this.points.reach('order.before-send');
    try {
      const answer = this.send(order, prepared, session);
      this.points.reach('order.after-send');
      const report = await answer;
      this.points.reach('order.answered');
      this.metrics.submitted(venue, 'acknowledged');
      this.live.observe(order, report, 'answer');
      this.points.reach('order.answer-recorded');
    } catch (error) {
      this.placeFailed(order, asVenueError(error, venue));
    }
  }

  /** Sends a permitted cancel. Resolves with what is known: done, refused by the venue, or open. Never throws. */
  async cancel(order: LiveOrder, prepared: PreparedCommand, session: AccountSession): Promise<'answered' | 'refused' | 'open'> {
    const obstacle = this.obstacle(order.state.cancelAttempt, prepared, session);
    if (obstacle !== null) {
      this.live.record(order, { type: 'cancel-refused', reason: obstacle });
      return 'refused';
    }
    try {
      const answer = this.send(order, prepared, session);
      this.points.reach('cancel.after-send');
      const report = await answer;
      this.points.reach('cancel.answered');
      this.live.observe(order, report, 'answer');
      return 'answered';
    } catch (error) {
      const failure = asVenueError(error, order.state.terms.venue);
      // "Unknown order" says that it ended or never was, not that we canceled it: the venue's records decide.
      const open = failure.outcome === 'unknown' || failure.code === 'order-not-found';
      this.live.record(order, { type: open ? 'cancel-unknown' : 'cancel-refused', reason: reasonOf(failure) });
      return open ? 'open' : 'refused';
    }
  }

  /** Sends a permitted amend. @returns the refusal, `open` where the outcome is, or `null` when it was done. */
  async amend(order: LiveOrder, prepared: PreparedCommand, session: AccountSession): Promise<RejectReason | 'open' | null> {
    const obstacle = this.obstacle(order.state.amendAttempt, prepared, session);
    if (obstacle !== null) {
      this.live.record(order, { type: 'amend-refused', reason: obstacle });
      return obstacle;
    }
    try {
      const answer = this.send(order, prepared, session);
      this.points.reach('amend.after-send');
      this.live.observe(order, await answer, 'answer');
      return null;
    } catch (error) {
      const failure = asVenueError(error, order.state.terms.venue);
      const open = failure.outcome === 'unknown' || failure.code === 'order-not-found';
      this.live.record(order, { type: open ? 'amend-unknown' : 'amend-refused', reason: reasonOf(failure) });
      return open ? 'open' : reasonOf(failure);
    }
  }

  /** What forbids sending under this permit now; `null` where nothing does. Asked at the last moment before the bytes leave. */
  private obstacle(attempt: Attempt | null, prepared: PreparedCommand, session: AccountSession): RejectReason | null {
    if (attempt === null || attempt.hash !== prepared.hash) return FENCED;
    if (this.leases.current(session.name)?.token !== attempt.fence) return FENCED;
    return this.clock.monotonicMs() > prepared.writeBeforeMs - clockMarginMs(prepared) ? RAN_OUT : null;
  }

  private send(order: LiveOrder, prepared: PreparedCommand, session: AccountSession): Promise<VenueOrderReport> {
    const { correlationId } = order.state.terms;
    return session.venueAccount.send(prepared, { deadlineMs: this.deadlineMs(prepared), correlationId });
  }

  private deadlineMs(prepared: PreparedCommand): number {
    return Math.max(1_000, prepared.writeBeforeMs - this.clock.monotonicMs()) + VERDICT_GRACE_MS;
  }

  private placeFailed(order: LiveOrder, failure: VenueError): void {
    const reason = reasonOf(failure);
    // A duplicate id may be our own first attempt, and the stream may have shown the order already: then this proves nothing.
    const contradicted = order.state.acknowledgedAtMs !== null;
    if (failure.outcome === 'unknown' || failure.code === 'duplicate-client-order-id' || contradicted) {
      this.metrics.submitted(failure.venue, 'unknown');
      this.points.reach('order.outcome-unknown');
      this.live.record(order, { type: 'outcome-unknown', reason });
    } else if (failure.outcome === 'not-sent') {
      this.metrics.submitted(failure.venue, 'not-sent');
      this.live.record(order, { type: 'not-sent', reason });
    } else {
      this.metrics.submitted(failure.venue, 'refused');
      this.points.reach('order.refused');
      this.live.record(order, { type: 'refused', source: 'answer', reason });
    }
  }
}

/** The permit of a prepared command. */
export function attemptOf(prepared: PreparedCommand, number: number, fence: number): Attempt {
  const { timestampMs, notAfterMs, validForMs, hash } = prepared;
  return { number, fence, timestampMs, notAfterMs, validForMs, hash };
}

/** How long before its end a permit counts as over: the two clocks may differ, and the request has to travel. */
function clockMarginMs(prepared: PreparedCommand): number {
  return Math.min(CLOCK_ERROR_MS, prepared.validForMs / 4);
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
