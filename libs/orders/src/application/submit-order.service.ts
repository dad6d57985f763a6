import { Injectable } from '@nestjs/common';
import { VenueError } from '#libs/exchanges/contract';
import type { PreparedCommand } from '#libs/exchanges/contract';
import { Clock, IdSource, Scheduler, err, ok } from '#libs/kernel';
import type { AccountName, OrderId, Result } from '#libs/kernel';
import { AccountLeases } from '#libs/leases';
import type { Instrument } from '#libs/model';
import { filterViolations, fold, lackingCapability } from '../domain/index.js';
import type { OrderEvent, OrderState, OrderTerms, RejectReason, StoredEvent } from '../domain/index.js';
import { AccountSessions } from './account-sessions.js';
import type { AccountSession } from './account-sessions.js';
import { LiveOrders } from './live-orders.js';
import type { LiveOrder } from './live-orders.js';
import { OrderGate } from './order-gate.js';
import { OrderJournal, UnknownCommit } from './order-journal.js';
import type { Beginning } from './order-journal.js';
import { NOT_HELD } from './order-problem.js';
import type { OrderProblem } from './order-problem.js';
import { EarlierOrders } from './earlier-orders.js';
import { fingerprintOf } from './order-request.js';
import type { Caller, OrderRequest } from './order-request.js';
import { OrderSender, attemptOf } from './order-sender.js';
import { AccountKeeper } from './account-keeper.js';
import { CrashPoints } from './crash-points.js';
import { Resolver } from './resolver.js';
import { OrderSettings } from './order-settings.js';
import { DoubtfulCommits } from './doubtful-commits.js';
import { hasVerdict, waitFor } from './verdict.js';

export interface Submission {
  readonly order: OrderState;
  /** The same request was made before: this is the order of then. */
  readonly replayed: boolean;
}

/** What is needed to journal and send one order. */
interface Draft {
  readonly terms: OrderTerms;
  readonly session: AccountSession;
  readonly prepared: PreparedCommand | null;
  readonly refusal: RejectReason | null;
  /** Fencing token of the lease under which it may be sent. */
  readonly fence: number;
}

const JOURNAL_DOWN: OrderProblem = {
  code: 'database-unavailable',
  detail: 'the order could not be journaled, so nothing was sent',
  nothingSent: true,
  retryAfterMs: 1_000,
};

const HALTED: OrderProblem = {
  code: 'kill-switch-engaged',
  detail: 'a kill switch stops new orders of this account; nothing was sent',
  nothingSent: true,
};
/** How long an order may be sent again where the client did not say, ms. */
const RESUBMIT_MS = 120_000;

/**
 * Takes a new order: checks it, journals it, sends it once, and waits a while for the venue's verdict.
 * The same client order id or idempotency key with the same request is the same order, for ever.
 */
@Injectable()
export class SubmitOrderService {
  constructor(
    private readonly gate: OrderGate,
    private readonly sessions: AccountSessions,
    private readonly journal: OrderJournal,
    private readonly live: LiveOrders,
    private readonly earlier: EarlierOrders,
    private readonly sender: OrderSender,
    private readonly doubtful: DoubtfulCommits,
    private readonly keeper: AccountKeeper,
    private readonly leases: AccountLeases,
    private readonly resolver: Resolver,
    private readonly points: CrashPoints,
    private readonly ids: IdSource,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly settings: OrderSettings,
  ) {}

  submit(request: OrderRequest, caller: Caller): Promise<Result<Submission, OrderProblem>> {
    return this.gate.run(() => this.take(request, caller));
  }

  private async take(request: OrderRequest, caller: Caller): Promise<Result<Submission, OrderProblem>> {
    this.points.reach('order.accepted');
    const startedMs = this.clock.monotonicMs();
    const fingerprint = fingerprintOf(request);
    const joined = this.earlier.underWay(request, caller);
    if (joined !== undefined) return this.replay(await joined, fingerprint, request, caller, startedMs);
    const refusal = this.gate.refusal() ?? (this.keeper.has(request.account) && !this.keeper.isReady(request.account) ? NOT_HELD : null);
    // A repeated request is answered from the journal even where no new order may enter.
    if (refusal !== null) return this.replayOr(refusal, fingerprint, request, caller, startedMs);
    const drafted = this.draft(request, caller, fingerprint);
    if (!drafted.ok) return this.replayOr(drafted.error, fingerprint, request, caller, startedMs);
    return this.journalAndSend(drafted.value, request, caller, startedMs);
  }

  private async journalAndSend(
    draft: Draft,
    request: OrderRequest,
    caller: Caller,
    startedMs: number,
  ): Promise<Result<Submission, OrderProblem>> {
    const beginning = beginningOf(draft, this.clock.nowMs());
    const begun = this.begin(beginning);
    this.earlier.note(
      request,
      caller,
      begun.then((result) => (result.ok ? result.value : null)),
    );
    const result = await begun;
    // Not journaled by us, so never sent by us.
    if ((!result.ok || result.value === null) && draft.prepared !== null) draft.session.venueAccount.release(draft.prepared);
    if (!result.ok)
      return result.error.nothingSent ? this.replayOr(result.error, draft.terms.fingerprint, request, caller, startedMs) : result;
    if (result.value === null) return this.replay(null, draft.terms.fingerprint, request, caller, startedMs);
    const order = result.value;
    this.points.reach('order.journaled');
    // Not awaited: the answer to the client does not wait longer than `ackTimeoutMs`, the verdict may.
    if (draft.prepared !== null) void this.sender.place(order, draft.prepared, draft.session, startedMs);
    await this.verdict(order, startedMs);
    return ok({ order: order.state, replayed: false });
  }

  /** @returns the order, or `null` where its key is taken by an earlier one. */
  private async begin(beginning: Beginning): Promise<Result<LiveOrder | null, OrderProblem>> {
    try {
      const outcome = await this.journal.begin(beginning);
      if (outcome === 'fenced') return err(NOT_HELD);
      if (outcome === 'halted') return err(HALTED);
      return ok(outcome === 'taken' ? null : this.live.begun(beginning.state));
    } catch (error) {
      // The commit may have happened: it is read again later, and closed as never sent.
      if (error instanceof UnknownCommit) this.doubtful.add(beginning.state);
      return err({ ...JOURNAL_DOWN, ...(error instanceof UnknownCommit ? { orderId: beginning.state.terms.id } : {}) });
    }
  }

  private async verdict(order: LiveOrder, startedMs: number): Promise<void> {
    if (hasVerdict(order.state)) return;
    await waitFor(order, hasVerdict, startedMs + this.settings.ackTimeoutMs, this.clock, this.scheduler);
    // The answer may still come, but nobody waits for it any longer: the venue is asked.
    if (!hasVerdict(order.state)) this.resolver.look(order, 'no verdict in time');
  }

  /** The order that has the key already: the same request gets it, another is refused. */
  private async replay(
    joined: LiveOrder | null,
    fingerprint: string,
    request: OrderRequest,
    caller: Caller,
    startedMs: number,
  ): Promise<Result<Submission, OrderProblem>> {
    const found = joined ?? (await this.earlier.find(request, caller));
    if (found === null) return err(JOURNAL_DOWN);
    const { terms } = found.state;
    if (terms.fingerprint !== fingerprint) return err(conflict(terms, request, caller));
    await this.verdict(found, startedMs);
    return ok({ order: found.state, replayed: true });
  }

  private async replayOr(
    problem: OrderProblem,
    fingerprint: string,
    request: OrderRequest,
    caller: Caller,
    startedMs: number,
  ): Promise<Result<Submission, OrderProblem>> {
    if (request.clientOrderId === null && caller.idempotencyKey === null) return err(problem);
    const found = await this.earlier.find(request, caller).catch(() => null);
    return found === null ? err(problem) : this.replay(found, fingerprint, request, caller, startedMs);
  }

  private draft(request: OrderRequest, caller: Caller, fingerprint: string): Result<Draft, OrderProblem> {
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

function beginningOf(draft: Draft, nowMs: number): Beginning {
  const { terms, prepared, refusal, fence } = draft;
  const event: OrderEvent =
    prepared === null
      ? { type: 'refused-before-sending', terms, reason: refusal ?? { code: 'internal', message: 'nothing was prepared', venueCode: null } }
      : { type: 'submitted', terms, attempt: attemptOf(prepared, 1, fence) };
  const stored: StoredEvent = { version: 1, atMs: nowMs, correlationId: terms.correlationId, event };
  return { state: fold(null, stored), stored };
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

function conflict(terms: OrderTerms, request: OrderRequest, caller: Caller): OrderProblem {
  const byHeader = caller.idempotencyKey !== null && terms.idempotencyKey === caller.idempotencyKey;
  if (!byHeader && caller.idempotencyKey !== null) {
    return {
      code: 'duplicate-client-order-id',
      detail: `client order id ${request.clientOrderId} belongs to an earlier order`,
      orderId: terms.id,
      nothingSent: true,
    };
  }
  const key = byHeader ? 'this idempotency key' : `client order id ${request.clientOrderId}`;
  return {
    code: 'idempotency-conflict',
    detail: `${key} was used before with another body; nothing was sent`,
    orderId: terms.id,
    nothingSent: true,
  };
}
