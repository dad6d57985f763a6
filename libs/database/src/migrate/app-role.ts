import pg from 'pg';

/**
 * The login role of the gateway. It owns nothing: what it may do is what the migrations grant it, so that not even a fault
 * in the gateway can rewrite the audit trail.
 */
export const APP_ROLE = 'bw_app';

/**
 * Makes the gateway's role, or gives it this password when it is there. Run before the migrations, which grant to it.
 * @param ownerUrl address of the database, as a role that may create roles.
 * @returns the same address as `bw_app`. Holds the password.
 */
export async function ensureAppRole(ownerUrl: string, password: string): Promise<string> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'breakwater-roles' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const database = decodeURIComponent(new URL(ownerUrl).pathname.slice(1));
    const secret = pg.escapeLiteral(password);
    await client.query(`DO $$ BEGIN CREATE ROLE ${APP_ROLE} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`);
    await client.query(`ALTER ROLE ${APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${secret}`);
    await client.query(`GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(database)} TO ${APP_ROLE}`);
    await client.query(`GRANT USAGE ON SCHEMA public TO ${APP_ROLE}`);
  } finally {
    await client.end();
  }
  const url = new URL(ownerUrl);
  url.username = APP_ROLE;
  url.password = password;
  return url.href;
}
