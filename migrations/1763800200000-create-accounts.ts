import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts at venues, and their credentials as ciphertext: a new row for each version, the newest one counts. */
export class CreateAccounts1763800200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE accounts (
        name text CONSTRAINT accounts_pkey PRIMARY KEY,
        venue text NOT NULL,
        environment text NOT NULL CONSTRAINT accounts_environment_check CHECK (environment IN ('sandbox', 'live')),
        created_at timestamptz NOT NULL,
        CONSTRAINT accounts_name_check CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$')
      )`);
    await runner.query(`
      CREATE TABLE account_credentials (
        account text NOT NULL CONSTRAINT account_credentials_account_fkey REFERENCES accounts (name),
        version integer NOT NULL,
        ciphertext bytea NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT account_credentials_pkey PRIMARY KEY (account, version)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE account_credentials');
    await runner.query('DROP TABLE accounts');
  }
}
