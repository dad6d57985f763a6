import { Inject, Injectable, Optional, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { correlationIdOf } from '#libs/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Level, Logger } from 'pino';
import { Metrics } from '../metrics/metrics.js';

/** The pino logger that everything is written through. */
export const ROOT_LOGGER = Symbol('root logger');

/** Routes that are called so often, and fail so rarely, that a line for each success would only cost. */
const QUIET = new Set(['POST /v1/orders', 'GET /health/live', 'GET /health/ready', 'GET /health/startup', 'GET /metrics']);

/** One line and one measurement per request, written when the answer has left. */
@Injectable()
export class RequestLog implements OnModuleInit {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(ROOT_LOGGER) private readonly logger: Logger,
    @Optional() @Inject(Metrics) private readonly metrics: Metrics | null = null,
  ) {}

  onModuleInit(): void {
    const instance = this.host.httpAdapter?.getInstance() as FastifyInstance | undefined;
    instance?.addHook('onResponse', (request, reply, done) => {
      this.observe(request, reply);
      done();
    });
  }

  private observe(request: FastifyRequest, reply: FastifyReply): void {
    const route = request.routeOptions.url ?? 'unmatched';
    const { method } = request;
    const { statusCode } = reply;
    const durationMs = reply.elapsedTime;
    this.metrics?.httpRequest(method, route, statusCode, durationMs / 1_000);
    const level = levelOf(`${method} ${route}`, statusCode);
    if (!this.logger.isLevelEnabled(level)) return;
    this.logger[level](
      { method, route, status: statusCode, durationMs: Math.round(durationMs * 1_000) / 1_000, correlationId: correlationIdOf(request) },
      'request',
    );
  }
}

/** The address of a request is never logged, only its route: a query can hold what people should not have put there. */
function levelOf(route: string, status: number): Level {
  if (status >= 500) return 'warn';
  return status < 400 && QUIET.has(route) ? 'debug' : 'info';
}
