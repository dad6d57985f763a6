/** Which events to list; newest first. */
export interface AuditQuery {
  readonly type?: string | undefined;
  readonly actor?: string | undefined;
  readonly account?: string | undefined;
  /** Inclusive, ms. */
  readonly fromMs?: number | undefined;
  /** Exclusive, ms. */
  readonly toMs?: number | undefined;
  /** Only events older than this id. */
  readonly beforeId?: string | undefined;
  readonly limit: number;
}

/** An event as it was recorded. */
export interface StoredAuditEvent {
  readonly id: string;
  readonly at: Date;
  readonly type: string;
  readonly actor: string;
  readonly account: string | null;
  readonly subjectKind: string | null;
  readonly subjectId: string | null;
  readonly correlationId: string | null;
  readonly data: unknown;
  readonly contentHash: Buffer;
}

/** Reads the trail. */
export abstract class AuditReader {
  abstract list(query: AuditQuery): Promise<readonly StoredAuditEvent[]>;
}
