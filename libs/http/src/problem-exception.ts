import { PROBLEMS, problemType, type ProblemCode } from './problem-codes.js';

/** One finding in the input. `path` is a JSON pointer into the body, the query or the route parameters; `''` is all of it. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  /** The order that exists in spite of the problem and can be read, as `rejected`. */
  readonly orderId?: string;
  /** Becomes `Retry-After` in whole seconds, rounded up. */
  readonly retryAfterMs?: number | null;
  /** The venue's own code, where a venue refused. */
  readonly venueCode?: string | null;
  /** Only where the same code answers differently: an order that a venue refused is always 422, whatever the reason. */
  readonly status?: number;
  /** More headers of the answer, for example `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** The body of every error answer (RFC 9457). */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly correlationId: string;
  readonly errors?: readonly FieldError[];
  readonly orderId?: string;
  readonly venueCode?: string;
  readonly retryAfterMs?: number;
}

/**
 * An answer other than success, thrown at the edge. `detail` goes to the client:
 * it says what was wrong and what to do, and never holds a secret, an address or a stack.
 */
export class ProblemException extends Error {
  override readonly name = 'ProblemException';
  readonly status: number;

  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly options: ProblemOptions = {},
  ) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status ?? PROBLEMS[code].status;
  }

  /** The body as it goes on the wire. Also used for the items of a batch and on the stream. */
  toBody(correlationId: string): ProblemBody {
    const { errors, orderId, venueCode, retryAfterMs } = this.options;
    return {
      type: problemType(this.code),
      title: PROBLEMS[this.code].title,
      status: this.status,
      detail: this.detail,
      code: this.code,
      correlationId,
      ...(errors !== undefined && { errors }),
      ...(orderId !== undefined && { orderId }),
      ...(venueCode != null && { venueCode }),
      ...(retryAfterMs != null && { retryAfterMs }),
    };
  }
}

/** Input that a schema refused, or that we refuse in the same manner. */
export function invalidRequest(errors: readonly FieldError[], detail?: string): ProblemException {
  const first = errors[0];
  const place = first === undefined || first.path === '' ? '' : `${first.path}: `;
  return new ProblemException('invalid-request', detail ?? (first === undefined ? 'the request is not valid' : place + first.message), {
    errors,
  });
}
