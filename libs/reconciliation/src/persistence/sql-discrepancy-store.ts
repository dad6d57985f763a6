import type { JsonValue } from '#libs/audit';
import { Database } from '#libs/database';
import { IdSource, timeText } from '#libs/kernel';
import { DiscrepancyStore } from '../application/discrepancy-store.js';
import type { Closing, Discrepancy, DiscrepancyFilter, DiscrepancyState, Sighting } from '../application/discrepancy-store.js';

interface DiscrepancyRow {
  readonly id: string;
  readonly account: string;
  readonly kind: string;
  readonly subject: string;
  readonly state: DiscrepancyState;
  readonly detail: Record<string, JsonValue>;
  readonly first_seen_at: Date;
  readonly last_seen_at: Date;
  readonly seen_count: number;
  readonly closed_at: Date | null;
  readonly repair: string | null;
}

const SEE = `
  INSERT INTO discrepancies (id, account, kind, subject, state, detail, first_seen_at, last_seen_at, seen_count)
  VALUES ($1, $2, $3, $4, 'open', $5, $6, $6, 1)
  ON CONFLICT (account, kind, subject) WHERE state = 'open'
  DO UPDATE SET detail = excluded.detail, last_seen_at = excluded.last_seen_at, seen_count = discrepancies.seen_count + 1
  RETURNING *`;

const CLOSE = `
  UPDATE discrepancies SET state = $4, repair = $5, closed_at = $6
  WHERE account = $1 AND kind = $2 AND subject = ANY ($3) AND state = 'open'`;

const LIST = `
  SELECT * FROM discrepancies
  WHERE ($1::text[] IS NULL OR account = ANY ($1)) AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR kind = $3)
    AND ($4::uuid IS NULL OR id < $4)
  ORDER BY id DESC LIMIT $5`;

/** Discrepancies in Postgres. A partial unique index decides that only one is open. */
export class SqlDiscrepancyStore extends DiscrepancyStore {
  constructor(
    private readonly database: Database,
    private readonly ids: IdSource,
  ) {
    super();
  }

  async see({ account, kind, subject, detail }: Sighting, atMs: number): Promise<Discrepancy> {
    const values = [this.ids.uuid(), account, kind, subject, JSON.stringify(detail), timeText(atMs)];
    const { rows } = await this.database.query<DiscrepancyRow>('discrepancies.see', SEE, values);
    return discrepancyFrom(rows[0]!);
  }

  async close(account: string, kind: string, subjects: readonly string[], closing: Closing): Promise<number> {
    if (subjects.length === 0) return 0;
    const values = [account, kind, subjects, closing.state, closing.repair, timeText(closing.atMs)];
    return (await this.database.query('discrepancies.close', CLOSE, values)).rowCount;
  }

  async openOf(account: string): Promise<readonly Discrepancy[]> {
    const { rows } = await this.database.query<DiscrepancyRow>(
      'discrepancies.open',
      `SELECT * FROM discrepancies WHERE account = $1 AND state = 'open' ORDER BY id`,
      [account],
    );
    return rows.map(discrepancyFrom);
  }

  async countOpen(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.database.query<{ kind: string; n: string }>(
      'discrepancies.count-open',
      `SELECT kind, count(*) AS n FROM discrepancies WHERE state = 'open' GROUP BY kind`,
    );
    return new Map(rows.map(({ kind, n }) => [kind, Number.parseInt(n, 10)]));
  }

  async list({ accounts, state, kind, before, limit }: DiscrepancyFilter): Promise<readonly Discrepancy[]> {
    const { rows } = await this.database.query<DiscrepancyRow>('discrepancies.list', LIST, [accounts, state, kind, before, limit]);
    return rows.map(discrepancyFrom);
  }
}

function discrepancyFrom(row: DiscrepancyRow): Discrepancy {
  return {
    id: row.id,
    account: row.account,
    kind: row.kind,
    subject: row.subject,
    state: row.state,
    detail: row.detail,
    firstSeenAtMs: row.first_seen_at.getTime(),
    lastSeenAtMs: row.last_seen_at.getTime(),
    seenCount: row.seen_count,
    closedAtMs: row.closed_at?.getTime() ?? null,
    repair: row.repair,
  };
}
