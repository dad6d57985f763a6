import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Logger } from 'pino';
import { AccessModule, ApiKeyEntity } from '#libs/access';
import { ACCOUNT_ENTITIES, AccountsModule } from '#libs/accounts';
import { AuditEventEntity, AuditModule } from '#libs/audit';
import { DatabaseModule } from '#libs/database';
import { HealthModule } from '#libs/health';
import { HttpModule } from '#libs/http';
import { IdSource } from '#libs/kernel';
import { KillSwitchEntity, KillSwitchModule } from '#libs/kill-switch';
import { AccountLeaseEntity, LeasesModule } from '#libs/leases';
import { MarketDataModule } from '#libs/market-data';
import { LoggingModule, MetricsModule } from '#libs/observability';
import { ORDER_ENTITIES, OrdersModule } from '#libs/orders';
import { RECONCILIATION_ENTITIES, ReconciliationModule } from '#libs/reconciliation';
import { ClusterSecretEntity, ReplicasModule } from '#libs/replicas';
import { SettingsModule } from '#libs/settings';
import type { Settings } from '#libs/settings';
import { StreamModule } from '#libs/stream';
import { AdminStatusController } from './admin-status.controller.js';
import { DemoAccounts } from './demo-accounts.js';
import { AccountStatusModule, PortsModule } from './ports.module.js';
import { ReplicaMetrics } from './replica-metrics.js';
import { handOnDeadlineMs, leaseOptions } from './replica.js';
import { ReconciliationGlance } from './reconciliation-glance.js';
import { ReconciliationPortsModule, ReconciliationStart } from './reconciliation.js';
import { StartUp } from './start-up.js';

/** Every table's entity: the drift check compares them with what the migrations built. */
export const ENTITIES = [
  AuditEventEntity,
  ApiKeyEntity,
  ...ACCOUNT_ENTITIES,
  AccountLeaseEntity,
  ClusterSecretEntity,
  KillSwitchEntity,
  ...ORDER_ENTITIES,
  ...RECONCILIATION_ENTITIES,
];

export interface AppOptions {
  readonly settings: Settings;
  readonly databaseUrl: string;
  readonly logger: Logger;
  readonly version: string;
}

/** The whole gateway: a list. */
@Module({})
export class AppModule {
  static forRoot({ settings, databaseUrl, logger, version }: AppOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.forRoot(settings),
        LoggingModule.forLogger(logger),
        MetricsModule.forRoot({ version, process: true }),
        DatabaseModule.forRoot({
          url: databaseUrl,
          poolMax: settings.database.poolMax,
          statementTimeoutMs: settings.database.statementTimeoutMs,
          lockTimeoutMs: settings.database.lockTimeoutMs,
          applicationName: 'breakwater-gateway',
          entities: ENTITIES,
          onIdleError: (error) => logger.warn({ error: error.message }, 'idle database connection lost'),
        }),
        HttpModule,
        AuditModule,
        AccessModule,
        HealthModule,
        PortsModule,
        LeasesModule.forRootAsync({
          inject: [IdSource, HttpAdapterHost],
          useFactory: (ids: IdSource, host: HttpAdapterHost) => leaseOptions(settings, ids, host),
        }),
        ReplicasModule.forRoot({ deadlineMs: handOnDeadlineMs(settings) }),
        AccountsModule,
        OrdersModule,
        AccountStatusModule,
        ReconciliationPortsModule,
        ReconciliationModule,
        KillSwitchModule,
        MarketDataModule,
        StreamModule.forRoot({ allowedOrigins: settings.stream.allowedOrigins }),
      ],
      controllers: [AdminStatusController],
      providers: [DemoAccounts, ReconciliationGlance, ReconciliationStart, ReplicaMetrics, StartUp],
    };
  }
}
