import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CurrentKey, mayUseAccount } from '#libs/access';
import type { AuthenticatedKey } from '#libs/access';
import { ProblemException, Problems, Scopes, apiOk, decimalOut, pageOf, timeOut } from '#libs/http';
import { decimalText, timeText } from '#libs/kernel';
import { AccountRouting } from '#libs/replicas';
import { AccountStatus } from '../application/account-status.js';
import { AccountStore } from '../application/account.js';
import type { Account } from '../application/account.js';
import { BalanceBook } from '../application/balance-book.js';

const nameParam = z.strictObject({ name: z.string().max(64) });
const accountOut = z
  .object({
    name: z.string(),
    venue: z.string(),
    environment: z.enum(['sandbox', 'live']),
    stream: z.enum(['none', 'joining', 'live', 'lost']),
    createdAt: timeOut,
  })
  .meta({ id: 'Account' });
const balanceOut = z.object({ asset: z.string(), free: decimalOut, locked: decimalOut, total: decimalOut }).meta({ id: 'Balance' });

@ApiTags('accounts')
@Controller('/v1/accounts')
export class AccountsController {
  constructor(
    @Inject(AccountStore) private readonly store: AccountStore,
    @Inject(BalanceBook) private readonly balances: BalanceBook,
    @Inject(AccountStatus) private readonly status: AccountStatus,
    @Inject(AccountRouting) private readonly routing: AccountRouting,
  ) {}

  @Get()
  @Scopes('account:read')
  @ApiOperation({ summary: 'The accounts this key may use' })
  @apiOk(pageOf(accountOut))
  @Problems('database-unavailable')
  async list(@CurrentKey() key: AuthenticatedKey): Promise<unknown> {
    const accounts = (await this.store.all()).filter((account) => mayUseAccount(key, account.name));
    const data = accounts.map((account) => ({
      name: account.name,
      venue: account.venue,
      environment: account.environment,
      stream: this.status.stream(account.name),
      createdAt: timeText(account.createdAtMs),
    }));
    return { data, nextCursor: null };
  }

  @Get(':name/balances')
  @Scopes('account:read')
  @ApiOperation({ summary: 'What the account holds', description: 'As the venue last reported it; `asOf` says when.' })
  @apiOk(z.object({ account: z.string(), asOf: timeOut, data: z.array(balanceOut), nextCursor: z.null() }))
  @Problems('account-not-found', 'venue-unavailable', 'not-ready', 'unknown-outcome')
  async balancesOf(
    @Param({ schema: nameParam }) { name }: { name: string },
    @CurrentKey() key: AuthenticatedKey,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const account = await this.own(name, key);
    const elsewhere = await this.routing.relay(request, reply, account.name, true);
    if (elsewhere !== null) return elsewhere;
    const known = this.balances.get(account.name);
    if (known === null)
      throw new ProblemException('venue-unavailable', `${account.venue} has not reported the balances of ${account.name} yet`, {
        retryAfterMs: 2_000,
      });
    const data = known.balances
      .toSorted((a, b) => (a.asset < b.asset ? -1 : 1))
      .map(({ asset, free, locked }) => ({
        asset,
        free: decimalText(free),
        locked: decimalText(locked),
        total: decimalText(free.plus(locked)),
      }));
    return { account: account.name, asOf: timeText(known.asOfMs), data, nextCursor: null };
  }

  @Get(':name/positions')
  @Scopes('account:read')
  @ApiOperation({ summary: 'Open derivative positions', description: 'A spot account holds balances and no positions: the list is empty.' })
  @apiOk(z.object({ account: z.string(), data: z.array(z.unknown()), nextCursor: z.null() }))
  @Problems('account-not-found', 'not-ready', 'unknown-outcome')
  async positions(
    @Param({ schema: nameParam }) { name }: { name: string },
    @CurrentKey() key: AuthenticatedKey,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const account = await this.own(name, key);
    const elsewhere = await this.routing.relay(request, reply, account.name, true);
    if (elsewhere !== null) return elsewhere;
    return { account: account.name, data: [], nextCursor: null };
  }

  /** An account the key may not use is not there for it. */
  private async own(name: string, key: AuthenticatedKey): Promise<Account> {
    const account = mayUseAccount(key, name) ? await this.store.find(name) : null;
    if (account === null) throw new ProblemException('account-not-found', `there is no account ${name}`);
    return account;
  }
}
