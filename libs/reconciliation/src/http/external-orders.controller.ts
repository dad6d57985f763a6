import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { CurrentKey, mayUseAccount } from '#libs/access';
import type { AuthenticatedKey } from '#libs/access';
import { AccountStore } from '#libs/accounts';
import { ProblemException, Problems, Scopes, apiOk, decodeCursor, pageFrom, pageOf } from '#libs/http';
import { VenueRecords } from '../application/venue-records.js';
import {
  accountParam,
  externalOrderOut,
  externalOrderPosition,
  externalOrderResponse,
  externalOrdersQuery,
} from './reconciliation.schemas.js';

@ApiTags('accounts')
@Controller('/v1/accounts')
export class ExternalOrdersController {
  constructor(
    @Inject(VenueRecords) private readonly records: VenueRecords,
    @Inject(AccountStore) private readonly accounts: AccountStore,
  ) {}

  @Get(':name/external-orders')
  @Scopes('account:read')
  @ApiOperation({ summary: 'Orders at the venue, under our key, that others placed', description: 'Shown, never touched.' })
  @apiOk(pageOf(externalOrderOut))
  @Problems('account-not-found', 'invalid-request', 'database-unavailable')
  async list(
    @Param({ schema: accountParam }) { name }: z.output<typeof accountParam>,
    @Query({ schema: externalOrdersQuery }) { limit, cursor }: z.output<typeof externalOrdersQuery>,
    @CurrentKey() key: AuthenticatedKey,
  ): Promise<unknown> {
    if (!mayUseAccount(key, name) || (await this.accounts.find(name)) === null)
      throw new ProblemException('account-not-found', `there is no account ${name}`);
    const after = cursor === undefined ? null : decodeCursor(cursor, externalOrderPosition);
    const rows = await this.records.externals(name, after, limit + 1);
    return pageFrom(rows, limit, ({ symbol, venueOrderId }) => ({ symbol, venueOrderId }), externalOrderResponse);
  }
}
