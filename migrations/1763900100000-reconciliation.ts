import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What reconciliation looked at, what it found, and the double entry ledger that says what an account should hold.
 *
 * - `reconciliation_runs`: one row for each run that ended, also for those that failed.
 * - `discrepancies`: what did not agree; at most one is open for each account, kind and subject.
 * - `external_orders`: orders that others placed under our key: shown, never touched.
 * - `ledger_entries`: every change of what an account holds at its venue, with its counterpart. `ledger_totals` is their sum, kept in the
 *   same statement. `ledger_heads` says up to which fill the account is posted, and since when its ledger is open.
 * - `fill_cursors`: how far the venue's trade history has been read.
 */
const TABLES = [
  `CREATE TABLE reconciliation_runs (
    id uuid CONSTRAINT reconciliation_runs_pkey PRIMARY KEY,
    account text NOT NULL,
    cause text NOT NULL CONSTRAINT reconciliation_runs_cause_check CHECK (cause IN ('start', 'reconnect', 'schedule', 'demand', 'daily')),
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    outcome text NOT NULL CONSTRAINT reconciliation_runs_outcome_check CHECK (outcome IN ('agreed', 'waiting', 'differs', 'failed')),
    counts jsonb NOT NULL
  )`,
  'CREATE INDEX reconciliation_runs_account_id_idx ON reconciliation_runs (account, id)',
  `CREATE TABLE discrepancies (
    id uuid CONSTRAINT discrepancies_pkey PRIMARY KEY,
    account text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    state text NOT NULL CONSTRAINT discrepancies_state_check CHECK (state IN ('open', 'repaired', 'explained')),
    detail jsonb NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    seen_count integer NOT NULL,
    closed_at timestamptz,
    repair text,
    CONSTRAINT discrepancies_closed_check CHECK ((state = 'open') = (closed_at IS NULL))
  )`,
  `CREATE UNIQUE INDEX discrepancies_open_key ON discrepancies (account, kind, subject) WHERE state = 'open'`,
  'CREATE INDEX discrepancies_account_id_idx ON discrepancies (account, id)',
  `CREATE TABLE external_orders (
    account text NOT NULL,
    symbol text NOT NULL,
    venue_order_id text NOT NULL,
    venue_client_id text NOT NULL,
    status text NOT NULL,
    side text NOT NULL,
    type text NOT NULL,
    quantity numeric NOT NULL,
    price numeric,
    filled_quantity numeric,
    venue_time timestamptz,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    CONSTRAINT external_orders_pkey PRIMARY KEY (account, symbol, venue_order_id)
  )`,
  `CREATE TABLE fill_cursors (
    account text NOT NULL,
    symbol text NOT NULL,
    venue_time timestamptz NOT NULL,
    venue_trade_id text,
    read_at timestamptz NOT NULL,
    CONSTRAINT fill_cursors_pkey PRIMARY KEY (account, symbol)
  )`,
];

const LEDGER = [
  `CREATE TABLE ledger_entries (
    tx_id text NOT NULL,
    line smallint NOT NULL,
    account text NOT NULL,
    book text NOT NULL CONSTRAINT ledger_entries_book_check CHECK (book IN ('holdings', 'opening', 'trading', 'fees', 'transfers')),
    asset text NOT NULL,
    amount numeric NOT NULL,
    kind text NOT NULL CONSTRAINT ledger_entries_kind_check CHECK (kind IN ('opening', 'fill', 'fee', 'transfer', 'void')),
    reference text NOT NULL,
    at timestamptz NOT NULL,
    reason text,
    CONSTRAINT ledger_entries_pkey PRIMARY KEY (tx_id, line)
  )`,
  'CREATE INDEX ledger_entries_account_at_idx ON ledger_entries (account, at)',
  `CREATE TABLE ledger_totals (
    account text NOT NULL,
    asset text NOT NULL,
    total numeric NOT NULL,
    CONSTRAINT ledger_totals_pkey PRIMARY KEY (account, asset)
  )`,
  `CREATE TABLE ledger_heads (
    account text CONSTRAINT ledger_heads_pkey PRIMARY KEY,
    fill_seq bigint NOT NULL,
    opened_at timestamptz
  )`,
  `CREATE FUNCTION refuse_unbalanced_entries() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF EXISTS (SELECT FROM ledger_entries WHERE tx_id = NEW.tx_id GROUP BY account, asset HAVING sum(amount) <> 0) THEN
      RAISE EXCEPTION 'the entries of % do not sum to zero', NEW.tx_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
  END $$`,
  `CREATE CONSTRAINT TRIGGER ledger_entries_balance AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_entries()`,
  'ALTER TABLE ledger_entries ENABLE ALWAYS TRIGGER ledger_entries_balance',
];

const DOWN = ['ledger_heads', 'ledger_totals', 'ledger_entries', 'fill_cursors', 'external_orders', 'discrepancies', 'reconciliation_runs'];

export class Reconciliation1763900100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...TABLES, ...LEDGER]) await runner.query(statement);
    for (const table of ['reconciliation_runs', 'ledger_entries']) await appendOnly(runner, table);
    await runner.query(`SELECT grant_application_rights(rolname) FROM pg_roles WHERE rolname = 'bw_app'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of DOWN) await runner.query(`DROP TABLE ${table}`);
    await runner.query('DROP FUNCTION refuse_unbalanced_entries()');
  }
}

async function appendOnly(runner: QueryRunner, table: string): Promise<void> {
  for (const [name, when] of [
    ['change', 'BEFORE UPDATE OR DELETE'],
    ['truncate', 'BEFORE TRUNCATE'],
  ]) {
    const each = name === 'change' ? 'ROW' : 'STATEMENT';
    await runner.query(
      `CREATE TRIGGER ${table}_no_${name} ${when} ON ${table} FOR EACH ${each} EXECUTE FUNCTION refuse_change_of_history()`,
    );
    await runner.query(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${table}_no_${name}`);
  }
}
