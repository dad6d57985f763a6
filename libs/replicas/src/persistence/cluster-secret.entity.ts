import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What the replicas of one database know and nobody else does. */
@Entity({ name: 'cluster_secrets' })
export class ClusterSecretEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'cluster_secrets_pkey' })
  name!: string;

  @Column({ type: 'bytea' })
  secret!: Buffer;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
