import { Injectable } from '@nestjs/common';
import { VenueError } from '#libs/exchanges/contract';
import { err, ok } from '#libs/kernel';
import type { Decimal, Result } from '#libs/kernel';
import { AccountLeases } from '#libs/leases';
import { isFinal } from '#libs/model';
import { filterViolations } from '../domain/index.js';
import type { OrderState } from '../domain/index.js';
import { AccountSessions } from './account-sessions.js';
import type { AccountSession } from './account-sessions.js';
import { notFound } from './cancel-order.service.js';
import { FindOrder } from './find-order.js';
import { LiveOrders } from './live-orders.js';
import type { LiveOrder } from './live-orders.js';
import { OrderGate } from './order-gate.js';
import { NOT_HELD } from './order-problem.js';
import type { OrderProblem } from './order-problem.js';
import type { Caller } from './order-request.js';
import { OrderSender, attemptOf } from './order-sender.js';
import { CrashPoints } from './crash-points.js';
import { Resolver } from './resolver.js';

const NOT_PERMITTED: OrderProblem = {
  code: 'not-ready',
  detail: 'the amend was not permitted: the account is being taken over, or a kill switch holds it; nothing was sent',
  nothingSent: true,
  retryAfterMs: 1_000,
};

export interface AmendRequest {
  readonly quantity: Decimal | null;
  readonly price: Decimal | null;
}

/** Changes an order in place where the venue can, and refuses otherwise: a cancel with a new order is not an amend. */
@Injectable()
export class AmendOrderService {
  constructor(
    private readonly finder: FindOrder,
    private readonly gate: OrderGate,
    private readonly sessions: AccountSessions,
    private readonly live: LiveOrders,
    private readonly sender: OrderSender,
    private readonly resolver: Resolver,
    private readonly leases: AccountLeases,
    private readonly points: CrashPoints,
  ) {}

  async amend(id: string, request: AmendRequest, caller: Caller): Promise<Result<{ order: OrderState; open: boolean }, OrderProblem>> {
    const order = await this.finder.load(id);
    if (order === null) return err(notFound(id));
    if (order === 'not-held') return err({ ...NOT_HELD, orderId: id });
    const session = this.sessions.get(order.state.terms.account);
    if (session === undefined)
      return err({ code: 'account-not-found', detail: 'the account of this order has no session with its venue', orderId: id });
    const refusal = this.gate.refusal() ?? refusalOf(order.state, request, session);
    if (refusal !== null) return err({ ...refusal, orderId: id });
    return this.gate.run(() => this.send(order, request.quantity!, session, caller));
  }

  private async send(
    order: LiveOrder,
    quantity: Decimal,
    session: AccountSession,
    caller: Caller,
  ): Promise<Result<{ order: OrderState; open: boolean }, OrderProblem>> {
    const { symbol, venueClientId } = order.state.terms;
    try {
      const prepared = session.venueAccount.prepare({
        kind: 'amend',
        symbol,
        venueClientId,
        venueOrderId: order.state.venueOrderId,
        quantity,
      });
      const lease = this.leases.current(session.name);
      if (lease === null) return err({ ...NOT_PERMITTED, orderId: order.id });
      const attempt = attemptOf(prepared, order.state.version + 1, lease.token);
      await this.live.recordDurably(order, { type: 'amend-requested', apiKeyId: caller.apiKeyId, quantity }, caller.correlationId);
      this.points.reach('amend.journaled');
      if (!(await this.live.permit(order, { type: 'permitted', intent: 'amend', attempt }))) {
        const { code, detail: message } = NOT_PERMITTED;
        this.live.record(order, { type: 'amend-refused', reason: { code, message, venueCode: null } });
        return err({ ...NOT_PERMITTED, orderId: order.id });
      }
      this.points.reach('amend.permitted');
      const outcome = await this.sender.amend(order, prepared, session);
      if (outcome === null) return ok({ order: order.state, open: false });
      if (outcome === 'open') {
        this.resolver.look(order, 'amend outcome open');
        return ok({ order: order.state, open: true });
      }
      return err({ code: outcome.code, detail: outcome.message, venueCode: outcome.venueCode, orderId: order.id });
    } catch (error) {
      const failure =
        error instanceof VenueError
          ? { code: error.code as string, detail: error.message }
          : { code: 'database-unavailable', detail: 'the amend could not be journaled, so it was not sent' };
      if (order.state.amendRequested !== null)
        this.live.record(order, { type: 'amend-refused', reason: { code: failure.code, message: failure.detail, venueCode: null } });
      return err({ ...failure, orderId: order.id });
    }
  }
}

function refusalOf(state: OrderState, request: AmendRequest, session: AccountSession): OrderProblem | null {
  if (isFinal(state.status) || state.cancelRequested) return { code: 'order-not-amendable', detail: `the order is ${state.status}` };
  if (state.acknowledgedAtMs === null) return { code: 'order-not-amendable', detail: 'the venue has not acknowledged the order yet' };
  if (state.amendRequested !== null) return { code: 'order-not-amendable', detail: 'an earlier amend of this order is still open' };
  const { amend } = session.exchange.capabilities;
  const { id: venue } = session.exchange;
  const priceChanges = request.price !== null && (state.terms.price === null || !request.price.eq(state.terms.price));
  if (amend === 'none') return { code: 'unsupported-by-venue', detail: `${venue} cannot amend orders: cancel it and place a new one` };
  if (priceChanges && amend !== 'full')
    return { code: 'unsupported-by-venue', detail: `${venue} cannot change the price of an order in place: cancel it and place a new one` };
  if (request.quantity === null) return { code: 'invalid-request', detail: 'nothing to change: give a new quantity' };
  if (amend === 'decrease-quantity' && state.quantity !== null && request.quantity.gte(state.quantity)) {
    return {
      code: 'unsupported-by-venue',
      detail: `${venue} can only lower the quantity in place: it must be less than ${state.quantity.toFixed()}`,
    };
  }
  const instrument = session.exchange.instrument(state.terms.symbol);
  const violations = instrument === undefined ? [] : filterViolations({ ...state.terms, quantity: request.quantity }, instrument);
  if (violations.length === 0) return null;
  return {
    code: 'filter-violation',
    detail: violations.map((v) => `${v.path} ${v.message}`).join('; '),
    errors: violations.map((v) => ({ path: `/${v.path}`, message: v.message })),
  };
}
