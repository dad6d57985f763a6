import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who may send for an account, and what must be known to send safely.
 *
 * - `account_leases`: which replica owns an account until when. Renewed every few seconds.
 * - `account_gates`: what every permit reads under a share lock: the newest fencing token, and whether a kill switch holds. Apart from
 *   the leases, so that renewals and permits never wait for each other.
 * - `kill_switches`: those that are engaged now.
 * - `open_attempts`: one for each intent of an order: place, cancel, amend.
 */
const TABLES = [
  `CREATE TABLE account_leases (
    account text CONSTRAINT account_leases_pkey PRIMARY KEY,
    owner text NOT NULL,
    owner_url text,
    token bigint NOT NULL CONSTRAINT account_leases_token_check CHECK (token > 0),
    expires_at timestamptz NOT NULL,
    acquired_at timestamptz NOT NULL
  )`,
  `CREATE TABLE account_gates (
    account text CONSTRAINT account_gates_pkey PRIMARY KEY,
    venue text NOT NULL,
    token bigint NOT NULL CONSTRAINT account_gates_token_check CHECK (token >= 0),
    halted boolean NOT NULL
  )`,
  `CREATE TABLE kill_switches (
    scope text CONSTRAINT kill_switches_pkey PRIMARY KEY,
    engaged_at timestamptz NOT NULL,
    engaged_by text NOT NULL,
    reason text,
    CONSTRAINT kill_switches_scope_check CHECK (scope = 'all' OR scope ~ '^(venue|account):.+$')
  )`,
  `ALTER TABLE open_attempts
    ADD COLUMN kind text NOT NULL DEFAULT 'place' CONSTRAINT open_attempts_kind_check CHECK (kind IN ('place', 'cancel', 'amend')),
    ADD COLUMN fence bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT open_attempts_pkey,
    ADD CONSTRAINT open_attempts_pkey PRIMARY KEY (order_id, kind)`,
  `ALTER TABLE orders
    ADD COLUMN on_not_created text NOT NULL DEFAULT 'reject' CONSTRAINT orders_on_not_created_check CHECK (on_not_created IN ('reject', 'resubmit')),
    ADD COLUMN resubmit_until timestamptz`,
  'ALTER TABLE order_events ADD COLUMN event_id uuid',
  // Nearly always empty: the orders that a venue has filled beyond their quantity.
  'CREATE INDEX order_states_overfilled_idx ON order_states (order_id) WHERE filled_quantity > quantity',
];

/**
 * The outbox: order events and fills in the order in which clients see them, numbered without gaps for each account. `stream_heads` holds
 * the last numbers given; whoever writes events holds its row until the commit, so that numbers become visible in their order.
 */
const OUTBOX = [
  `CREATE TABLE stream_heads (
    account text CONSTRAINT stream_heads_pkey PRIMARY KEY,
    order_seq bigint NOT NULL,
    fill_seq bigint NOT NULL
  )`,
  `CREATE TABLE order_outbox (
    account text NOT NULL,
    seq bigint NOT NULL,
    order_id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT order_outbox_pkey PRIMARY KEY (account, seq),
    CONSTRAINT order_outbox_event_key UNIQUE (order_id, version)
  )`,
  'ALTER TABLE fills ADD COLUMN seq bigint, ADD COLUMN inferred boolean NOT NULL DEFAULT false, ADD COLUMN order_version integer NOT NULL DEFAULT 0',
  'CREATE UNIQUE INDEX fills_account_seq_key ON fills (account, seq)',
  `CREATE TABLE fill_voids (
    order_id uuid NOT NULL,
    venue_trade_id text NOT NULL,
    account text NOT NULL,
    order_version integer NOT NULL,
    reason text NOT NULL,
    voided_at timestamptz NOT NULL,
    CONSTRAINT fill_voids_pkey PRIMARY KEY (order_id, venue_trade_id)
  )`,
];

/** What was booked before there was an outbox gets its numbers now. History is opened for this one change, and closed again. */
const BACKFILL = [
  'ALTER TABLE fills DISABLE TRIGGER fills_no_change',
  `UPDATE fills SET seq = numbered.seq FROM (SELECT id, row_number() OVER (PARTITION BY account ORDER BY id) AS seq FROM fills) numbered
    WHERE numbered.id = fills.id`,
  'ALTER TABLE fills ENABLE ALWAYS TRIGGER fills_no_change',
  'ALTER TABLE fills ALTER COLUMN seq SET NOT NULL',
  `INSERT INTO order_outbox (account, seq, order_id, version)
    SELECT account, row_number() OVER (PARTITION BY account ORDER BY at, order_id, version), order_id, version
    FROM order_events JOIN orders ON orders.id = order_id`,
  `INSERT INTO stream_heads (account, order_seq, fill_seq)
    SELECT account, count(*), (SELECT count(*) FROM fills WHERE fills.account = order_outbox.account) FROM order_outbox GROUP BY account`,
];

const DOWN = [
  'DROP TABLE fill_voids',
  'DROP INDEX fills_account_seq_key',
  'ALTER TABLE fills DROP COLUMN seq, DROP COLUMN inferred, DROP COLUMN order_version',
  'DROP TABLE order_outbox',
  'DROP TABLE stream_heads',
  'DROP INDEX order_states_overfilled_idx',
  'ALTER TABLE order_events DROP COLUMN event_id',
  'ALTER TABLE orders DROP COLUMN on_not_created, DROP COLUMN resubmit_until',
  `DELETE FROM open_attempts WHERE kind <> 'place'`,
  `ALTER TABLE open_attempts DROP CONSTRAINT open_attempts_pkey, DROP COLUMN kind, DROP COLUMN fence,
    ADD CONSTRAINT open_attempts_pkey PRIMARY KEY (order_id)`,
  'DROP TABLE kill_switches',
  'DROP TABLE account_gates',
  'DROP TABLE account_leases',
];

export class OrderSafety1763900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...TABLES, ...OUTBOX, ...BACKFILL]) await runner.query(statement);
    for (const table of ['order_outbox', 'fill_voids']) await appendOnly(runner, table);
    await runner.query(`SELECT grant_application_rights(rolname) FROM pg_roles WHERE rolname = 'bw_app'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
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
