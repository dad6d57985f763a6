import type { JsonValue } from '#libs/audit';
import { Database } from '#libs/database';
import { timeText } from '#libs/kernel';
import { RunStore } from '../application/run-store.js';
import type { Run, RunCause, RunOutcome } from '../application/run-store.js';

interface RunRow {
  readonly id: string;
  readonly account: string;
  readonly cause: RunCause;
  readonly started_at: Date;
  readonly finished_at: Date;
  readonly outcome: RunOutcome;
  readonly counts: Record<string, JsonValue>;
}

const ADD = `
  INSERT INTO reconciliation_runs (id, account, cause, started_at, finished_at, outcome, counts) VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT DO NOTHING`;

const LAST = `
  SELECT * FROM reconciliation_runs WHERE ($1::text[] IS NULL OR account = ANY ($1)) ORDER BY id DESC LIMIT $2`;

export class SqlRunStore extends RunStore {
  constructor(private readonly database: Database) {
    super();
  }

  async add(run: Run): Promise<void> {
    const times = [timeText(run.startedAtMs), timeText(run.finishedAtMs)];
    const values = [run.id, run.account, run.cause, ...times, run.outcome, JSON.stringify(run.counts)];
    await this.database.query('reconciliation-runs.add', ADD, values);
  }

  async last(accounts: readonly string[] | null, limit: number): Promise<readonly Run[]> {
    const { rows } = await this.database.query<RunRow>('reconciliation-runs.last', LAST, [accounts, limit]);
    return rows.map((row) => ({
      id: row.id,
      account: row.account,
      cause: row.cause,
      startedAtMs: row.started_at.getTime(),
      finishedAtMs: row.finished_at.getTime(),
      outcome: row.outcome,
      counts: row.counts,
    }));
  }
}
