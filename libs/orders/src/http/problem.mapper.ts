import { PROBLEMS, ProblemException } from '#libs/http';
import type { ProblemCode, ProblemOptions } from '#libs/http';
import type { OrderProblem } from '../application/order-problem.js';
import type { OrderState } from '../domain/index.js';

/** Codes of a refusal that mean that nothing was sent: try again later. Every other refusal is a verdict on the order. */
const NOT_SENT_CODES: ReadonlySet<string> = new Set([
  'venue-unavailable',
  'rate-limited',
  'ip-banned',
  'order-rate-limited',
  'overloaded',
  'database-unavailable',
  'circuit-open',
]);

export function problemOf(problem: OrderProblem): ProblemException {
  const options: ProblemOptions = {
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
    ...(problem.orderId === undefined ? {} : { orderId: problem.orderId }),
    ...(problem.retryAfterMs === undefined ? {} : { retryAfterMs: problem.retryAfterMs }),
    ...(problem.venueCode === undefined ? {} : { venueCode: problem.venueCode }),
  };
  return new ProblemException(codeOf(problem.code), problem.detail, options);
}

/** The answer to an order that was refused: 422, and 503 where it is proven that nothing was sent. It can be read, as `rejected`. */
export function rejectionOf(state: OrderState): ProblemException {
  const reason = state.rejectReason ?? { code: 'invalid-request', message: 'the venue refused the order', venueCode: null };
  const notSent = state.sentAtMs === null && NOT_SENT_CODES.has(reason.code);
  return new ProblemException(codeOf(reason.code), reason.message, {
    status: notSent ? 503 : 422,
    orderId: state.terms.id,
    venueCode: reason.venueCode,
  });
}

function codeOf(code: string): ProblemCode {
  return code in PROBLEMS ? (code as ProblemCode) : 'invalid-request';
}
