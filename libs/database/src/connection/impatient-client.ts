import pg from 'pg';
import { CONNECTION_FAILURE, isConnectionFault, sqlState } from './database.errors.js';

/**
 * A client that closes its connection when a statement got no answer in time. `pg` only stops waiting: the next user of the
 * connection would queue behind the lost statement and wait in vain, too. Whatever breaks a connection also gets an SQLSTATE, so
 * that those who see nothing but the code (TypeORM wraps what it throws) know what it means.
 */
export class ImpatientClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const ask = this.query.bind(this) as (...given: unknown[]) => unknown;
    const query = (...given: unknown[]): unknown => {
      const answer = ask(...given);
      return answer instanceof Promise ? answer.catch((error: unknown) => this.fail(error)) : answer;
    };
    Object.assign(this, { query });
  }

  private fail(error: unknown): never {
    if (sqlState(error) === null && isConnectionFault(error)) {
      Object.assign(error as Error, { code: CONNECTION_FAILURE });
      void this.end().catch(() => undefined);
    }
    throw error;
  }
}
