import pg from 'pg';
import { isConnectionFault } from './database.errors.js';
import { ImpatientClient } from './impatient-client.js';
import { unavailable } from './pooled-database.js';

type Connected = (error: Error | undefined, client: pg.PoolClient | undefined, release: (fault?: Error | boolean) => void) => void;

/** A pool whose failure to connect says what it means: TypeORM passes it on as it is. */
class OrmPool extends pg.Pool {
  constructor(config?: pg.PoolConfig) {
    super({ ...config, Client: ImpatientClient } as pg.PoolConfig);
    const connect = this.connect.bind(this) as (callback: Connected) => void;
    // TypeORM only uses the form with a callback.
    const translated = (callback: Connected): void =>
      connect((error, client, release) => callback(isConnectionFault(error) ? unavailable(error, 'not-done') : error, client, release));
    Object.assign(this, { connect: translated });
  }
}

/** What TypeORM uses in place of the bare `pg`. */
export const ORM_DRIVER = { Pool: OrmPool, defaults: pg.defaults, types: pg.types };
