import pg, { type QueryResultRow } from 'pg';
import { pgPoolConfig, type ConnectionOptions } from './connection-options.js';
import { Database, type Answer, type Statements } from './database.js';
import { DatabaseUnavailableError, isConnectionFault, UnknownCommitError } from './database.errors.js';

/** Opens no connection yet: the first statement does. */
export function createPool(options: ConnectionOptions): pg.Pool {
  const pool = new pg.Pool(pgPoolConfig(options));
  // Without these listeners a Postgres that stops would end our process, too: once for idle connections, once for those in use.
  pool.on('error', (error) => options.onIdleError?.(error));
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** `Database` over a `pg` pool. */
export class PooledDatabase extends Database {
  private ending: Promise<void> | null = null;

  constructor(private readonly pool: pg.Pool) {
    super();
  }

  async query<Row extends QueryResultRow>(name: string, text: string, values: readonly unknown[] = []): Promise<Answer<Row>> {
    const client = await this.connect();
    try {
      const answer = await run<Row>(client, name, text, values);
      client.release();
      return answer;
    } catch (error) {
      throw released(client, error, 'unknown');
    }
  }

  async transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const client = await this.connect();
    let result: T;
    try {
      await client.query('BEGIN');
      result = await work({ query: (name, text, values = []) => run(client, name, text, values) });
    } catch (error) {
      throw await rolledBack(client, error);
    }
    try {
      const { command } = await client.query('COMMIT');
      // Postgres answers ROLLBACK to the COMMIT of a transaction in which a statement had failed and was swallowed.
      if (command !== 'COMMIT') throw new Error('the transaction was rolled back, since one of its statements had failed');
    } catch (error) {
      throw commitFault(client, error);
    }
    client.release();
    return result;
  }

  async ping(): Promise<void> {
    await this.query('database.ping', 'SELECT 1');
  }

  async end(): Promise<void> {
    await (this.ending ??= this.pool.end());
  }

  private async connect(): Promise<pg.PoolClient> {
    try {
      return await this.pool.connect();
    } catch (error) {
      throw unavailable(error, 'not-done');
    }
  }
}

async function run<Row extends QueryResultRow>(
  client: pg.PoolClient,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<Answer<Row>> {
  const { rows, rowCount } = await client.query<Row>({ name, text, values: values as unknown[] });
  return { rows, rowCount: rowCount ?? 0 };
}

/** pg's own `pool.query` throws the connection away after every error; a refusal by the server is no reason to. */
function released(client: pg.PoolClient, error: unknown, outcome: 'not-done' | 'unknown'): unknown {
  const broken = isConnectionFault(error);
  client.release(broken);
  return broken ? unavailable(error, outcome) : error;
}

async function rolledBack(client: pg.PoolClient, error: unknown): Promise<unknown> {
  // Without COMMIT nothing of a transaction takes effect.
  if (isConnectionFault(error)) return released(client, error, 'not-done');
  try {
    await client.query('ROLLBACK');
    client.release();
  } catch {
    client.release(true);
  }
  return error;
}

function commitFault(client: pg.PoolClient, error: unknown): unknown {
  const broken = isConnectionFault(error);
  client.release(broken);
  return broken ? new UnknownCommitError('the verdict on a commit did not arrive', { cause: error }) : error;
}

function unavailable(error: unknown, outcome: 'not-done' | 'unknown'): DatabaseUnavailableError {
  if (error instanceof DatabaseUnavailableError) return error;
  const reason = error instanceof Error ? error.message : 'unknown fault';
  return new DatabaseUnavailableError(`the database does not answer: ${reason}`, { outcome, cause: error });
}
