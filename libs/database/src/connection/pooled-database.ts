import pg, { type QueryResultRow } from 'pg';
import { pgPoolConfig, type ConnectionOptions } from './connection-options.js';
import { Database, type Answer, type Statements } from './database.js';
import { DatabaseUnavailableError, isConnectionFault, UnknownCommitError } from './database.errors.js';
import { ImpatientClient } from './impatient-client.js';
import { Silence } from './silence.js';

/** Opens no connection yet: the first statement does. */
export function createPool(options: ConnectionOptions): pg.Pool {
  const pool = new pg.Pool({ ...pgPoolConfig(options), Client: ImpatientClient });
  // Without these listeners a Postgres that stops would end our process, too: once for idle connections, once for those in use.
  pool.on('error', (error) => options.onIdleError?.(error));
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** `Database` over a `pg` pool. */
export class PooledDatabase extends Database {
  private ending: Promise<void> | null = null;
  private readonly silence = new Silence();

  constructor(private readonly pool: pg.Pool) {
    super();
  }

  async query<Row extends QueryResultRow>(name: string, text: string, values: readonly unknown[] = []): Promise<Answer<Row>> {
    const client = await this.connect();
    try {
      const answer = await run<Row>(client, name, text, values);
      this.silence.answered();
      client.release();
      return answer;
    } catch (error) {
      this.heard(error);
      throw released(client, error, 'unknown');
    }
  }

  async transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const client = await this.connect();
    let result: T;
    try {
      await client.query('BEGIN');
      this.silence.answered();
      result = await work({ query: (name, text, values = []) => run(client, name, text, values) });
    } catch (error) {
      this.heard(error);
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
    this.silence.enter();
    try {
      return await this.pool.connect();
    } catch (error) {
      this.heard(error);
      throw unavailable(error, 'not-done');
    }
  }

  /** What failed on the way. Errors of the caller's own work in a transaction say nothing about the server. */
  private heard(error: unknown): void {
    if (!isConnectionFault(error)) return this.silence.answered();
    if (this.silence.failed(error)) this.dropIdle();
  }

  /** Idle connections of a server that fell silent may be dead without knowing: the next try shall be on a new one. */
  private dropIdle(): void {
    for (let left = this.pool.idleCount; left > 0; left -= 1) {
      this.pool.connect().then(
        (client) => client.release(true),
        () => undefined,
      );
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

/** The same fault in our own words. @param outcome - what it means for the work it ended */
export function unavailable(error: unknown, outcome: 'not-done' | 'unknown'): DatabaseUnavailableError {
  if (error instanceof DatabaseUnavailableError) return error;
  const reason = error instanceof Error ? error.message : 'unknown fault';
  return new DatabaseUnavailableError(`the database does not answer: ${reason}`, { outcome, cause: error });
}
