import { isTransient } from '#libs/database';
import type { Database } from '#libs/database';
import type { Lease } from '../application/account-leases.js';
import { LeaseStore } from '../application/lease-store.js';
import type { HolderRow, LeaseRequest } from '../application/lease-store.js';

interface LeaseRow {
  readonly account: string;
  readonly token: string;
}

interface OwnerRow extends LeaseRow {
  readonly owner: string;
  readonly owner_url: string | null;
  readonly is_alive: boolean;
}

/** A process that is paused between two statements must not hold up kill switches for longer than this. */
const BE_BRIEF = `SET LOCAL idle_in_transaction_session_timeout = '1s'`;

/** A switch that is being engaged commits before our look at the switches, or begins after our commit: none is missed in a new gate. */
const HOLD_SWITCHES = 'LOCK TABLE kill_switches IN SHARE MODE';

/**
 * The lease first, then the gate, which waits for permits under way: they hold the gate's row in share mode. Rows in the order of
 * their names, so that two replicas wait for each other and never lock each other out.
 */
const ACQUIRE = `
  WITH wanted AS (
    SELECT account, venue FROM unnest($1::text[], $2::text[]) AS wanted (account, venue)
  ), taken AS (
    INSERT INTO account_leases AS lease (account, owner, owner_url, token, expires_at, acquired_at)
    SELECT wanted.account, $3, $4, coalesce(gate.token, 0) + 1, clock_timestamp() + $5 * interval '1 millisecond', clock_timestamp()
    FROM wanted LEFT JOIN account_gates gate USING (account) ORDER BY wanted.account
    ON CONFLICT (account) DO UPDATE SET
      owner = excluded.owner, owner_url = excluded.owner_url, token = greatest(lease.token + 1, excluded.token),
      expires_at = clock_timestamp() + $5 * interval '1 millisecond', acquired_at = clock_timestamp()
    WHERE lease.expires_at <= clock_timestamp() OR lease.owner = excluded.owner
    RETURNING account, token
  )
  INSERT INTO account_gates AS gate (account, venue, token, halted)
  SELECT account, venue, taken.token, EXISTS (SELECT 1 FROM kill_switches WHERE scope IN ('all', 'venue:' || venue, 'account:' || account))
  FROM taken JOIN wanted USING (account) ORDER BY account
  ON CONFLICT (account) DO UPDATE SET token = excluded.token, venue = excluded.venue, halted = excluded.halted
  WHERE gate.token < excluded.token
  RETURNING account, token`;

const RENEW = `
  UPDATE account_leases lease SET expires_at = clock_timestamp() + $4 * interval '1 millisecond'
  FROM unnest($1::text[], $2::bigint[]) AS ours (account, token)
  WHERE lease.account = ours.account AND lease.token = ours.token AND lease.owner = $3 AND lease.expires_at > clock_timestamp()
  RETURNING lease.account, lease.token`;

const RELEASE = `
  UPDATE account_leases lease SET expires_at = clock_timestamp()
  FROM unnest($1::text[], $2::bigint[]) AS ours (account, token)
  WHERE lease.account = ours.account AND lease.token = ours.token AND lease.owner = $3`;

const HOLDERS = `
  SELECT account, owner, owner_url, token, expires_at > clock_timestamp() AS is_alive
  FROM account_leases WHERE account = ANY($1::text[])`;

/** Leases in Postgres, whose clock alone says when one has run out. */
export class SqlLeaseStore extends LeaseStore {
  constructor(private readonly database: Database) {
    super();
  }

  async acquire(requests: readonly LeaseRequest[], owner: string, url: string | null, ttlMs: number): Promise<readonly Lease[]> {
    try {
      return await this.acquireTogether(requests, owner, url, ttlMs);
    } catch (error) {
      if (requests.length === 1 || !isTransient(error)) throw error;
    }
    // One account whose gate is held up must not keep the others from being taken.
    const taken: Lease[] = [];
    for (const request of requests) {
      try {
        taken.push(...(await this.acquireTogether([request], owner, url, ttlMs)));
      } catch (error) {
        if (!isTransient(error)) throw error;
      }
    }
    return taken;
  }

  async renew(leases: readonly Lease[], owner: string, ttlMs: number): Promise<readonly Lease[]> {
    const { rows } = await this.database.query<LeaseRow>('leases.renew', RENEW, [...columnsOf(leases), owner, ttlMs]);
    return rows.map(leaseOf);
  }

  async release(leases: readonly Lease[], owner: string): Promise<void> {
    await this.database.query('leases.release', RELEASE, [...columnsOf(leases), owner]);
  }

  async holders(accounts: readonly string[]): Promise<readonly HolderRow[]> {
    const { rows } = await this.database.query<OwnerRow>('leases.holders', HOLDERS, [accounts]);
    return rows.map((row) => ({ ...leaseOf(row), owner: row.owner, url: row.owner_url, isAlive: row.is_alive }));
  }

  private acquireTogether(requests: readonly LeaseRequest[], owner: string, url: string | null, ttlMs: number): Promise<readonly Lease[]> {
    const values = [requests.map(({ account }) => account), requests.map(({ venue }) => venue), owner, url, ttlMs];
    return this.database.transaction(async (tx) => {
      await tx.query('leases.be-brief', BE_BRIEF);
      await tx.query('leases.hold-switches', HOLD_SWITCHES);
      const { rows } = await tx.query<LeaseRow>('leases.acquire', ACQUIRE, values);
      return rows.map(leaseOf);
    });
  }
}

function columnsOf(leases: readonly Lease[]): [accounts: string[], tokens: number[]] {
  return [leases.map(({ account }) => account), leases.map(({ token }) => token)];
}

function leaseOf({ account, token }: LeaseRow): Lease {
  return { account, token: Number.parseInt(token, 10) };
}
