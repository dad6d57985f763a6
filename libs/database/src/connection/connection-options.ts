/** How one process talks to Postgres. Every limit is named; none is left to a library's default. */
export interface ConnectionOptions {
  /** `postgres://user:password@host:port/database`. A secret: never log it. */
  readonly url: string;
  /** Connections at most, per pool. Default 10. */
  readonly poolMax?: number;
  /** The server ends a statement that runs longer, ms. Default 2000. */
  readonly statementTimeoutMs?: number;
  /** The server ends a statement that waits longer for a lock, ms. Default 500. */
  readonly lockTimeoutMs?: number;
  /** Opening a connection, or waiting for a free one of the pool, ms. Default 2000. */
  readonly connectTimeoutMs?: number;
  /** The server ends a transaction whose client says nothing for so long, ms. Default 10000. */
  readonly idleInTransactionTimeoutMs?: number;
  /** Shown in `pg_stat_activity`. Default `breakwater`. */
  readonly applicationName?: string;
  /**
   * `generic`: a prepared statement is planned once per connection and never again. For statements whose plan does not depend on
   * their values, such as the journal's, whose planning would cost as much as their work.
   */
  readonly plans?: 'auto' | 'generic';
  /** Told about faults of idle connections, which need no other handling: the pool replaces them. */
  readonly onIdleError?: (error: Error) => void;
}

/** How long our side waits beyond the server's own statement timeout before it gives the connection up, ms. */
const ANSWER_GRACE_MS = 1000;

/** The same options in the words of `pg`. */
export function pgPoolConfig(options: ConnectionOptions) {
  const statementTimeoutMs = options.statementTimeoutMs ?? 2000;
  return {
    connectionString: options.url,
    max: options.poolMax ?? 10,
    application_name: options.applicationName ?? 'breakwater',
    ...(options.plans === 'generic' ? { options: '-c plan_cache_mode=force_generic_plan' } : {}),
    statement_timeout: statementTimeoutMs,
    lock_timeout: options.lockTimeoutMs ?? 500,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 10_000,
    query_timeout: statementTimeoutMs === 0 ? 0 : statementTimeoutMs + ANSWER_GRACE_MS,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 2000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  };
}

/** Host, port and database of an address, without user or password: fit for a message. */
export function addressWithoutSecrets(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname}:${port === '' ? '5432' : port}${pathname}`;
  } catch {
    return 'an unreadable address';
  }
}
