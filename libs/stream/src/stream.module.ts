import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { MarketDataModule } from '#libs/market-data';
import { OrdersModule } from '#libs/orders';
import { AccountTails } from './application/account-tails.js';
import { Sources } from './application/sources.js';
import { StreamAccess } from './application/stream-access.js';
import { Topics } from './application/topics.js';
import { StreamController } from './http/stream.controller.js';
import { StreamOptions } from './stream-options.js';
import { StreamGateway } from './ws/stream.gateway.js';
import { StreamMetrics } from './ws/stream-metrics.js';
import { StreamServer } from './ws/stream-server.js';

/** `/v1/stream`. Needs `Clock`, `Scheduler`, access, accounts, health and metrics from global modules. */
@Module({})
export class StreamModule {
  static forRoot(options: StreamOptions): DynamicModule {
    return {
      module: StreamModule,
      imports: [MarketDataModule, OrdersModule],
      controllers: [StreamController],
      providers: [
        AccountTails,
        Sources,
        StreamAccess,
        StreamGateway,
        StreamMetrics,
        StreamServer,
        Topics,
        { provide: StreamOptions, useValue: options },
      ],
      exports: [StreamServer],
    };
  }
}
