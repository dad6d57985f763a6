export { AuditModule } from './audit.module.js';
export { AuditReader, type AuditQuery, type StoredAuditEvent } from './application/audit-reader.js';
export { AuditTrail } from './application/audit-trail.js';
export {
  AUDIT_COLUMNS,
  auditColumns,
  auditInsertText,
  auditRow,
  auditRowValues,
  contentText,
  type AuditEventInput,
  type AuditRow,
} from './application/audit-event.js';
export { canonicalJson, type JsonValue } from './domain/canonical-json.js';
export { AuditEventEntity } from './persistence/audit-event.entity.js';
