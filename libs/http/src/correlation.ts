import { AsyncLocalStorage } from 'node:async_hooks';
import { UuidV7Source } from '#libs/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const ACCEPTED = /^[\w.:-]{1,64}$/;
const ids = new UuidV7Source();
const storage = new AsyncLocalStorage<RequestContext>();
const CONTEXT = Symbol('breakwater.context');

interface RequestContext {
  readonly correlationId: string;
}

interface WithContext {
  [CONTEXT]?: RequestContext;
}

/** The correlation id of the work going on now; `null` outside of a request and of `runWithCorrelation`. */
export function currentCorrelationId(): string | null {
  return storage.getStore()?.correlationId ?? null;
}

/** Runs work that no request started (a timer, a stream event, a resolver) under a correlation id of its own or a remembered one. */
export function runWithCorrelation<T>(correlationId: string | null, work: () => T): T {
  return storage.run({ correlationId: correlationId ?? ids.uuid() }, work);
}

/** The id of a request, also where the context was lost or never made (errors before the first hook). */
export function correlationIdOf(request: object): string {
  const holder = request as WithContext;
  return (holder[CONTEXT] ??= { correlationId: currentCorrelationId() ?? ids.uuid() }).correlationId;
}

/**
 * Takes `X-Correlation-Id` or makes one, returns it, and runs the rest of the request in its context.
 * The body of a request arrives outside of that context, so it is entered again before validation.
 */
export function installCorrelation(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request, reply, done) => {
    const context = contextFor(request);
    reply.header('X-Correlation-Id', context.correlationId);
    storage.run(context, done);
  });
  instance.addHook('preValidation', (request, _reply, done) => {
    const context = (request as WithContext)[CONTEXT];
    if (context === undefined || storage.getStore() === context) done();
    else storage.run(context, done);
  });
}

function contextFor(request: FastifyRequest): RequestContext {
  const offered = request.headers['x-correlation-id'];
  const correlationId = typeof offered === 'string' && ACCEPTED.test(offered) ? offered : ids.uuid();
  return ((request as WithContext)[CONTEXT] = { correlationId });
}
