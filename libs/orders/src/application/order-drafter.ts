import { Injectable } from '@nestjs/common';
import { VenueError } from '#libs/exchanges/contract';
import type { PreparedCommand } from '#libs/exchanges/contract';
import { Clock, IdSource, err, ok } from '#libs/kernel';
import type { AccountName, OrderId, Result } from '#libs/kernel';
import { AccountLeases } from '#libs/leases';
import type { Instrument } from '#libs/model';
import { filterViolations, lackingCapability } from '../domain/index.js';
import type { OrderTerms, RejectReason } from '../domain/index.js';
import { AccountSessions } from './account-sessions.js';
import type { AccountSession } from './account-sessions.js';
import { CrashPoints } from './crash-points.js';
import { NOT_HELD } from './order-problem.js';
import type { OrderProblem } from './order-problem.js';
import type { Caller, OrderRequest } from './order-request.js';

/** What is needed to journal and send one order. */
export interface Draft {
  readonly terms: OrderTerms;
  readonly session: AccountSession;
  readonly prepared: PreparedCommand | null;
  readonly refusal: RejectReason | null;
  /** Fencing token of the lease under which it may be sent. */
  readonly fence: number;
}

/** How long an order may be sent again where the client did not say, ms. */
const RESUBMIT_MS = 120_000;

/** Turns a request into an order that can be journaled: checked against the market, pinned, signed, its budget taken. */
@Injectable()
export class OrderDrafter {
  constructor(
    private readonly sessions: AccountSessions,
    private readonly leases: AccountLeases,
    private readonly ids: IdSource,
    private readonly clock: Clock,
    private readonly points: CrashPoints,
  ) {}

  draft(request: OrderRequest, caller: Caller, fingerprint: string): Result<Draft, OrderProblem> {
    const session = this.sessions.get(request.account);
    if (session === undefined) return err({ code: 'account-not-found', detail: `there is no account ${request.account}` });
    const instrument = session.exchange.instrument(request.symbol);
    if (instrument === undefined) return err(noInstrument(request.symbol, session));
    const terms = this.terms(request, caller, fingerprint, session);
    const refusal = localRefusal(terms, instrument);
    if (refusal !== null) return ok({ terms, session, prepared: null, refusal, fence: 0 });
    const lease = this.leases.current(session.name);
    if (lease === null) return err(NOT_HELD);
    try {
      const prepared = session.venueAccount.prepare({ kind: 'place', ...terms });
      session.venueAccount.reserve(prepared);
      this.points.reach('order.prepared');
      return ok({ terms, session, prepared, refusal: null, fence: lease.token });
    } catch (error) {
      if (!(error instanceof VenueError)) throw error;
      if (error.code !== 'unsupported-by-venue')
        return err({ code: error.code, detail: error.message, retryAfterMs: error.retryAfterMs, nothingSent: true });
      return ok({ terms, session, prepared: null, refusal: { code: error.code, message: error.message, venueCode: null }, fence: 0 });
    }
  }

  private terms(request: OrderRequest, caller: Caller, fingerprint: string, session: AccountSession): OrderTerms {
    const id = this.ids.uuid() as OrderId;
    const nowMs = this.clock.nowMs();
    return {
      ...request,
      resubmitUntilMs: request.onNotCreated === 'resubmit' ? (request.resubmitUntilMs ?? nowMs + RESUBMIT_MS) : null,
      id,
      account: request.account as AccountName,
      venue: session.exchange.id,
      idempotencyKey: caller.idempotencyKey,
      fingerprint,
      venueClientId: session.venueAccount.venueClientId(id),
      apiKeyId: caller.apiKeyId,
      correlationId: caller.correlationId,
      createdAtMs: nowMs,
    };
  }
}

function localRefusal(terms: OrderTerms, instrument: Instrument): RejectReason | null {
  if (instrument.status !== 'trading') return { code: 'market-closed', message: `${terms.symbol} is not trading`, venueCode: null };
  const lacking = lackingCapability(terms, instrument);
  if (lacking !== null) return { code: 'unsupported-by-venue', message: `${terms.venue} does not have ${lacking}`, venueCode: null };
  const violations = filterViolations(terms, instrument);
  if (violations.length === 0) return null;
  const message = violations.map((violation) => `${violation.path} ${violation.message}`).join('; ');
  return { code: 'filter-violation', message, venueCode: null };
}

function noInstrument(symbol: string, session: AccountSession): OrderProblem {
  const loaded = session.exchange.instruments().length > 0;
  if (loaded) return { code: 'instrument-not-found', detail: `${session.exchange.id} has no market ${symbol}`, nothingSent: true };
  return {
    code: 'venue-unavailable',
    detail: `the markets of ${session.exchange.id} are not loaded yet; nothing was sent`,
    nothingSent: true,
    retryAfterMs: 2_000,
  };
}
