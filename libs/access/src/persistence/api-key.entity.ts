import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** `api_keys` for TypeORM's eyes, so that the drift check sees the table. */
@Entity({ name: 'api_keys' })
@Check('api_keys_secret_hash_check', 'octet_length(secret_hash) = 32')
export class ApiKeyEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'api_keys_pkey' })
  id!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ name: 'secret_hash', type: 'bytea' })
  secretHash!: Buffer;

  @Column({ type: 'text', array: true })
  scopes!: string[];

  @Column({ type: 'text', array: true, nullable: true })
  accounts!: string[] | null;

  @Column({ name: 'allowed_addresses', type: 'text', array: true })
  allowedAddresses!: string[];

  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'created_by', type: 'text' })
  createdBy!: string;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;
}
