import pg from 'pg';

/** No answer from the database: it is down, unreachable, or the connection broke. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
  /**
   * `not-done`: nothing of the work took effect, it may be done again. `unknown`: the statement was on its way, and may
   * have taken effect; read by key before doing it again.
   */
  readonly outcome: 'not-done' | 'unknown';

  constructor(message: string, options: { readonly outcome: 'not-done' | 'unknown'; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.outcome = options.outcome;
  }
}

/** COMMIT was sent and no verdict came back: the work may or may not be durable. Read it again by key; never assume either. */
export class UnknownCommitError extends Error {
  override readonly name = 'UnknownCommitError';
}

/** SQLSTATE of a refusal by the server, such as `23505`; `null` for anything else. */
export function sqlState(error: unknown): string | null {
  return error instanceof pg.DatabaseError ? (error.code ?? null) : null;
}

/** Name of the constraint that a statement violated, such as `orders_client_order_id_key`; `null` for any other fault. */
export function violatedConstraint(error: unknown): string | null {
  return error instanceof pg.DatabaseError && error.code?.startsWith('23') === true ? (error.constraint ?? null) : null;
}

/** Statement timeout, lock timeout, deadlock or serialisation failure: the same work may succeed when tried again. */
export function isTransient(error: unknown): boolean {
  return ['57014', '55P03', '40P01', '40001'].includes(sqlState(error) ?? '');
}

/** Refusals after which the connection is of no use any more: shutdown, crash, too many connections. */
const CONNECTION_STATES = /^(08|57P0[123]$|53300$|25P0[34]$)/;

/** SQLSTATE "connection failure", given to faults of the connection that have none of their own. */
export const CONNECTION_FAILURE = '08006';
const POOL_EXHAUSTED = /^timeout exceeded when trying to connect/i;
const OUR_TIMEOUTS = /^(Query read timeout|Connection terminated due to connection timeout|timeout expired)/i;

/** All connections of our own pool are in use: says nothing about the server. */
export function isPoolExhausted(error: unknown): boolean {
  return error instanceof Error && POOL_EXHAUSTED.test(error.message);
}

/** The server was asked, and said nothing at all in the time it had. */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && OUR_TIMEOUTS.test(error.message);
}

/**
 * Whether nobody is let in: no server listens there, or it is starting or stopping. Broken connections, time-outs and a lack of
 * connections are not meant: the next try may go well.
 */
export function isDatabaseGone(error: unknown): boolean {
  if (!(error instanceof DatabaseUnavailableError) || error.outcome !== 'not-done') return false;
  const { cause } = error;
  const state = sqlState(cause);
  if (state !== null) return state === '57P03';
  const { code, syscall } = (cause ?? {}) as NodeJS.ErrnoException;
  return code !== undefined && (syscall !== undefined || cause instanceof AggregateError) && code !== 'ETIMEDOUT' && code !== 'ECONNRESET';
}

/**
 * Whether an error means that the connection is gone, rather than that the server answered "no". Everything that did not
 * come from the server itself counts: socket faults, time-outs on our side, a client that was ended.
 */
export function isConnectionFault(error: unknown): boolean {
  const state = sqlState(error);
  return state === null ? isDriverFault(error) : CONNECTION_STATES.test(state);
}

function isDriverFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof DatabaseUnavailableError || error instanceof UnknownCommitError) return true;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (
    syscall !== undefined ||
    code === CONNECTION_FAILURE ||
    code?.startsWith('ECONN') === true ||
    code === 'EPIPE' ||
    code === 'ETIMEDOUT'
  )
    return true;
  return /^(Connection terminated|Client has encountered a connection error|Query read timeout|timeout exceeded when trying to connect|timeout expired|Client was closed|Cannot use a pool after|Called end on pool)/i.test(
    error.message,
  );
}
