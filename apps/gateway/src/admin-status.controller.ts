import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ExchangeDirectory } from '#libs/exchanges/contract';
import { ReadinessState } from '#libs/health';
import { Scopes, apiOk } from '#libs/http';
import { Clock, timeText } from '#libs/kernel';
import { KillSwitches, killSwitchView } from '#libs/kill-switch';
import { AccountLeases } from '#libs/leases';
import { AccountKeeper, AccountSessions, LiveOrders, OrderJournal, Resolver } from '#libs/orders';
import { Settings } from '#libs/settings';
import { ReconciliationGlance } from './reconciliation-glance.js';

/** The whole state at a glance. */
@ApiTags('admin')
@Controller('/v1/admin/status')
export class AdminStatusController {
  constructor(
    @Inject(Settings) private readonly settings: Settings,
    @Inject(ReadinessState) private readonly readiness: ReadinessState,
    @Inject(ExchangeDirectory) private readonly exchanges: ExchangeDirectory,
    @Inject(AccountKeeper) private readonly keeper: AccountKeeper,
    @Inject(AccountLeases) private readonly leases: AccountLeases,
    @Inject(KillSwitches) private readonly killSwitches: KillSwitches,
    @Inject(AccountSessions) private readonly sessions: AccountSessions,
    @Inject(LiveOrders) private readonly live: LiveOrders,
    @Inject(Resolver) private readonly resolver: Resolver,
    @Inject(OrderJournal) private readonly journal: OrderJournal,
    @Inject(ReconciliationGlance) private readonly books: ReconciliationGlance,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get()
  @Scopes('admin:read')
  @ApiOperation({ summary: 'The whole state at a glance' })
  @apiOk(z.record(z.string(), z.unknown()))
  async status(): Promise<Record<string, unknown>> {
    const open = this.live.open(null);
    return {
      at: timeText(this.clock.nowMs()),
      environment: this.settings.environment,
      mode: this.readiness.draining ? 'draining' : this.readiness.started ? 'full' : 'starting',
      venues: this.exchanges.all().map((exchange) => exchange.status()),
      accounts: this.sessions
        .all()
        .map(({ name, exchange, stream, caughtUp }) => ({ account: name, venue: exchange.id, stream, caughtUp })),
      leases: this.keeper.accounts().map((account) => this.leaseOf(account)),
      killSwitches: this.killSwitches.lastSeen().map(killSwitchView),
      orders: {
        open: open.length,
        unknown: open.filter((order) => order.state.status === 'unknown').length,
        beingResolved: this.resolver.size(),
      },
      journal: { backlog: this.journal.backlog() },
      reconciliation: await this.books.read(),
    };
  }

  /** `token` only where the account is ours; `holder` is null while nobody has it. */
  private leaseOf(account: string): Record<string, unknown> {
    const holder = this.leases.holder(account);
    return {
      account,
      holder: holder?.owner ?? null,
      url: holder?.url ?? null,
      isOurs: holder?.isOurs ?? false,
      ready: this.keeper.isReady(account),
      token: this.leases.current(account)?.token ?? null,
    };
  }
}
