import { Inject, Injectable, Optional } from '@nestjs/common';
import { Database, type Statements } from '#libs/database';
import { Clock, IdSource, SystemClock, UuidV7Source } from '#libs/kernel';
import { auditColumns, auditInsertText, auditRow, type AuditEventInput, type AuditRow } from './audit-event.js';

const INSERT = auditInsertText();

/** Writes the trail. Whoever changes something gives its own transaction, so that change and record stand or fall together. */
@Injectable()
export class AuditTrail {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Optional() @Inject(Clock) private readonly clock: Clock = new SystemClock(),
    @Optional() @Inject(IdSource) private readonly ids: IdSource = new UuidV7Source(),
  ) {}

  /** Rows for a journal that inserts them itself. */
  rows(events: readonly AuditEventInput[]): readonly AuditRow[] {
    return events.map((event) => auditRow(event, this.ids.uuid(), this.clock.nowMs()));
  }

  /**
   * Inserts events.
   * @param statements the transaction of what is recorded; left out only where nothing is changed (a refusal, a start).
   * @throws {DatabaseUnavailableError} when no answer came.
   */
  async record(events: readonly AuditEventInput[], statements: Statements = this.database): Promise<readonly AuditRow[]> {
    const rows = this.rows(events);
    if (rows.length > 0) await statements.query('audit.insert', INSERT, auditColumns(rows));
    return rows;
  }
}
