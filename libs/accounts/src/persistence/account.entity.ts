import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'accounts' })
@Check('accounts_environment_check', `(environment = ANY (ARRAY['sandbox'::text, 'live'::text]))`)
@Check('accounts_name_check', `(name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'::text)`)
export class AccountEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'accounts_pkey' })
  name!: string;

  @Column({ type: 'text' })
  venue!: string;

  @Column({ type: 'text' })
  environment!: string;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
