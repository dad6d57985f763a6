import { Injectable } from '@nestjs/common';
import { Clock, err, ok } from '#libs/kernel';
import type { Result } from '#libs/kernel';
import { fold } from '../domain/index.js';
import type { OrderEvent, OrderState, OrderTerms, StoredEvent } from '../domain/index.js';
import { AccountKeeper } from './account-keeper.js';
import { CrashPoints } from './crash-points.js';
import { DoubtfulCommits } from './doubtful-commits.js';
import { EarlierOrders } from './earlier-orders.js';
import { LiveOrders } from './live-orders.js';
import type { LiveOrder } from './live-orders.js';
import { OrderDrafter } from './order-drafter.js';
import type { Draft } from './order-drafter.js';
import { OrderGate } from './order-gate.js';
import { OrderJournal, UnknownCommit } from './order-journal.js';
import type { Beginning } from './order-journal.js';
import { NOT_HELD } from './order-problem.js';
import type { OrderProblem } from './order-problem.js';
import { fingerprintOf } from './order-request.js';
import type { Caller, OrderRequest } from './order-request.js';
import { OrderSender, attemptOf } from './order-sender.js';
import { Verdicts } from './verdicts.js';

export interface Submission {
  readonly order: OrderState;
  /** The same request was made before: this is the order of then. */
  readonly replayed: boolean;
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

/**
 * Takes a new order: checks it, journals it, sends it once, and waits a while for the venue's verdict.
 * The same client order id or idempotency key with the same request is the same order, for ever.
 */
@Injectable()
export class SubmitOrderService {
  constructor(
    private readonly gate: OrderGate,
    private readonly keeper: AccountKeeper,
    private readonly drafter: OrderDrafter,
    private readonly journal: OrderJournal,
    private readonly live: LiveOrders,
    private readonly earlier: EarlierOrders,
    private readonly sender: OrderSender,
    private readonly verdicts: Verdicts,
    private readonly doubtful: DoubtfulCommits,
    private readonly clock: Clock,
    private readonly points: CrashPoints,
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
    const drafted = this.drafter.draft(request, caller, fingerprint);
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
    await this.verdicts.wait(order, startedMs);
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
    await this.verdicts.wait(found, startedMs);
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
