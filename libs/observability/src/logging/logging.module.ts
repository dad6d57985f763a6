import { Module, type DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';
import { RequestLog, ROOT_LOGGER } from './request-log.js';
import { createRootLogger, type LoggingOptions } from './root-logger.js';

/**
 * nestjs-pino over our root logger, and one line per request. In `main.ts`: `app.useLogger(app.get(Logger))` with `Logger` of this lib.
 * No middleware: the context of a line comes from the correlation of the HTTP lib, and request lines from a Fastify hook.
 */
@Module({})
export class LoggingModule {
  static forRoot(options: LoggingOptions): DynamicModule {
    return LoggingModule.forLogger(createRootLogger(options));
  }

  /** With a logger that was needed before the application existed. */
  static forLogger(logger: Logger): DynamicModule {
    return {
      module: LoggingModule,
      global: true,
      imports: [LoggerModule.forRoot({ pinoHttp: { logger, autoLogging: false }, forRoutes: [] })],
      providers: [{ provide: ROOT_LOGGER, useValue: logger }, RequestLog],
      exports: [ROOT_LOGGER, LoggerModule],
    };
  }
}
