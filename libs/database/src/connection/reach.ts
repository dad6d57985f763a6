import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { addressWithoutSecrets } from './connection-options.js';
import { DatabaseUnavailableError } from './database.errors.js';

const POLL_MS = 250;
const CONNECT_TIMEOUT_MS = 5000;
/** The server is starting, stopping or restarting: it may be there in a moment. */
const MAY_COME = new Set(['ECONNREFUSED', 'ECONNRESET', '57P01', '57P03', 'EAI_AGAIN']);

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'there is no such host',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  '28P01': 'user or password is wrong',
  '28000': 'the server does not let this user in',
  '3D000': 'there is no such database',
  '53300': 'the server has no connection left',
};

/**
 * Resolves when one can log in there. Waits for a server that is just starting, not for one that refuses.
 * @param waitMs how long connections may be refused.
 * @throws {DatabaseUnavailableError} with host, port, database and reason, and without the password.
 */
export async function reachDatabase(url: string, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: 'breakwater-start',
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return;
    } catch (error) {
      const code = codeOf(error);
      if (performance.now() > deadline || !MAY_COME.has(code)) throw unreachable(url, error, code);
      await delay(POLL_MS);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** A name with two addresses fails twice: Node then wraps both faults. */
function codeOf(error: unknown): string {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  return (first as NodeJS.ErrnoException).code ?? (error as NodeJS.ErrnoException).code ?? '';
}

/** Postgres' own words may quote parts of the address: only known reasons are shown. */
function unreachable(url: string, error: unknown, code: string): DatabaseUnavailableError {
  const reason = REASONS[code] ?? (code === '' ? 'no answer' : code);
  return new DatabaseUnavailableError(`cannot use the database ${addressWithoutSecrets(url)}: ${reason}`, {
    outcome: 'not-done',
    cause: error,
  });
}
