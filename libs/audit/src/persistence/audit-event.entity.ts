import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** `audit_events` for TypeORM's eyes, so that the drift check sees the table. Rows are written by `auditRow` and plain SQL. */
@Entity({ name: 'audit_events' })
@Check('audit_events_content_hash_check', 'octet_length(content_hash) = 32')
@Index('audit_events_type_id_idx', ['type', 'id'])
@Index('audit_events_actor_id_idx', ['actor', 'id'])
@Index('audit_events_at_idx', { synchronize: false })
export class AuditEventEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'audit_events_pkey' })
  id!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text' })
  type!: string;

  @Column({ type: 'text' })
  actor!: string;

  @Column({ type: 'text', nullable: true })
  account!: string | null;

  @Column({ name: 'subject_kind', type: 'text', nullable: true })
  subjectKind!: string | null;

  @Column({ name: 'subject_id', type: 'text', nullable: true })
  subjectId!: string | null;

  @Column({ name: 'correlation_id', type: 'text', nullable: true })
  correlationId!: string | null;

  @Column({ type: 'jsonb' })
  data!: unknown;

  @Column({ name: 'content_hash', type: 'bytea' })
  contentHash!: Buffer;
}
