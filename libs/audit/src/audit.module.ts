import { Global, Module } from '@nestjs/common';
import { AuditReader } from './application/audit-reader.js';
import { AuditTrail } from './application/audit-trail.js';
import { AuditController } from './http/audit.controller.js';
import { SqlAuditReader } from './persistence/sql-audit-reader.js';

/** Global, because everything that changes something records it. Needs `Database`. */
@Global()
@Module({
  controllers: [AuditController],
  providers: [AuditTrail, { provide: AuditReader, useClass: SqlAuditReader }],
  exports: [AuditTrail, AuditReader],
})
export class AuditModule {}
