import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { CurrentKey, accountsOf, mayUseAccount } from '#libs/access';
import type { AuthenticatedKey } from '#libs/access';
import { AccountStore } from '#libs/accounts';
import { AuditTrail } from '#libs/audit';
import { ProblemException, Problems, Scopes, apiOk, currentCorrelationId, decodeCursor, pageFrom } from '#libs/http';
import { Clock } from '#libs/kernel';
import { DiscrepancyStore } from '../application/discrepancy-store.js';
import { Reconciler } from '../application/reconciler.js';
import { RunStore } from '../application/run-store.js';
import {
  accountBody,
  discrepanciesOut,
  discrepanciesQuery,
  discrepancyPosition,
  discrepancyResponse,
  runOut,
  runResponse,
} from './reconciliation.schemas.js';

/** How many of the last runs stand beside the discrepancies. */
const RUNS_SHOWN = 20;
const RETRY_MS = 2_000;

@ApiTags('admin')
@Controller('/v1/admin')
export class ReconciliationController {
  constructor(
    @Inject(Reconciler) private readonly reconciler: Reconciler,
    @Inject(DiscrepancyStore) private readonly discrepancies: DiscrepancyStore,
    @Inject(RunStore) private readonly runs: RunStore,
    @Inject(AccountStore) private readonly accounts: AccountStore,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Looks at orders, fills and balances of one account now. A run that failed is an answer too: its outcome says so. */
  @Post('reconcile')
  @HttpCode(200)
  @Scopes('admin:write')
  @ApiOperation({ summary: 'Reconcile an account with its venue now', description: 'Answers the run, also one that failed.' })
  @apiOk(runOut)
  @Problems('account-not-found', 'not-ready', 'database-unavailable')
  async reconcile(
    @Body({ schema: accountBody }) { account }: z.output<typeof accountBody>,
    @CurrentKey() key: AuthenticatedKey,
  ): Promise<unknown> {
    if (!mayUseAccount(key, account) || (await this.accounts.find(account)) === null)
      throw new ProblemException('account-not-found', `there is no account ${account}`);
    const subject = { kind: 'account', id: account };
    const actor = `key:${key.id}`;
    await this.audit.record([{ type: 'reconcile.requested', actor, account, subject, correlationId: currentCorrelationId() }]);
    const run = await this.reconciler.runNow(account, 'demand');
    if (run === null)
      throw new ProblemException('not-ready', `this replica does not hold ${account} now; ask again`, { retryAfterMs: RETRY_MS });
    return runResponse(run);
  }

  @Get('reconciliations')
  @Scopes('admin:read')
  @ApiOperation({ summary: 'What reconciliation found, newest first, and its last runs' })
  @apiOk(discrepanciesOut)
  @Problems('invalid-request', 'database-unavailable')
  async list(
    @Query({ schema: discrepanciesQuery }) query: z.output<typeof discrepanciesQuery>,
    @CurrentKey() key: AuthenticatedKey,
  ): Promise<unknown> {
    const { limit, cursor, account, state, kind } = query;
    if (account !== undefined && !mayUseAccount(key, account))
      throw new ProblemException('forbidden', `this key may not use the account ${account}`);
    const accounts = account === undefined ? accountsOf(key) : [account];
    const before = cursor === undefined ? null : decodeCursor(cursor, discrepancyPosition).id;
    const [rows, runs] = await Promise.all([
      this.discrepancies.list({ accounts, state: state ?? null, kind: kind ?? null, before, limit: limit + 1 }),
      this.runs.last(accounts, RUNS_SHOWN),
    ]);
    const nowMs = this.clock.nowMs();
    const page = pageFrom(
      rows,
      limit,
      ({ id }) => ({ id }),
      (found) => discrepancyResponse(found, nowMs),
    );
    return { ...page, runs: runs.map(runResponse) };
  }
}
