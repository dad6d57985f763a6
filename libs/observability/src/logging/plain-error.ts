export interface PlainError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly cause?: PlainError;
}

const CAUSES_MAX = 4;

/**
 * What may be logged of an error: name, message, stack, code, and the same of its causes. Other properties stay out, because
 * libraries hang requests, headers and statements with their values onto errors.
 */
export function plainError(error: unknown, depth = 0): PlainError {
  if (!(error instanceof Error)) return { type: typeof error, message: typeof error === 'string' ? error : 'not an error' };
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(typeof code === 'string' && { code }),
    ...(cause instanceof Error && depth < CAUSES_MAX && { cause: plainError(cause, depth + 1) }),
  };
}
