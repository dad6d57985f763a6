import { Global, Inject, Injectable, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { dataSourceOptions, type DataSourceInput } from './connection/data-source.js';
import { BatchDatabase, Database } from './connection/database.js';
import { createPool, PooledDatabase } from './connection/pooled-database.js';

const INPUT = Symbol('DatabaseInput');
/** Two batches of beginnings and one of later events are under way at most, and one more for what is asked between. */
const BATCH_POOL_MAX = 4;

export type DatabaseModuleOptions = DataSourceInput & {
  /** Connections of the TypeORM pool, beside the `poolMax` of the `Database` pool. Default 4. */
  readonly ormPoolMax?: number;
};

export interface DatabaseModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: (...dependencies: never[]) => DatabaseModuleOptions | Promise<DatabaseModuleOptions>;
}

/** Closes the pool after everything that may still write has shut down. */
@Injectable()
class DatabaseShutdown implements OnApplicationShutdown {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(BatchDatabase) private readonly batches: BatchDatabase,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.database.end(), this.batches.end()]);
  }
}

/**
 * Global. Provides TypeORM's `DataSource` (and `TypeOrmModule.forFeature`), and `Database` for hot SQL. Fails the start of
 * the application when the database cannot be reached; closes both pools in `onApplicationShutdown`.
 */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot(options: DatabaseModuleOptions): DynamicModule {
    return DatabaseModule.forRootAsync({ useFactory: () => options });
  }

  static forRootAsync(options: DatabaseModuleAsyncOptions): DynamicModule {
    const input: FactoryProvider = {
      provide: INPUT,
      useFactory: options.useFactory as FactoryProvider['useFactory'],
      inject: options.inject ?? [],
    };
    const imports = options.imports ?? [];
    return {
      module: DatabaseModule,
      imports: [
        ...imports,
        TypeOrmModule.forRootAsync({
          imports,
          extraProviders: [input],
          inject: [INPUT],
          useFactory: (given: DatabaseModuleOptions) => ({
            ...dataSourceOptions({ ...given, poolMax: given.ormPoolMax ?? 4 }),
            retryAttempts: 1,
          }),
        }),
      ],
      providers: [
        input,
        { provide: Database, useFactory: (given: DatabaseModuleOptions) => new PooledDatabase(createPool(given)), inject: [INPUT] },
        {
          provide: BatchDatabase,
          useFactory: (given: DatabaseModuleOptions) =>
            new PooledDatabase(createPool({ ...given, poolMax: BATCH_POOL_MAX, plans: 'generic' })),
          inject: [INPUT],
        },
        DatabaseShutdown,
      ],
      exports: [Database, BatchDatabase],
    };
  }
}
