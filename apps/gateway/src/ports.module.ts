import path from 'node:path';
import { Global, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { AccountStatus, BalanceBook } from '#libs/accounts';
import { ExchangeDirectory } from '#libs/exchanges/contract';
import { Clock, IdSource, Scheduler, SystemClock, TimerScheduler, UuidV7Source } from '#libs/kernel';
import { OpenOrders } from '#libs/kill-switch';
import { LeaseLog } from '#libs/leases';
import { Metrics, ROOT_LOGGER } from '#libs/observability';
import {
  AccountKeeper,
  AccountSessions,
  BalanceSink,
  AccountAudit,
  BalanceWitness,
  CancelOrderService,
  CrashPoints,
  Incidents,
  LiveOrders,
  OrderLog,
  OrderMetrics,
  OrderSettings,
  OrdersModule,
} from '#libs/orders';
import { Settings } from '#libs/settings';
import { KeyFileVault, Vault } from '#libs/vault';
import { ConfiguredExchanges } from './exchanges.js';
import { crashPointsOf } from './fatal-crash-points.js';
import { EngineOpenOrders } from './open-orders.js';
import { ConfiguredOrderSettings, SessionAccountStatus, VenueLog } from './ports.js';
import { ReconciliationTies } from './reconciliation.js';

/** Connects the ports of the libs to each other. Global, so that no lib has to know who stands behind its port. */
@Global()
@Module({
  providers: [
    { provide: Clock, useClass: SystemClock },
    { provide: IdSource, useFactory: () => new UuidV7Source() },
    { provide: Scheduler, useClass: TimerScheduler },
    { provide: VenueLog, useFactory: (logger: Logger) => new VenueLog(logger), inject: [ROOT_LOGGER] },
    { provide: OrderLog, useExisting: VenueLog },
    { provide: LeaseLog, useExisting: VenueLog },
    { provide: OrderMetrics, useFactory: (metrics: Metrics) => metrics.orders, inject: [Metrics] },
    { provide: OrderSettings, useFactory: (settings: Settings) => new ConfiguredOrderSettings(settings), inject: [Settings] },
    { provide: BalanceSink, useExisting: BalanceBook },
    ReconciliationTies,
    { provide: BalanceWitness, useFactory: (ties: ReconciliationTies) => ties.witness, inject: [ReconciliationTies] },
    { provide: AccountAudit, useFactory: (ties: ReconciliationTies) => ties.audit, inject: [ReconciliationTies] },
    { provide: Incidents, useFactory: (ties: ReconciliationTies) => ties.incidents, inject: [ReconciliationTies] },
    { provide: CrashPoints, useFactory: (settings: Settings) => crashPointsOf(settings), inject: [Settings] },
    {
      provide: Vault,
      useFactory: (settings: Settings) => KeyFileVault.fromFile(path.join(settings.home, 'vault-key')),
      inject: [Settings],
    },
    {
      provide: ExchangeDirectory,
      useFactory: (settings: Settings, clock: Clock, logger: Logger) => new ConfiguredExchanges(settings, clock, logger),
      inject: [Settings, Clock, ROOT_LOGGER],
    },
  ],
  exports: [
    Clock,
    IdSource,
    Scheduler,
    VenueLog,
    OrderLog,
    LeaseLog,
    OrderMetrics,
    OrderSettings,
    BalanceSink,
    AccountAudit,
    BalanceWitness,
    Incidents,
    CrashPoints,
    ReconciliationTies,
    Vault,
    ExchangeDirectory,
  ],
})
export class PortsModule {}

/** Apart from the others, since it stands on the order engine itself. */
@Global()
@Module({
  imports: [OrdersModule],
  providers: [
    { provide: AccountStatus, useFactory: (sessions: AccountSessions) => new SessionAccountStatus(sessions), inject: [AccountSessions] },
    {
      provide: OpenOrders,
      useFactory: (keeper: AccountKeeper, sessions: AccountSessions, live: LiveOrders, cancels: CancelOrderService) =>
        new EngineOpenOrders(keeper, sessions, live, cancels),
      inject: [AccountKeeper, AccountSessions, LiveOrders, CancelOrderService],
    },
  ],
  exports: [AccountStatus, OpenOrders],
})
export class AccountStatusModule {}
