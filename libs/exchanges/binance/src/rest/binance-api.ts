import type { Clock, Scheduler } from '#libs/kernel';
import { VenueError } from '#libs/exchanges/contract';
import {
  GuessedSilence,
  parseLosslessJson,
  retryRead,
  silentLogger,
  type AdapterLogger,
  type Budget,
  type BudgetTicket,
  type BudgetWindow,
  type CallCost,
  type CallPriority,
  type ClockOffset,
  type HttpAnswer,
  type HttpTransport,
  type RandomSource,
  type SilenceReason,
} from '#libs/exchanges/transport';
import { WEIGHTS } from '../domain/weights.js';
import { header, ORDER_HEADERS, takeCounts, WEIGHT, weightHeaders, windows, type CountedHeader } from './counters.js';
import { asVenueError, errorFromAnswer, namesItsSilence, notSent, type CallKind } from './errors.js';
import { parseServerTime, type RateLimit } from './parse-market.js';
import type { HttpMethod } from './prepared.js';
import type { Signer } from './sign.js';

/** Who signs, and which counters of the account move with it. */
export interface Signature {
  readonly apiKey: string;
  readonly signer: Signer;
  readonly recvWindowMs: number;
  /** Counts orders; `null` for calls that place none. */
  readonly orders: Budget | null;
}

export interface BinanceApiOptions {
  readonly http: HttpTransport;
  readonly clock: Clock;
  readonly offset: ClockOffset;
  readonly budget: Budget;
  readonly logger?: AdapterLogger;
  readonly random?: RandomSource;
  readonly scheduler?: Scheduler | undefined;
  readonly readDeadlineMs?: number;
  /** A call was held back by our own budget: perhaps the limits have changed. */
  readonly onHeldBack?: () => void;
}

/** One command, ready for the wire. */
export interface WireCommand {
  readonly method: HttpMethod;
  readonly path: string;
  readonly body: string | null;
  readonly priority: CallPriority;
  readonly weight: number;
  readonly deadlineMs: number;
  readonly writeWithinMs: number;
  /** What `reserve` took for it. */
  readonly reserved?: readonly BudgetTicket[] | null;
  /** Made of two halves, of which each may fail: then what became of them is an answer, not an error. */
  readonly halves?: boolean;
}

const READ_DEADLINE_MS = 10_000;

/**
 * Binance's REST API in its own words: budget, sending, and what a failure means. It parses JSON, and nothing in it.
 * Reads may be repeated; `command` never is, by nobody.
 */
export class BinanceApi {
  private readonly logger: AdapterLogger;
  private readonly readDeadlineMs: number;
  private weightHeaders: readonly CountedHeader[] = [{ header: 'x-mbx-used-weight-1m', name: WEIGHT }];
  private syncing: Promise<void> | null = null;
  private readonly guessed = new GuessedSilence();
  /** What failed last, for operators; `null` when nothing did. */
  lastError: string | null = null;
  /** Calls in a row to which the venue gave no usable answer. */
  failuresInRow = 0;

  constructor(private readonly options: BinanceApiOptions) {
    this.logger = options.logger ?? silentLogger;
    this.readDeadlineMs = options.readDeadlineMs ?? READ_DEADLINE_MS;
  }

  /** Takes over the venue's limits; returns those that count per account. */
  setLimits(limits: readonly RateLimit[]): readonly BudgetWindow[] {
    const weights = windows(limits, 'REQUEST_WEIGHT');
    this.options.budget.setWindows(weights);
    this.weightHeaders = weightHeaders(weights);
    return windows(limits, 'ORDERS');
  }

  /** A read without a key. @throws VenueError */
  publicGet(path: string, query: string, weight: number): Promise<unknown> {
    return this.read(() => (query === '' ? path : `${path}?${query}`), NO_HEADERS, weight);
  }

  /** A signed read, signed anew at every attempt. `query` is percent-encoded. @throws VenueError */
  signedGet(signature: Signature, path: string, query: string, weight: number): Promise<unknown> {
    return this.read(() => `${path}?${this.sign(signature, query)}`, ['X-MBX-APIKEY', signature.apiKey], weight);
  }

  /** The query or form with window, time and signature; the time is the venue's, at the earliest. */
  sign(signature: Signature, form: string, timestampMs = this.timestampMs()): string {
    const payload = `${form}${form === '' ? '' : '&'}recvWindow=${signature.recvWindowMs}&timestamp=${timestampMs}`;
    return `${payload}&signature=${signature.signer.signQuery(payload)}`;
  }

  timestampMs(): number {
    return this.options.offset.venueTimeAtLeast(this.options.clock.monotonicMs());
  }

  /** One attempt of something that changes the venue. @throws VenueError whose outcome says what is known. */
  async command(signature: Signature, headers: string[], command: WireCommand): Promise<unknown> {
    const tickets = this.ticketsFor(signature, command);
    let answer: HttpAnswer;
    try {
      answer = await this.options.http.request({
        method: command.method,
        path: command.path,
        body: command.body,
        headers,
        deadlineMs: command.deadlineMs,
        writeWithinMs: command.writeWithinMs,
      });
    } catch (error) {
      this.settle(tickets, signature.orders, null);
      throw this.noted(asVenueError('command', error));
    }
    this.settle(tickets, signature.orders, answer);
    if (answer.status === 200) return this.json('command', answer);
    const halves = command.halves === true ? halvesOf(answer) : null;
    if (halves !== null) return halves;
    throw this.refusal('command', answer, signature.orders);
  }

  /** Takes the budget for a command to come. @throws VenueError `not-sent` where it does not admit it. */
  reserve(signature: Signature, priority: CallPriority, weight: number): readonly BudgetTicket[] {
    return this.admit(priority, weight, signature.orders);
  }

  /** Gives back what a command that was not sent had reserved. */
  release(signature: Signature, tickets: readonly BudgetTicket[]): void {
    const now = this.venueNowMs();
    if (tickets[0] !== undefined) this.options.budget.done(tickets[0], true, now);
    if (tickets[1] !== undefined) signature.orders?.done(tickets[1], true, now);
  }

  /** How long the venue still wants to hear nothing, ms. */
  silentForMs(): number {
    const nowMs = this.options.clock.monotonicMs();
    return Math.max(0, (this.options.budget.silentUntilMs(nowMs) ?? nowMs) - nowMs);
  }

  /** The venue asked for silence elsewhere (on a WebSocket); its own time. */
  silence(untilMs: number, banned: boolean): void {
    const forMs = untilMs - this.venueNowMs();
    this.options.budget.silentUntil(this.options.clock.monotonicMs() + forMs, banned ? 'ip-banned' : 'rate-limited');
  }

  /** Reads the venue's clock; calls at the same time share one request. Failures are logged, not thrown. */
  syncClock(samples = 1): Promise<void> {
    this.syncing ??= this.sampleClock(samples).finally(() => (this.syncing = null));
    return this.syncing;
  }

  private async sampleClock(samples: number): Promise<void> {
    const { clock, offset } = this.options;
    for (let number = 0; number < samples; number += 1) {
      try {
        const tickets = this.admit('query', WEIGHTS.time, null);
        const sentAtMs = clock.monotonicMs();
        const answer = await this.options.http
          .request({ method: 'GET', path: '/api/v3/time', body: null, headers: [], deadlineMs: 3_000 })
          .finally(() => this.settle(tickets, null, null));
        const receivedAtMs = clock.monotonicMs();
        this.settle([], null, answer);
        if (answer.status !== 200) throw this.refusal('read', answer, null);
        offset.add({ sentAtMs, receivedAtMs, venueTimeMs: parseServerTime(this.json('read', answer)) });
      } catch (error) {
        const known = this.noted(asVenueError('read', error));
        this.logger.warn({ venue: 'binance', error: known instanceof Error ? known.message : 'error' }, 'venue clock not read');
        return;
      }
    }
  }

  private async read(target: () => string, headers: readonly string[], weight: number): Promise<unknown> {
    return retryRead(() => this.readOnce(target(), headers, weight), {
      retryable: (error) => this.retryable(error),
      ...(this.options.random === undefined ? {} : { random: this.options.random }),
      ...(this.options.scheduler === undefined ? {} : { scheduler: this.options.scheduler }),
    });
  }

  private async readOnce(path: string, headers: readonly string[], weight: number): Promise<unknown> {
    const tickets = this.admit('query', weight, null);
    let answer: HttpAnswer;
    try {
      answer = await this.options.http.request({ method: 'GET', path, body: null, headers: [...headers], deadlineMs: this.readDeadlineMs });
    } catch (error) {
      this.settle(tickets, null, null);
      throw this.noted(asVenueError('read', error));
    }
    this.settle(tickets, null, answer);
    if (answer.status !== 200) throw await this.afterSync(this.refusal('read', answer, null));
    return this.json('read', answer);
  }

  /** A read that was refused for its time waits for a fresh look at the clock before it is tried again. */
  private async afterSync(error: VenueError): Promise<VenueError> {
    if (error.code === 'clock-skew') await this.syncClock();
    return error;
  }

  private retryable(error: unknown): boolean {
    const code = (error as Partial<VenueError>).code;
    const local = (error as Partial<VenueError>).retryAfterMs !== null;
    return !local && (code === 'venue-unavailable' || code === 'clock-skew' || code === 'unreadable-answer');
  }

  private json(kind: CallKind, answer: HttpAnswer): unknown {
    try {
      return parseLosslessJson(answer.body);
    } catch (error) {
      throw this.noted(asVenueError(kind, error));
    }
  }

  /** A reservation holds, unless the venue has asked for silence since. */
  private ticketsFor(signature: Signature, command: WireCommand): readonly BudgetTicket[] {
    const reserved = command.reserved ?? null;
    if (reserved === null) return this.admit(command.priority, command.weight, signature.orders);
    const silentMs = this.silentForMs();
    if (silentMs === 0) return reserved;
    this.release(signature, reserved);
    throw notSent('rate-limited', 'the venue has asked for silence', silentMs);
  }

  private admit(priority: CallPriority, weight: number, orders: Budget | null): BudgetTicket[] {
    const now = this.venueNowMs();
    const admission = this.options.budget.admit(priority, { [WEIGHT]: weight }, now, this.options.clock.monotonicMs());
    if (!admission.admitted) throw this.heldBack(admission);
    if (orders === null || priority !== 'submit') return [admission.ticket];
    const counted = orders.admit(priority, ONE_ORDER, now, this.options.clock.monotonicMs());
    if (counted.admitted) return [admission.ticket, counted.ticket];
    this.options.budget.done(admission.ticket, true, now);
    throw this.heldBack(counted);
  }

  private heldBack(refused: { readonly reason: SilenceReason; readonly retryAfterMs: number }): VenueError {
    if (this.silentForMs() === 0) this.options.onHeldBack?.();
    return notSent(refused.reason, 'held back by ourselves', refused.retryAfterMs);
  }

  private settle(tickets: readonly BudgetTicket[], orders: Budget | null, answer: HttpAnswer | null): void {
    const { budget } = this.options;
    const now = this.venueNowMs();
    if (tickets[0] !== undefined) budget.done(tickets[0], answer !== null, now);
    if (tickets[1] !== undefined) orders?.done(tickets[1], answer !== null, now);
    if (answer === null) return;
    if (answer.status === 200) {
      this.failuresInRow = 0;
      this.guessed.succeeded();
    }
    takeCounts(budget, this.weightHeaders, answer, now);
    if (orders !== null) takeCounts(orders, ORDER_HEADERS, answer, now);
  }

  /** The error of an answer, its silence taken to heart. */
  private refusal(kind: CallKind, answer: HttpAnswer, orders: Budget | null): VenueError {
    const nowMs = this.venueNowMs();
    const refused = { status: answer.status, body: answer.body, retryAfter: header(answer, 'retry-after') };
    const error = errorFromAnswer(kind, refused, nowMs);
    if (error.retryAfterMs !== null) {
      const silentMs = namesItsSilence(refused)
        ? error.retryAfterMs
        : this.guessed.next(error.retryAfterMs, this.options.clock.monotonicMs());
      // On a clock that nobody sets: a silence lasts as long as was asked, whatever becomes of the others.
      const untilMs = this.options.clock.monotonicMs() + silentMs;
      if (error.code === 'order-rate-limited') orders?.silentUntil(untilMs, error.code);
      else this.options.budget.silentUntil(untilMs, error.code === 'ip-banned' ? 'ip-banned' : 'rate-limited');
    }
    if (error.code === 'clock-skew') void this.syncClock();
    this.noted(error);
    return error;
  }

  private noted<T>(error: T): T {
    if (error instanceof Error) this.lastError = error.message;
    if (error instanceof VenueError && FAILURES.has(error.code)) this.failuresInRow += 1;
    return error;
  }

  /** Windows are aligned with the venue's clock. */
  private venueNowMs(): number {
    const { clock, offset } = this.options;
    return offset.offsetMs === null ? clock.nowMs() : clock.monotonicMs() + offset.offsetMs;
  }
}

/** These say that the venue does not work, not that it said no. */
const FAILURES: ReadonlySet<string> = new Set(['venue-unavailable', 'unknown-outcome', 'unreadable-answer']);

const NO_HEADERS: readonly string[] = [];

const ONE_ORDER: CallCost = { ORDERS_10S: 1, ORDERS_1D: 1 };

/** `data` of a cancel-replace that failed in part or as a whole (-2021, -2022). */
function halvesOf(answer: HttpAnswer): unknown {
  if (answer.status < 400 || answer.status >= 500) return null;
  try {
    const { code, data } = parseLosslessJson(answer.body) as { code?: unknown; data?: unknown };
    return (code === -2021 || code === -2022) && typeof data === 'object' ? data : null;
  } catch {
    return null;
  }
}
