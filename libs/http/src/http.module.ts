import { Module, type INestApplication } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { ProblemFilter } from './problem-filter.js';
import { installSecurityHeaders } from './security-headers.js';
import { SchemaValidationPipe } from './validation.pipe.js';

@Module({
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useClass: SchemaValidationPipe },
  ],
})
export class HttpModule {}

/** What every answer carries. Call before `init` or `listen`, and before `setupOpenApi`, which relaxes it for its own pages. */
export function configureHttp(app: INestApplication): void {
  installSecurityHeaders(app.getHttpAdapter().getInstance() as FastifyInstance);
}
