import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** What every permit reads under a share lock: the newest fencing token of the account, and whether a kill switch holds it. */
@Entity({ name: 'account_gates' })
@Check('account_gates_token_check', '(token >= 0)')
export class AccountGateEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'account_gates_pkey' })
  account!: string;

  @Column({ type: 'text' })
  venue!: string;

  @Column({ type: 'bigint' })
  token!: string;

  @Column({ type: 'boolean' })
  halted!: boolean;
}
