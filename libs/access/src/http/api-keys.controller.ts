import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ProblemException,
  Problems,
  SCOPES,
  Scopes,
  apiOk,
  currentCorrelationId,
  decodeCursor,
  nameSchema,
  pageFrom,
  pageOf,
  pageQuery,
  timeOut,
  timeSchema,
  uuidSchema,
  type Page,
} from '#libs/http';
import { timeText } from '#libs/kernel';
import { z } from 'zod';
import { ApiKeysService } from '../application/api-keys.service.js';
import type { StoredApiKey } from '../application/api-key-store.js';
import { isAddressOrRange } from '../application/address-list.js';
import { mayUseAccount, missingScope, type AuthenticatedKey } from '../application/api-key.js';
import { CurrentKey } from './api-key.guard.js';

const LIST_MAX = 100;

const addressSchema = z.string().refine(isAddressOrRange, { error: 'must be an IPv4 or IPv6 address or CIDR range' });

const newKeySchema = z.strictObject({
  name: z.string().min(1).max(100),
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  accounts: z.array(nameSchema).max(LIST_MAX).nullable().default(null).meta({ description: 'Accounts it may use; null is all of them.' }),
  allowedAddresses: z.array(addressSchema).max(LIST_MAX).default([]).meta({ description: 'Where it may come from; none is anywhere.' }),
  expiresAt: timeSchema.nullable().default(null),
});

const listSchema = z.strictObject(pageQuery);
const positionSchema = z.strictObject({ id: z.uuid() });

const apiKeyOut = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    accounts: z.array(z.string()).nullable(),
    allowedAddresses: z.array(z.string()),
    expiresAt: timeOut.nullable(),
    createdAt: timeOut,
    createdBy: z.string(),
    revokedAt: timeOut.nullable(),
  })
  .meta({ id: 'ApiKey' });

const issuedKeyOut = apiKeyOut
  .extend({ key: z.string().meta({ description: 'The key itself. This is the only time it is shown.' }) })
  .meta({ id: 'IssuedApiKey' });

@ApiTags('admin')
@Controller('/v1/admin/api-keys')
export class ApiKeysController {
  constructor(@Inject(ApiKeysService) private readonly keys: ApiKeysService) {}

  /** Keys, newest first, revoked ones too. Secrets are never read back. */
  @Get()
  @Scopes('admin:read')
  @ApiOperation({ summary: 'API keys, newest first, revoked ones too; secrets are never read back' })
  @apiOk(pageOf(apiKeyOut))
  async list(@Query({ schema: listSchema }) query: z.output<typeof listSchema>): Promise<Page<unknown>> {
    const beforeId = query.cursor === undefined ? undefined : decodeCursor(query.cursor, positionSchema).id;
    const rows = await this.keys.list(beforeId, query.limit + 1);
    return pageFrom(rows, query.limit, (row) => ({ id: row.id }), toResponse);
  }

  /** Issues a key. Nobody can give a scope or an account that his own key does not have. */
  @Post()
  @Scopes('admin:write')
  @ApiOperation({ summary: 'Issue an API key; it is shown in this answer only' })
  @apiOk(issuedKeyOut, 201, 'The key: shown once')
  async issue(
    @Body({ schema: newKeySchema }) body: z.output<typeof newKeySchema>,
    @CurrentKey() current: AuthenticatedKey,
  ): Promise<unknown> {
    assertMayGive(current, body);
    const { expiresAt, ...wanted } = body;
    const { key, token } = await this.keys.issue({ ...wanted, expiresAtMs: expiresAt }, `key:${current.id}`, currentCorrelationId());
    return { ...toResponse(key), key: token };
  }

  /** Revokes a key: it is refused from now on. */
  @Delete(':id')
  @Scopes('admin:write')
  @ApiOperation({ summary: 'Revoke an API key; it is refused from now on' })
  @Problems('api-key-not-found')
  @apiOk(apiKeyOut)
  async revoke(@Param('id', { schema: uuidSchema }) id: string, @CurrentKey() current: AuthenticatedKey): Promise<unknown> {
    const revoked = await this.keys.revoke(id, `key:${current.id}`, currentCorrelationId());
    if (revoked === null) throw new ProblemException('api-key-not-found', 'there is no such key, or it is revoked already');
    return toResponse(revoked);
  }
}

function assertMayGive(current: AuthenticatedKey, wanted: z.output<typeof newKeySchema>): void {
  const scope = missingScope(current, wanted.scopes);
  if (scope !== null) throw new ProblemException('forbidden', `your key lacks the scope ${scope}, so it cannot give it`);
  if (current.accounts === null) return;
  const beyond = wanted.accounts === null || !wanted.accounts.every((account) => mayUseAccount(current, account));
  if (beyond) throw new ProblemException('forbidden', 'your key is bound to accounts, so it can only give keys for those');
}

function toResponse(key: StoredApiKey): z.input<typeof apiKeyOut> {
  return {
    id: key.id,
    name: key.name,
    scopes: [...key.scopes],
    accounts: key.accounts === null ? null : [...key.accounts],
    allowedAddresses: [...key.allowedAddresses],
    expiresAt: key.expiresAtMs === null ? null : timeText(key.expiresAtMs),
    createdAt: timeText(key.createdAtMs),
    createdBy: key.createdBy,
    revokedAt: key.revokedAtMs === null ? null : timeText(key.revokedAtMs),
  };
}
