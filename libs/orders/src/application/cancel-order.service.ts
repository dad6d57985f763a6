import { Injectable } from '@nestjs/common';
import { VenueError } from '#libs/exchanges/contract';
import { Clock, Scheduler, err, ok } from '#libs/kernel';
import type { Result } from '#libs/kernel';
import { AccountLeases } from '#libs/leases';
import { isFinal } from '#libs/model';
import type { OrderState } from '../domain/index.js';
import { AccountSessions } from './account-sessions.js';
import { FindOrder } from './find-order.js';
import { LiveOrders } from './live-orders.js';
import type { LiveOrder } from './live-orders.js';
import { NOT_HELD } from './order-problem.js';
import type { OrderProblem } from './order-problem.js';
import type { Caller } from './order-request.js';
import { OrderSender, attemptOf } from './order-sender.js';
import { CrashPoints } from './crash-points.js';
import { OrderSettings } from './order-settings.js';
import { Resolver } from './resolver.js';
import { waitFor } from './verdict.js';

const NOT_JOURNALED: OrderProblem = {
  code: 'database-unavailable',
  detail: 'the cancel could not be journaled, so it was not sent',
  nothingSent: true,
  retryAfterMs: 1_000,
};
/** At most so many cancels of one cancel-all are under way at once. */
const CANCEL_ALL_CONCURRENCY = 16;

/**
 * Cancels orders. A cancel is a wish that is journaled before it is sent; only the venue's record ends the order.
 * They need no open gate: whoever can reach us may make things safer.
 */
@Injectable()
export class CancelOrderService {
  /** Wishes that are being journaled. */
  private readonly wishing = new Map<string, Promise<boolean>>();
  /** Orders whose cancel is being permitted or sent. */
  private readonly sending = new Set<string>();

  constructor(
    private readonly finder: FindOrder,
    private readonly sessions: AccountSessions,
    private readonly live: LiveOrders,
    private readonly sender: OrderSender,
    private readonly resolver: Resolver,
    private readonly leases: AccountLeases,
    private readonly points: CrashPoints,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly settings: OrderSettings,
  ) {
    live.onEffect((order, effect) => {
      if (effect === 'send-cancel') void this.sendWanted(order);
    });
  }

  /** The order as it is known when the venue has answered, or when `ackTimeoutMs` is over and the outcome is still open. */
  async cancel(id: string, caller: Caller): Promise<Result<OrderState, OrderProblem>> {
    const order = await this.finder.load(id);
    if (order === null) return err(notFound(id));
    if (order === 'not-held') return err({ ...NOT_HELD, orderId: id });
    const { status } = order.state;
    if (status === 'canceled') return ok(order.state);
    if (isFinal(status)) return err({ code: 'order-not-cancelable', detail: `the order is ${status} already`, orderId: id });
    return this.request(order, caller);
  }

  /** Cancels each open order of the account by its own id. The answers stand in the order of the ids. */
  async cancelAll(
    account: string,
    symbol: string | null,
    caller: Caller,
  ): Promise<readonly { order: OrderState; problem: OrderProblem | null }[]> {
    const orders = this.live.open(account).filter((order) => symbol === null || order.state.terms.symbol === symbol);
    const results: { order: OrderState; problem: OrderProblem | null }[] = new Array(orders.length);
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let index = next++; index < orders.length; index = next++) {
        const order = orders[index]!;
        const result = isFinal(order.state.status) ? ok(order.state) : await this.request(order, caller);
        results[index] = { order: order.state, problem: result.ok ? null : result.error };
      }
    };
    await Promise.all(Array.from({ length: CANCEL_ALL_CONCURRENCY }, worker));
    return results;
  }

  private async request(order: LiveOrder, caller: Caller): Promise<Result<OrderState, OrderProblem>> {
    const untilMs = this.clock.monotonicMs() + this.settings.ackTimeoutMs;
    this.points.reach('cancel.requested');
    const underWay = this.wishing.get(order.id);
    if (underWay !== undefined) {
      // Somebody else wished for it at the same time: what becomes of that wish becomes of this one.
      if (!(await underWay)) return err({ ...NOT_JOURNALED, orderId: order.id });
    } else if (!order.state.cancelRequested) {
      if (!(await this.wish(order, caller))) return err({ ...NOT_JOURNALED, orderId: order.id });
      this.points.reach('cancel.journaled');
      // The venue does not know an order yet that is still on its way: the cancel follows when it appears.
      if (order.state.acknowledgedAtMs !== null) {
        const refusal = await this.send(order);
        if (refusal !== null) return err({ ...refusal, orderId: order.id });
      }
    }
    await waitFor(order, (state) => isFinal(state.status), untilMs, this.clock, this.scheduler);
    return ok(order.state);
  }

  /** Journals the wish. @returns false where that could not be done: then it is taken back. */
  private async wish(order: LiveOrder, caller: Caller): Promise<boolean> {
    const journaled = this.live.recordDurably(order, { type: 'cancel-requested', apiKeyId: caller.apiKeyId }, caller.correlationId).then(
      () => true,
      () => {
        const { code, detail: message } = NOT_JOURNALED;
        this.live.record(order, { type: 'cancel-refused', reason: { code, message, venueCode: null } });
        return false;
      },
    );
    this.wishing.set(order.id, journaled);
    return journaled.finally(() => this.wishing.delete(order.id));
  }

  /** A cancel that had to wait until the order was seen, or one of an order that nobody wants any more. */
  private async sendWanted(order: LiveOrder): Promise<void> {
    if (isFinal(order.state.status) || order.state.cancelAttempt !== null || this.sending.has(order.id)) return;
    if (!order.state.cancelRequested) this.live.record(order, { type: 'cancel-requested', apiKeyId: 'system' });
    const problem = await this.send(order);
    if (problem !== null && !isFinal(order.state.status)) this.resolver.look(order, 'a wanted cancel was not taken');
  }

  /** @returns why the venue did not take it, or `null` where it did or where that is being found out. */
  private async send(order: LiveOrder): Promise<OrderProblem | null> {
    const session = this.sessions.get(order.state.terms.account);
    const lease = this.leases.current(order.state.terms.account);
    if (session === undefined || lease === null) return this.notHeld(order);
    // One at a time: whoever else wants it canceled shares what becomes of this one.
    if (this.sending.has(order.id)) return null;
    this.sending.add(order.id);
    const { symbol, venueClientId } = order.state.terms;
    try {
      const prepared = session.venueAccount.prepare({ kind: 'cancel', symbol, venueClientId, venueOrderId: order.state.venueOrderId });
      const attempt = attemptOf(prepared, order.state.version + 1, lease.token);
      const given = await this.live.permit(order, { type: 'permitted', intent: 'cancel', attempt }).catch(() => false);
      this.points.reach('cancel.permitted');
      if (isFinal(order.state.status)) return null;
      if (!given) return this.notHeld(order);
      const outcome = await this.sender.cancel(order, prepared, session);
      if (outcome === 'open') this.resolver.look(order, 'cancel outcome open');
      return outcome === 'refused'
        ? { code: 'cancel-rejected', detail: 'the venue did not take the cancel; the order stands as before' }
        : null;
    } catch (error) {
      if (!(error instanceof VenueError)) throw error;
      this.live.record(order, { type: 'cancel-refused', reason: { code: error.code, message: error.message, venueCode: error.venueCode } });
      return { code: error.code, detail: error.message, retryAfterMs: error.retryAfterMs };
    } finally {
      this.sending.delete(order.id);
    }
  }

  /** No permit, so nothing was sent: the wish is taken back, and may be made again. */
  private notHeld(order: LiveOrder): OrderProblem {
    const message = 'the cancel was not permitted here: the account is being taken over; nothing was sent';
    this.live.record(order, { type: 'cancel-refused', reason: { code: 'not-ready', message, venueCode: null } });
    return { code: 'not-ready', detail: message, nothingSent: true, retryAfterMs: 1_000 };
  }
}

export function notFound(id: string): OrderProblem {
  return { code: 'order-not-found', detail: `there is no order ${id}` };
}
