import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CurrentKey, accountsOf, mayUseAccount } from '#libs/access';
import type { AuthenticatedKey } from '#libs/access';
import {
  ProblemException,
  Problems,
  Scopes,
  apiOk,
  decodeCursor,
  nameSchema,
  pageFrom,
  pageOf,
  pageQuery,
  symbolSchema,
  uuidSchema,
} from '#libs/http';
import type { Page } from '#libs/http';
import type { OrderId } from '#libs/kernel';
import { ReadOrdersService } from '../application/read-orders.service.js';
import { fillResponse } from './order.response.js';
import { fillOut } from './order.schemas.js';

const listSchema = z.strictObject({
  ...pageQuery,
  account: nameSchema.optional(),
  symbol: symbolSchema.optional(),
  orderId: uuidSchema.optional(),
});
const positionSchema = z.strictObject({ id: uuidSchema });

@ApiTags('orders')
@Controller('/v1/fills')
export class FillsController {
  constructor(@Inject(ReadOrdersService) private readonly reads: ReadOrdersService) {}

  @Get()
  @Scopes('orders:read')
  @ApiOperation({ summary: 'Fills, newest first, each once' })
  @apiOk(pageOf(fillOut))
  @Problems('invalid-request', 'database-unavailable')
  async list(
    @Query({ schema: listSchema }) query: z.output<typeof listSchema>,
    @CurrentKey() key: AuthenticatedKey,
  ): Promise<Page<z.output<typeof fillOut>>> {
    const { limit, cursor, account, symbol, orderId } = query;
    if (account !== undefined && !mayUseAccount(key, account))
      throw new ProblemException('forbidden', `this key may not use the account ${account}`);
    const before = cursor === undefined ? null : decodeCursor(cursor, positionSchema).id;
    const rows = await this.reads.fills({
      accounts: account === undefined ? accountsOf(key) : [account],
      symbol: symbol ?? null,
      orderId: (orderId as OrderId | undefined) ?? null,
      before,
      limit: limit + 1,
    });
    return pageFrom(rows, limit, (row) => ({ id: row.id }), fillResponse);
  }
}
