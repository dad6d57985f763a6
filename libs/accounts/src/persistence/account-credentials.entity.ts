import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { AccountEntity } from './account.entity.js';

/** Sealed credentials; a new version is a new row. */
@Entity({ name: 'account_credentials' })
export class AccountCredentialsEntity {
  @PrimaryColumn({ type: 'text', name: 'account', primaryKeyConstraintName: 'account_credentials_pkey' })
  accountName!: string;

  @ManyToOne(() => AccountEntity, { nullable: false })
  @JoinColumn({ name: 'account', foreignKeyConstraintName: 'account_credentials_account_fkey' })
  account?: AccountEntity;

  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'account_credentials_pkey' })
  version!: number;

  @Column({ type: 'bytea' })
  ciphertext!: Buffer;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
