import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What several replicas need of each other: that each carries out what a kill switch asks for the accounts it holds, and a secret by
 * which they know that a request was handed on by one of them.
 */
const UP = [
  'ALTER TABLE kill_switches ADD COLUMN cancel_open_orders boolean NOT NULL DEFAULT false',
  `CREATE TABLE cluster_secrets (
    name text CONSTRAINT cluster_secrets_pkey PRIMARY KEY,
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL
  )`,
];

const DOWN = ['DROP TABLE cluster_secrets', 'ALTER TABLE kill_switches DROP COLUMN cancel_open_orders'];

export class Replicas1763900200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
    await runner.query(`SELECT grant_application_rights(rolname) FROM pg_roles WHERE rolname = 'bw_app'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
