import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { MetricsController } from './metrics.controller.js';
import { Metrics, type MetricsOptions } from './metrics.js';

/** Global. Provides `Metrics` and serves `/metrics`. */
@Module({})
export class MetricsModule implements OnApplicationShutdown {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  static forRoot(options: MetricsOptions = {}): DynamicModule {
    return {
      module: MetricsModule,
      global: true,
      controllers: [MetricsController],
      providers: [{ provide: Metrics, useFactory: () => new Metrics(options) }],
      exports: [Metrics],
    };
  }

  onApplicationShutdown(): void {
    this.metrics.close();
  }
}
