import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLE = `
  id uuid NOT NULL CONSTRAINT audit_events_pkey PRIMARY KEY,
  at timestamptz NOT NULL,
  type text NOT NULL,
  actor text NOT NULL,
  account text,
  subject_kind text,
  subject_id text,
  correlation_id text,
  data jsonb NOT NULL,
  content_hash bytea NOT NULL CONSTRAINT audit_events_content_hash_check CHECK (octet_length(content_hash) = 32)`;

/** The role the application runs as; it can neither change the trail nor the structure. */
const APPLICATION_ROLE = 'bw_app';

/** A role may be missing and making it may be forbidden: then an administrator makes one and calls the function for it. */
const CREATE_ROLE = `
  DO $$
  BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${APPLICATION_ROLE}') THEN
      CREATE ROLE ${APPLICATION_ROLE} NOLOGIN;
    END IF;
  EXCEPTION
    WHEN insufficient_privilege THEN RAISE NOTICE 'role ${APPLICATION_ROLE} was not made: not allowed';
    WHEN duplicate_object OR unique_violation THEN NULL;
  END $$`;

/**
 * Rights of an application role on all tables there are and will be. A table of history is known by its always-on
 * trigger on TRUNCATE (32 in tgtype): there the role may only read and add.
 */
const GRANT_FUNCTION = `
  CREATE FUNCTION grant_application_rights(role_name name) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE history regclass;
  BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', role_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', role_name);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO %I', role_name);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', role_name);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO %I', role_name);
    FOR history IN
      SELECT DISTINCT tgrelid::regclass FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
      WHERE relnamespace = 'public'::regnamespace AND tgenabled = 'A' AND tgtype & 32 <> 0
    LOOP
      EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %I', history, role_name);
    END LOOP;
    IF to_regclass('public.schema_migrations') IS NOT NULL THEN
      EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON public.schema_migrations FROM %I', role_name);
    END IF;
  END $$`;

/** The trail: rows are added, never changed. Triggers fire always, because plain ones are skipped under a replication role. */
export class CreateAuditEvents1763800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE audit_events (${TABLE})`);
    await runner.query('CREATE INDEX audit_events_type_id_idx ON audit_events (type, id)');
    await runner.query('CREATE INDEX audit_events_actor_id_idx ON audit_events (actor, id)');
    await runner.query('CREATE INDEX audit_events_at_idx ON audit_events USING brin (at)');
    await runner.query(`
      CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'audit_events is append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
      END $$`);
    for (const [name, operation] of [
      ['update', 'UPDATE'],
      ['delete', 'DELETE'],
      ['truncate', 'TRUNCATE'],
    ]) {
      await runner.query(
        `CREATE TRIGGER audit_events_no_${name} BEFORE ${operation} ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit()`,
      );
      await runner.query(`ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_no_${name}`);
    }
    await runner.query(GRANT_FUNCTION);
    await runner.query(CREATE_ROLE);
    await runner.query(`SELECT grant_application_rights(rolname) FROM pg_roles WHERE rolname = '${APPLICATION_ROLE}'`);
  }

  /** The role stays: other databases of the same server may use it. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_events');
    await runner.query('DROP FUNCTION refuse_change_of_audit()');
    await runner.query('DROP FUNCTION grant_application_rights(name)');
    await runner.query(`
      DO $$
      BEGIN
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${APPLICATION_ROLE}') THEN
          ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM ${APPLICATION_ROLE};
          ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM ${APPLICATION_ROLE};
        END IF;
      END $$`);
  }
}
