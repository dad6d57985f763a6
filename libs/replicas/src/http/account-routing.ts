import { Inject, Injectable } from '@nestjs/common';
import { ProblemException, currentCorrelationId } from '#libs/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PeerAnswer } from '../application/peer-client.js';
import { PeerForwarder } from '../application/peer-forwarder.js';
import type { HandedOn } from '../application/peer-forwarder.js';
import { PeerGate } from './peer-gate.js';

/** What is handed on where it is not the client's request as it came. */
export interface Instead {
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string | null;
  readonly withinMs?: number;
}

const NOT_SENT_RETRY_MS = 1_000;
/** How long a read waits for the holder before the database answers it. */
const READ_WITHIN_MS = 1_000;

/** For routes about one account: whether to answer here, or to hand the request to the replica that holds the account. */
@Injectable()
export class AccountRouting {
  constructor(
    @Inject(PeerForwarder) private readonly forwarder: PeerForwarder,
    @Inject(PeerGate) private readonly gate: PeerGate,
  ) {}

  /** Costs no I/O. What was handed on once is answered here, whatever we know: the answer may be that we do not hold the account. */
  isHere(account: string, request: FastifyRequest): boolean {
    return this.forwarder.isHere(account) || this.gate.isHandedOn(request);
  }

  handOn(request: FastifyRequest, account: string, isRepeatable: boolean, instead: Instead = {}): Promise<HandedOn> {
    const method = instead.method ?? request.method;
    const path = instead.path ?? request.url;
    const body = instead.body ?? request.body;
    const correlationId = currentCorrelationId();
    const headers = {
      ...this.gate.headersFor(request, method, path),
      ...(correlationId === null ? {} : { 'x-correlation-id': correlationId }),
      ...(instead.idempotencyKey == null ? {} : { 'idempotency-key': instead.idempotencyKey }),
    };
    const text = body === undefined || body === null ? null : JSON.stringify(body);
    const within = instead.withinMs === undefined ? {} : { withinMs: instead.withinMs };
    return this.forwarder.handOn({ account, isRepeatable, request: { method, path, body: text, headers }, ...within });
  }

  /**
   * Hands a request on as it is.
   * @returns the body of the answer, status and headers set; `null` where it is to be answered here.
   * @throws ProblemException where no answer came.
   */
  async relay(request: FastifyRequest, reply: FastifyReply, account: string, isRepeatable: boolean): Promise<string | null> {
    if (this.isHere(account, request)) return null;
    const outcome = await this.handOn(request, account, isRepeatable);
    if (outcome.kind === 'here') return null;
    if (outcome.kind === 'answered') return relayed(outcome.answer, reply);
    throw outcome.kind === 'not-sent' ? notSent(account) : openOutcome(isRepeatable ? 'repeat it' : 'read the order before repeating it');
  }

  /**
   * For reads that the database can answer, too, a moment behind: the holder knows the newest state.
   * @returns `null` where it is to be answered here, also because the holder does not answer.
   */
  async relayRead(request: FastifyRequest, reply: FastifyReply, account: string): Promise<string | null> {
    if (this.isHere(account, request)) return null;
    const outcome = await this.handOn(request, account, false, { withinMs: READ_WITHIN_MS });
    return outcome.kind === 'answered' && outcome.answer.status < 300 ? relayed(outcome.answer, reply) : null;
  }
}

/** Gives the client the holder's answer as it is. */
export function relayed({ status, headers, body }: PeerAnswer, reply: FastifyReply): string {
  reply.status(status).headers({ 'content-type': 'application/json; charset=utf-8', ...headers });
  return body;
}

export function notSent(account: string): ProblemException {
  return new ProblemException('not-ready', `the replica that holds ${account} cannot be reached; nothing was sent`, {
    retryAfterMs: NOT_SENT_RETRY_MS,
  });
}

export function openOutcome(advice: string, headers: Readonly<Record<string, string>> = {}): ProblemException {
  return new ProblemException(
    'unknown-outcome',
    `the replica that holds the account did not answer, so it is not known whether this was carried out: ${advice}`,
    { headers, retryAfterMs: NOT_SENT_RETRY_MS },
  );
}
