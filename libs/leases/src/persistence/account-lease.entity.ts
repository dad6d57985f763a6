import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** Which replica owns an account, and until when. */
@Entity({ name: 'account_leases' })
@Check('account_leases_token_check', '(token > 0)')
export class AccountLeaseEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'account_leases_pkey' })
  account!: string;

  @Column({ type: 'text' })
  owner!: string;

  @Column({ type: 'text', name: 'owner_url', nullable: true })
  ownerUrl!: string | null;

  @Column({ type: 'bigint' })
  token!: string;

  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;

  @Column({ type: 'timestamptz', name: 'acquired_at' })
  acquiredAt!: Date;
}
