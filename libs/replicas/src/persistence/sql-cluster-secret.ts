import { randomBytes } from 'node:crypto';
import type { Database } from '#libs/database';
import { ClusterSecret } from '../application/cluster-secret.js';

const SECRET_BYTES = 32;
const MAKE = `INSERT INTO cluster_secrets (name, secret, created_at) VALUES ('peers', $1, clock_timestamp()) ON CONFLICT DO NOTHING`;
const READ = `SELECT secret FROM cluster_secrets WHERE name = 'peers'`;

/** The replicas' secret in their database: whoever can read it there can do more than pretend to be a replica. */
export class SqlClusterSecret extends ClusterSecret {
  constructor(private readonly database: Database) {
    super();
  }

  async read(): Promise<Buffer> {
    await this.database.query('cluster-secret.make', MAKE, [randomBytes(SECRET_BYTES)]);
    const { rows } = await this.database.query<{ secret: Buffer }>('cluster-secret.read', READ);
    return rows[0]!.secret;
  }
}
