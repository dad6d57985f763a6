import { ProblemException, fieldErrors, invalidRequest } from '#libs/http';
import type { Result } from '#libs/kernel';
import type { OrderProblem } from '../application/order-problem.js';
import type { OrderRequest } from '../application/order-request.js';
import type { Submission } from '../application/submit-order.service.js';
import { isOpenOutcome, orderResponse } from './order.response.js';
import type { OrderOut } from './order.schemas.js';
import { orderRequestSchema } from './order.schemas.js';
import { problemOf, rejectionOf } from './problem.mapper.js';

export interface SubmissionAnswer {
  readonly status: 200 | 201 | 202;
  readonly replayed: boolean;
  readonly body: OrderOut;
}

/**
 * What a submission answers: 201 acknowledged, 202 still open, 200 the order of an earlier equal request.
 * @throws ProblemException for everything that was refused.
 */
export function submissionAnswer(result: Result<Submission, OrderProblem>): SubmissionAnswer {
  if (!result.ok) throw problemOf(result.error);
  const { order, replayed } = result.value;
  if (replayed) return { status: 200, replayed, body: orderResponse(order) };
  if (order.status === 'rejected') throw rejectionOf(order);
  return { status: isOpenOutcome(order) ? 202 : 201, replayed, body: orderResponse(order) };
}

/** One item of a batch; a bad item is a problem of its own and leaves the others alone. */
export function parseBatchItem(item: unknown): OrderRequest | ProblemException {
  const parsed = orderRequestSchema.safeParse(item);
  return parsed.success ? parsed.data : invalidRequest(fieldErrors(parsed.error.issues));
}

export function asProblem(error: unknown): ProblemException {
  return error instanceof ProblemException ? error : new ProblemException('internal', 'the gateway failed on this item', { cause: error });
}
