import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One run that ended, also one that failed: written once. */
@Entity({ name: 'reconciliation_runs' })
@Check(
  'reconciliation_runs_cause_check',
  `(cause = ANY (ARRAY['start'::text, 'reconnect'::text, 'schedule'::text, 'demand'::text, 'daily'::text]))`,
)
@Check('reconciliation_runs_outcome_check', `(outcome = ANY (ARRAY['agreed'::text, 'waiting'::text, 'differs'::text, 'failed'::text]))`)
@Index('reconciliation_runs_account_id_idx', ['account', 'id'])
export class ReconciliationRunEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'reconciliation_runs_pkey' })
  id!: string;

  @Column({ type: 'text' })
  account!: string;

  @Column({ type: 'text' })
  cause!: string;

  @Column({ type: 'timestamptz', name: 'started_at' })
  startedAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at' })
  finishedAt!: Date;

  @Column({ type: 'text' })
  outcome!: string;

  @Column({ type: 'jsonb' })
  counts!: Record<string, unknown>;
}
