import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { VenueError } from '#libs/exchanges/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { correlationIdOf } from './correlation.js';
import { PROBLEMS, type ProblemCode } from './problem-codes.js';
import { ProblemException } from './problem-exception.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { problemFromVenueError } from './venue-problem.js';

/** Errors of Fastify itself and what they mean to a client. */
const FASTIFY_CODES: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload-too-large', 'the body is larger than this route takes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported-media-type', 'send the body as application/json'],
  FST_ERR_CTP_INVALID_TYPE: ['unsupported-media-type', 'send the body as application/json'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid-request', 'the body is empty although the content type says JSON'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid-request', 'the body is not valid JSON'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid-request', 'the body is not as long as Content-Length says'],
  FST_ERR_BAD_URL: ['invalid-request', 'the address is not well formed'],
  FST_ERR_MAX_PARAM_LENGTH: ['uri-too-long', 'a part of the address is too long'],
};

const BY_STATUS: Readonly<Record<number, readonly [ProblemCode, string]>> = {
  400: ['invalid-request', 'the request could not be read'],
  401: ['unauthenticated', 'send Authorization: Bearer <key>'],
  403: ['forbidden', 'the API key may not do this'],
  404: ['not-found', 'there is no such route'],
  408: ['request-timeout', 'the request did not arrive in time'],
  413: ['payload-too-large', 'the body is larger than this route takes'],
  414: ['uri-too-long', 'the address is too long'],
  415: ['unsupported-media-type', 'send the body as application/json'],
  431: ['headers-too-large', 'the headers are larger than the gateway takes'],
  503: ['overloaded', 'try again later'],
};

/** Our own errors of database and journal, by name, since this lib knows neither; and SQLSTATEs, where a statement was not run through ours. */
const DATABASE_ERRORS = new Set(['DatabaseUnavailableError', 'UnknownCommitError', 'JournalUnavailable']);
const DATABASE_CODES = new Set(['57P01', '57P02', '57P03', '53300', '08000', '08001', '08003', '08004', '08006', '08P01']);
const DATABASE_DETAIL =
  'the database gave no answer, so it is not certain that nothing was done: repeat with the same Idempotency-Key, or read first';

/** Whatever was thrown, as the problem a client may see. Anything unexpected is `internal` without particulars. */
export function toProblem(exception: unknown): ProblemException {
  if (exception instanceof ProblemException) return exception;
  if (exception instanceof VenueError) return problemFromVenueError(exception);
  const known = fromFastify(exception) ?? fromFastify((exception as { cause?: unknown } | null)?.cause);
  if (known !== null) return known;
  if (exception instanceof HttpException) return fromStatus(exception.getStatus(), exception);
  const { code, statusCode } = (exception ?? {}) as { code?: unknown; statusCode?: unknown };
  if (isDatabaseFault(exception, code))
    return new ProblemException('database-unavailable', DATABASE_DETAIL, { cause: exception, retryAfterMs: 1_000 });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) return fromStatus(statusCode, exception);
  return new ProblemException('internal', 'the gateway failed; the correlation id finds it in the log', { cause: exception });
}

/** The last line of every failed request: writes the problem, and logs what is our fault. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  catch(exception: unknown, host: ArgumentsHost): void {
    const [request, reply] = host.getArgs<[FastifyRequest, FastifyReply]>();
    const problem = toProblem(exception);
    if (problem.code === 'internal') {
      this.logger.error({ msg: 'request failed', correlationId: correlationIdOf(request), err: problem.cause ?? problem });
    }
    if (reply.sent || reply.raw.headersSent) return;
    sendProblem(request, reply, problem);
  }
}

/** Writes a problem with its headers. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: ProblemException): void {
  const correlationId = correlationIdOf(request);
  const { retryAfterMs, headers } = problem.options;
  reply
    .code(problem.status)
    .headers(SECURITY_HEADERS)
    .header('content-type', 'application/problem+json')
    .header('X-Correlation-Id', correlationId);
  if (retryAfterMs != null) reply.header('Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
  if (headers !== undefined) reply.headers({ ...headers });
  reply.send(JSON.stringify(problem.toBody(correlationId)));
}

function isDatabaseFault(exception: unknown, code: unknown): boolean {
  if (exception instanceof Error && DATABASE_ERRORS.has(exception.name)) return true;
  return typeof code === 'string' && DATABASE_CODES.has(code);
}

function fromFastify(error: unknown): ProblemException | null {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  const known = typeof code === 'string' ? FASTIFY_CODES[code] : undefined;
  return known === undefined ? null : new ProblemException(known[0], known[1]);
}

function fromStatus(status: number, cause: unknown): ProblemException {
  const known = BY_STATUS[status];
  if (known !== undefined) return new ProblemException(known[0], known[1], { cause });
  const code: ProblemCode = status < 500 ? 'invalid-request' : 'internal';
  return new ProblemException(code, PROBLEMS[code].title, { status, cause });
}
