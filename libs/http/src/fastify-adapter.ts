import type { Socket } from 'node:net';
import { FastifyAdapter, RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { installCorrelation, correlationIdOf } from './correlation.js';
import { DrainState, installDrain } from './drain.js';
import { PROBLEMS, problemType, type ProblemCode } from './problem-codes.js';
import { sendProblem, toProblem } from './problem-filter.js';

/** Largest body, bytes, of a route that does not say otherwise with `@BodyLimit`. */
export const BODY_LIMIT_BYTES = 64 * 1024;
export const BATCH_BODY_LIMIT_BYTES = 256 * 1024;

/** While closing, how often connections that have become idle are looked for, ms. */
const IDLE_SWEEP_MS = 50;

export interface HttpAdapterOptions {
  readonly bodyLimitBytes?: number;
  /** How long an idle connection is kept, ms. Short, because closing waits for it. */
  readonly keepAliveTimeoutMs?: number;
  /** How long a request may take to arrive in full, ms. */
  readonly requestTimeoutMs?: number;
  /** How long an idle socket without a request is kept, ms. */
  readonly connectionTimeoutMs?: number;
  readonly drain?: DrainState;
}

/** Our Fastify behind Nest: JSON bodies only, problems for everything that goes wrong, correlation, draining. */
export class HttpAdapter extends FastifyAdapter {
  readonly drain: DrainState;

  constructor(options: HttpAdapterOptions = {}) {
    super({
      bodyLimit: options.bodyLimitBytes ?? BODY_LIMIT_BYTES,
      keepAliveTimeout: options.keepAliveTimeoutMs ?? 5_000,
      requestTimeout: options.requestTimeoutMs ?? 30_000,
      connectionTimeout: options.connectionTimeoutMs ?? 0,
      // Our own hook answers while closing, as a problem; Fastify still adds `connection: close`.
      return503OnClosing: false,
      forceCloseConnections: 'idle',
      trustProxy: false,
      logger: false,
      onProtoPoisoning: 'error',
      onConstructorPoisoning: 'error',
      exposeHeadRoutes: true,
      routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
      // No middleware anywhere: without middie each request saves a round trip through it.
      skipMiddie: true,
      multipart: false,
      frameworkErrors: answerFrameworkError,
      clientErrorHandler: answerClientError,
    });
    this.drain = options.drain ?? new DrainState();
    const instance = this.getInstance() as unknown as FastifyInstance;
    installJsonParser(instance);
    installCorrelation(instance);
    installDrain(instance, this.drain);
    instance.addHook('onRoute', (route) => {
      const limit = (route.config as { bodyLimit?: number } | undefined)?.bodyLimit;
      if (limit !== undefined) route.bodyLimit = limit;
    });
  }

  /** A connection whose last answer was under way when closing began is idle only later: it is closed then, and not kept for its time-out. */
  override async close(): Promise<void> {
    const sweep = setInterval(() => this.getInstance().server.closeIdleConnections(), IDLE_SWEEP_MS);
    try {
      await super.close();
    } finally {
      clearInterval(sweep);
    }
  }

  /** Nest would add a parser for HTML forms and replace Fastify's JSON parser: we want neither. */
  override registerParserMiddleware(): void {}
}

/** JSON and nothing else. Many clients send a content type with an empty DELETE: that is no body, and no error. */
function installJsonParser(instance: FastifyInstance): void {
  const parse = instance.getDefaultJsonParser('error', 'error');
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '' && request.method === 'DELETE') done(null, undefined);
    else void parse(request, body as string, done);
  });
}

/** Takes larger (or only smaller) bodies on one route, bytes. */
export function BodyLimit(bytes: number): MethodDecorator {
  return RouteConfig({ bodyLimit: bytes });
}

export function createFastifyAdapter(options: HttpAdapterOptions = {}): HttpAdapter {
  return new HttpAdapter(options);
}

function answerFrameworkError(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(request, reply, toProblem(error));
}

const RAW_STATUS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['request-timeout', 'Request Timeout'],
  HPE_HEADER_OVERFLOW: ['headers-too-large', 'Request Header Fields Too Large'],
};

/** Bytes that never became a request: there is no reply object, only the socket. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [code, reason] = RAW_STATUS[error.code ?? ''] ?? ['invalid-request', 'Bad Request'];
  const { status, title } = PROBLEMS[code];
  const correlationId = correlationIdOf({});
  const detail = 'this was not an HTTP request that the gateway can read';
  const body = JSON.stringify({ type: problemType(code), title, status, detail, code, correlationId });
  if (socket.writable) {
    const head = `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/problem+json\r\nX-Correlation-Id: ${correlationId}`;
    socket.write(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
  }
  socket.destroy();
}
