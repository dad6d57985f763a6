import { Body, Controller, Delete, Get, Inject, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CurrentKey } from '#libs/access';
import type { AuthenticatedKey } from '#libs/access';
import { AccountStore } from '#libs/accounts';
import { ExchangeDirectory } from '#libs/exchanges/contract';
import { ProblemException, Problems, Scopes, apiOk, currentCorrelationId, pageOf, timeOut } from '#libs/http';
import { timeText } from '#libs/kernel';
import { HeldUp } from '../application/kill-switch-store.js';
import type { Actor } from '../application/kill-switch-store.js';
import { KillSwitches } from '../application/kill-switches.js';
import { isKillScope, subjectOf } from '../domain/kill-switch.js';
import type { KillScope, KillSwitch } from '../domain/kill-switch.js';

const scopeSchema = z
  .string()
  .refine(isKillScope, { error: 'must be "all", "venue:<id>" or "account:<name>"' })
  .meta({ examples: ['all', 'venue:binance', 'account:binance-sim'] });

const engageSchema = z
  .strictObject({
    scope: scopeSchema,
    cancelOpenOrders: z.boolean().default(false),
    reason: z.string().min(1).max(500).optional(),
  })
  .meta({ id: 'KillSwitchRequest' });
const liftSchema = z.strictObject({ scope: scopeSchema.optional() });

const killSwitchOut = z
  .object({
    scope: z.string(),
    engagedAt: timeOut,
    engagedBy: z.string(),
    reason: z.string().nullable(),
    cancelOpenOrders: z.boolean(),
  })
  .meta({ id: 'KillSwitch' });

/** Stops new orders now; lifts that again. */
@ApiTags('admin')
@Controller('/v1/admin/kill-switch')
export class KillSwitchController {
  constructor(
    @Inject(KillSwitches) private readonly switches: KillSwitches,
    @Inject(AccountStore) private readonly accounts: AccountStore,
    @Inject(ExchangeDirectory) private readonly exchanges: ExchangeDirectory,
  ) {}

  @Get()
  @Scopes('admin:read')
  @ApiOperation({ summary: 'The kill switches that are engaged' })
  @apiOk(pageOf(killSwitchOut))
  @Problems('database-unavailable')
  async list(): Promise<unknown> {
    return { data: (await this.switches.all()).map(killSwitchView), nextCursor: null };
  }

  @Post()
  @Scopes('admin:write')
  @ApiOperation({
    summary: 'Stop new orders now',
    description:
      'When the answer is there, no new order and no amend in the scope can be sent by any replica. Cancels pass. With `cancelOpenOrders`, what is open is canceled, for as long as the switch is engaged.',
  })
  @apiOk(killSwitchOut, 201, 'The switch is engaged')
  @apiOk(killSwitchOut, 200, 'It was engaged already')
  @Problems('invalid-request', 'account-not-found', 'venue-not-found', 'database-unavailable')
  async engage(
    @Body({ schema: engageSchema }) body: z.output<typeof engageSchema>,
    @CurrentKey() key: AuthenticatedKey,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    guardScope(key, body.scope);
    await this.mustExist(body.scope);
    const request = { scope: body.scope, reason: body.reason ?? null, cancelOpenOrders: body.cancelOpenOrders };
    const { before, after } = await unlessHeldUp(
      this.switches.engage(request, actorOf(key)),
      'the switch could not be made good against what is under way: repeat until it is answered',
    );
    reply.status(before === null ? 201 : 200);
    return killSwitchView(after);
  }

  @Delete()
  @Scopes('admin:write')
  @ApiOperation({
    summary: 'Lift a kill switch',
    description: 'The scope stands in the query or in the body. Harmless where nothing was engaged.',
  })
  @apiOk(z.object({ lifted: killSwitchOut.nullable(), data: z.array(killSwitchOut) }), 200, 'What was lifted, and what is still engaged')
  @Problems('invalid-request', 'database-unavailable')
  async lift(
    @Query({ schema: liftSchema }) query: z.output<typeof liftSchema>,
    @Body({ schema: liftSchema.nullish() }) body: z.output<typeof liftSchema> | null | undefined,
    @CurrentKey() key: AuthenticatedKey,
  ): Promise<unknown> {
    const scope = query.scope ?? body?.scope;
    if (scope === undefined || (body?.scope !== undefined && body.scope !== scope))
      throw new ProblemException('invalid-request', 'give one scope, in the query or in the body');
    guardScope(key, scope);
    const lifted = await unlessHeldUp(this.switches.lift(scope, actorOf(key)), 'nothing was lifted: repeat');
    return { lifted: lifted === null ? null : killSwitchView(lifted), data: (await this.switches.all()).map(killSwitchView) };
  }

  /** A slip of the pen must not look like a stop. */
  private async mustExist(scope: KillScope): Promise<void> {
    const subject = subjectOf(scope);
    if (subject === null) return;
    if (subject.kind === 'account') {
      if ((await this.accounts.find(subject.name)) !== null) return;
      throw new ProblemException('account-not-found', `there is no account ${subject.name}; nothing was stopped`);
    }
    if (this.exchanges.find(subject.name) !== undefined) return;
    if ((await this.accounts.all()).some(({ venue }) => venue === subject.name)) return;
    throw new ProblemException('venue-not-found', `there is no venue ${subject.name}; nothing was stopped`);
  }
}

/** A switch as it goes out. */
export function killSwitchView(one: KillSwitch): z.output<typeof killSwitchOut> {
  const { scope, engagedAtMs, engagedBy, reason, cancelOpenOrders } = one;
  return { scope, engagedAt: timeText(engagedAtMs), engagedBy, reason, cancelOpenOrders };
}

function actorOf(key: AuthenticatedKey): Actor {
  return { name: `key:${key.id}`, correlationId: currentCorrelationId() };
}

function guardScope(key: AuthenticatedKey, scope: KillScope): void {
  if (key.accounts === null || key.accounts.some((account) => scope === `account:${account}`)) return;
  throw new ProblemException('forbidden', 'this key is bound to accounts, so it may stop and start those only');
}

async function unlessHeldUp<T>(work: Promise<T>, detail: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof HeldUp)) throw error;
    throw new ProblemException('database-unavailable', detail, { cause: error, retryAfterMs: 1_000 });
  }
}
