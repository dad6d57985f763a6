import type { MigrationInterface, QueryRunner } from 'typeorm';

const TERMS = `
  id uuid CONSTRAINT orders_pkey PRIMARY KEY,
  account text NOT NULL,
  venue text NOT NULL,
  symbol text NOT NULL,
  side text NOT NULL,
  type text NOT NULL,
  time_in_force text,
  quantity numeric,
  quote_quantity numeric,
  price numeric,
  stop_price numeric,
  post_only boolean NOT NULL,
  reduce_only boolean NOT NULL,
  expires_at timestamptz,
  client_order_id text,
  idempotency_key text,
  fingerprint text NOT NULL,
  venue_client_id text NOT NULL,
  api_key_id text NOT NULL,
  correlation_id text,
  created_at timestamptz NOT NULL`;

const STATE = `
  order_id uuid CONSTRAINT order_states_pkey PRIMARY KEY,
  status text NOT NULL,
  version integer NOT NULL,
  venue_order_id text,
  quantity numeric,
  filled_quantity numeric NOT NULL,
  filled_quote numeric NOT NULL,
  fees jsonb NOT NULL,
  reject_reason jsonb,
  sent_at timestamptz,
  acknowledged_at timestamptz,
  updated_at timestamptz NOT NULL`;

const FILL = `
  id uuid CONSTRAINT fills_pkey PRIMARY KEY,
  order_id uuid NOT NULL CONSTRAINT fills_order_id_fkey REFERENCES orders (id),
  account text NOT NULL,
  venue text NOT NULL,
  symbol text NOT NULL,
  venue_trade_id text NOT NULL,
  venue_order_id text NOT NULL,
  side text NOT NULL,
  price numeric NOT NULL,
  quantity numeric NOT NULL CONSTRAINT fills_quantity_check CHECK (quantity > 0),
  fee_asset text,
  fee_amount numeric,
  liquidity text,
  source text NOT NULL,
  venue_time timestamptz NOT NULL,
  booked_at timestamptz NOT NULL`;

/**
 * `orders`: what was asked, written once. `order_events`: everything that happened, written once. `order_states`: the fold of the
 * events, applied behind. `open_attempts`: one row for each send whose outcome is not known; its key is what makes a second open
 * attempt impossible. `fills`: each trade once per order.
 */
export class CreateOrders1763800300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE orders (${TERMS})`);
    await runner.query(
      'CREATE UNIQUE INDEX orders_account_client_order_id_key ON orders (account, client_order_id) WHERE client_order_id IS NOT NULL',
    );
    await runner.query(
      'CREATE UNIQUE INDEX orders_account_idempotency_key_key ON orders (account, idempotency_key) WHERE idempotency_key IS NOT NULL',
    );
    await runner.query('CREATE INDEX orders_account_id_idx ON orders (account, id)');
    await runner.query(`
      CREATE TABLE order_events (
        order_id uuid NOT NULL,
        version integer NOT NULL,
        type text NOT NULL,
        at timestamptz NOT NULL,
        correlation_id text,
        data jsonb NOT NULL,
        CONSTRAINT order_events_pkey PRIMARY KEY (order_id, version)
      )`);
    await runner.query(`CREATE TABLE order_states (${STATE})`);
    await runner.query(
      `CREATE INDEX order_states_open_idx ON order_states (order_id) WHERE status NOT IN ('filled', 'canceled', 'rejected', 'expired')`,
    );
    await runner.query(`
      CREATE TABLE open_attempts (
        order_id uuid CONSTRAINT open_attempts_pkey PRIMARY KEY,
        number integer NOT NULL,
        pinned_at timestamptz NOT NULL,
        not_after timestamptz NOT NULL,
        request_hash text NOT NULL
      )`);
    await runner.query(`CREATE TABLE fills (${FILL})`);
    await runner.query('CREATE UNIQUE INDEX fills_account_symbol_trade_order_key ON fills (account, symbol, venue_trade_id, order_id)');
    await runner.query('CREATE INDEX fills_account_id_idx ON fills (account, id)');
    await runner.query('CREATE INDEX fills_order_id_idx ON fills (order_id)');
    for (const table of ['orders', 'order_events', 'fills']) await appendOnly(runner, table);
    await runner.query(`SELECT grant_application_rights(rolname) FROM pg_roles WHERE rolname = 'bw_app'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['fills', 'open_attempts', 'order_states', 'order_events', 'orders']) await runner.query(`DROP TABLE ${table}`);
    await runner.query('DROP FUNCTION refuse_change_of_history()');
  }
}

/** History is added to, never changed: not even under a replication role, which skips ordinary triggers. */
async function appendOnly(runner: QueryRunner, table: string): Promise<void> {
  await runner.query(`
    CREATE OR REPLACE FUNCTION refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '% is history: rows are added, never changed or removed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$`);
  await runner.query(
    `CREATE TRIGGER ${table}_no_change BEFORE UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history()`,
  );
  await runner.query(
    `CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history()`,
  );
  await runner.query(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${table}_no_change`);
  await runner.query(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${table}_no_truncate`);
}
