import { Global, Inject, Injectable, Module } from '@nestjs/common';
import type { DynamicModule, FactoryProvider, OnModuleDestroy } from '@nestjs/common';
import { Database } from '#libs/database';
import { Clock, Scheduler } from '#libs/kernel';
import { AccountLeases } from './application/account-leases.js';
import { LeaseKeeper } from './application/lease-keeper.js';
import type { LeaseOptions } from './application/lease-keeper.js';
import { LeaseLog } from './application/lease-log.js';
import { LeaseStore } from './application/lease-store.js';
import { SqlLeaseStore } from './persistence/sql-lease-store.js';

const OPTIONS = Symbol('LeaseOptions');

export interface LeasesModuleOptions {
  readonly inject: FactoryProvider['inject'];
  readonly useFactory: (...dependencies: never[]) => LeaseOptions;
}

/** Nobody else could take over what a process that stops forgets to give back. Harmless where that was done before. */
@Injectable()
class LeasesShutdown implements OnModuleDestroy {
  constructor(@Inject(AccountLeases) private readonly leases: AccountLeases) {}

  async onModuleDestroy(): Promise<void> {
    await this.leases.releaseAll();
  }
}

/** Global. Provides `AccountLeases`. The composition root provides `Clock`, `Scheduler`, `Database` and `LeaseLog`. */
@Global()
@Module({})
export class LeasesModule {
  static forRootAsync({ inject, useFactory }: LeasesModuleOptions): DynamicModule {
    return {
      module: LeasesModule,
      providers: [
        { provide: OPTIONS, useFactory: useFactory as FactoryProvider['useFactory'], inject: inject ?? [] },
        { provide: LeaseStore, useFactory: (database: Database) => new SqlLeaseStore(database), inject: [Database] },
        {
          provide: AccountLeases,
          useFactory: (store: LeaseStore, clock: Clock, scheduler: Scheduler, log: LeaseLog, options: LeaseOptions) =>
            new LeaseKeeper({ store, clock, scheduler, log }, options),
          inject: [LeaseStore, Clock, Scheduler, LeaseLog, OPTIONS],
        },
        LeasesShutdown,
      ],
      exports: [AccountLeases],
    };
  }
}
