import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Problems, Scopes, apiOk, decodeCursor, pageFrom, pageOf, pageQuery, timeOut, timeSchema, type Page } from '#libs/http';
import { z } from 'zod';
import { AuditReader, type StoredAuditEvent } from '../application/audit-reader.js';

const textFilter = z.string().min(1).max(200).optional();

const querySchema = z.strictObject({
  ...pageQuery,
  type: textFilter,
  actor: textFilter,
  account: textFilter,
  from: timeSchema.optional(),
  to: timeSchema.optional(),
});

const auditEventOut = z
  .object({
    id: z.string(),
    at: timeOut,
    type: z.string(),
    actor: z.string(),
    account: z.string().nullable(),
    subject: z.object({ kind: z.string(), id: z.string() }).nullable(),
    correlationId: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
    contentHash: z.string().meta({ description: 'SHA-256 of the canonical JSON of the event, hexadecimal.' }),
  })
  .meta({ id: 'AuditEvent' });

const positionSchema = z.strictObject({ id: z.uuid() });

@ApiTags('admin')
@Controller('/v1/admin/audit')
export class AuditController {
  constructor(@Inject(AuditReader) private readonly reader: AuditReader) {}

  /** The trail, newest first. `from` is inclusive, `to` is not. */
  @Get()
  @Scopes('admin:read')
  @ApiOperation({ summary: 'The audit trail, newest first; `from` is inclusive, `to` is not' })
  @Problems('invalid-request')
  @apiOk(pageOf(auditEventOut))
  async list(@Query({ schema: querySchema }) query: z.output<typeof querySchema>): Promise<Page<unknown>> {
    const { limit, cursor, from, to, ...filters } = query;
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor, positionSchema).id;
    const rows = await this.reader.list({ ...filters, fromMs: from, toMs: to, beforeId, limit: limit + 1 });
    return pageFrom(rows, limit, (row) => ({ id: row.id }), toResponse);
  }
}

function toResponse(row: StoredAuditEvent): z.input<typeof auditEventOut> {
  return {
    id: row.id,
    at: row.at.toISOString(),
    type: row.type,
    actor: row.actor,
    account: row.account,
    subject: row.subjectKind === null || row.subjectId === null ? null : { kind: row.subjectKind, id: row.subjectId },
    correlationId: row.correlationId,
    data: row.data as Record<string, unknown>,
    contentHash: row.contentHash.toString('hex'),
  };
}
