import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One line of a posting. The lines of a posting sum to zero in each asset: the database refuses others. */
@Entity({ name: 'ledger_entries' })
@Check(
  'ledger_entries_book_check',
  `(book = ANY (ARRAY['holdings'::text, 'opening'::text, 'trading'::text, 'fees'::text, 'transfers'::text]))`,
)
@Check('ledger_entries_kind_check', `(kind = ANY (ARRAY['opening'::text, 'fill'::text, 'fee'::text, 'transfer'::text, 'void'::text]))`)
@Index('ledger_entries_account_at_idx', ['account', 'at'])
export class LedgerEntryEntity {
  @PrimaryColumn({ type: 'text', name: 'tx_id', primaryKeyConstraintName: 'ledger_entries_pkey' })
  txId!: string;

  @PrimaryColumn({ type: 'smallint', primaryKeyConstraintName: 'ledger_entries_pkey' })
  line!: number;

  @Column({ type: 'text' })
  account!: string;

  @Column({ type: 'text' })
  book!: string;

  @Column({ type: 'text' })
  asset!: string;

  @Column({ type: 'numeric' })
  amount!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'text' })
  reference!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text', nullable: true })
  reason!: string | null;
}

/** What an account should hold of an asset, free and locked together: the sum of its holdings entries, kept with them. */
@Entity({ name: 'ledger_totals' })
export class LedgerTotalEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'ledger_totals_pkey' })
  account!: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'ledger_totals_pkey' })
  asset!: string;

  @Column({ type: 'numeric' })
  total!: string;
}

/** Up to which fill an account is posted, and since when its ledger is open. Its row is held by whoever posts. */
@Entity({ name: 'ledger_heads' })
export class LedgerHeadEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'ledger_heads_pkey' })
  account!: string;

  @Column({ type: 'bigint', name: 'fill_seq' })
  fillSeq!: string;

  @Column({ type: 'timestamptz', name: 'opened_at', nullable: true })
  openedAt!: Date | null;
}
