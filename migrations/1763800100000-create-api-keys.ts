import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys of the API: only the hash of the secret. A row is written once and can only be revoked after that. */
export class CreateApiKeys1763800100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_keys (
        id uuid NOT NULL CONSTRAINT api_keys_pkey PRIMARY KEY,
        name text NOT NULL,
        secret_hash bytea NOT NULL CONSTRAINT api_keys_secret_hash_check CHECK (octet_length(secret_hash) = 32),
        scopes text[] NOT NULL,
        accounts text[],
        allowed_addresses text[] NOT NULL,
        expires_at timestamptz,
        created_at timestamptz NOT NULL,
        created_by text NOT NULL,
        revoked_at timestamptz
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE api_keys');
  }
}
