import pg from 'pg';
import type { DataSource } from 'typeorm';
import { createDataSource, type DataSourceInput } from '../connection/data-source.js';
import type { ConnectionOptions } from '../connection/connection-options.js';
import type { Database } from '../connection/database.js';
import { createPool, PooledDatabase } from '../connection/pooled-database.js';
import { APP_ROLE } from '../migrate/app-role.js';
import { databaseUrl, onServer, testServer } from './test-server.js';

export { TEST_SERVER_FOLDER } from './test-server.js';

/** A database of one spec file, with all migrations applied and no rows of anyone else. */
export interface TestDatabase {
  /** As its owner. */
  readonly url: string;
  /** As the gateway's role `bw_app`, with the rights that the migrations grant. */
  readonly appUrl: string;
  /** Opens a pool for hot SQL; closed by `close()`. As the owner unless `url` is given. */
  database(options?: Partial<ConnectionOptions>): Database;
  /** Opens a TypeORM data source; closed by `close()`. */
  dataSource(options?: Partial<DataSourceInput>): Promise<DataSource>;
  /** Closes what was opened here and drops the database. */
  close(): Promise<void>;
}

let made = 0;

/**
 * A fresh database on the run's server, copied from a template in about 50 ms.
 *
 *     const db = await testDatabase();        // in beforeAll
 *     const database = db.database();         // `Database`
 *     await db.close();                       // in afterAll
 */
export async function testDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const server = await testServer();
  const name = `t_${process.pid}_${(made += 1)}_${server.template.slice(-6)}`;
  const template = options.empty === true ? 'template0' : server.template;
  await onServer(server.url, (client) =>
    client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE ${pg.escapeIdentifier(template)}`),
  );
  const url = databaseUrl(server.url, name);
  const open: (() => Promise<void>)[] = [];
  return {
    url,
    appUrl: asAppRole(url, server.appPassword),
    database(given = {}) {
      const database = new PooledDatabase(createPool({ url, ...given }));
      open.push(() => database.end());
      return database;
    },
    async dataSource(given = {}) {
      const dataSource = await createDataSource({ url, ...given }).initialize();
      open.push(async () => (dataSource.isInitialized ? dataSource.destroy() : undefined));
      return dataSource;
    },
    async close() {
      await Promise.all(open.splice(0).map((end) => end()));
      await onServer(server.url, (client) => client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`));
    },
  };
}

function asAppRole(ownerUrl: string, password: string): string {
  const url = new URL(ownerUrl);
  url.username = APP_ROLE;
  url.password = password;
  return url.href;
}
