import { Module, type INestApplication } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { ProblemFilter } from './problem-filter.js';
import { SchemaValidationPipe } from './validation.pipe.js';

@Module({
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useClass: SchemaValidationPipe },
  ],
})
export class HttpModule {}

/** Headers of every answer. Call before `init` or `listen`. */
export function configureHttp(app: INestApplication): void {
  const instance = app.getHttpAdapter().getInstance() as FastifyInstance;
  instance.addHook('onRequest', (_request, reply, done) => {
    reply.raw.setHeader('Cache-Control', 'no-store');
    done();
  });
  app.useSecurityHeaders({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"], 'base-uri': ["'none'"], 'form-action': ["'none'"] },
    },
  });
}
