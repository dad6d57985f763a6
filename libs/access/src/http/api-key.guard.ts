import { Inject, Injectable, createParamDecorator, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ProblemException, currentCorrelationId, type ProblemCode } from '#libs/http';
import type { FastifyRequest } from 'fastify';
import { DenialLog } from '../application/denial-log.js';
import { KeyRing } from '../application/key-ring.js';
import { missingScope, type ApiKey, type AuthenticatedKey } from '../application/api-key.js';
import { readRouteAccess, type RouteAccess } from './route-access-reader.js';

const KEY = Symbol('breakwater.key');
const BEARER = /^Bearer +([^\s,]+)$/i;

interface WithKey {
  [KEY]?: ApiKey;
}

/** The key of this request: `{ id, name, scopes, accounts }`. Only on routes with `@Scopes`. */
export const CurrentKey = createParamDecorator((_: unknown, context: ExecutionContext): AuthenticatedKey => {
  const key = currentKeyOf(context.switchToHttp().getRequest<object>());
  if (key === null) throw new Error('@CurrentKey() on a route without @Scopes()');
  return key;
});

/** The same for code that holds the request itself. */
export function currentKeyOf(request: object): AuthenticatedKey | null {
  return (request as WithKey)[KEY] ?? null;
}

/** Global, and closed by default: a route that declares nothing is refused. Synchronous: it only looks into memory. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  private readonly routes = new WeakMap<Function, RouteAccess>();

  constructor(
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DenialLog) private readonly denials: DenialLog,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const access = this.accessOf(context);
    if (access?.kind === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest & WithKey>();
    if (access === null) throw this.refuse(request, 'route-closed', null, 'forbidden', 'this route is not open to anyone');
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) throw this.refuse(request, 'no-key', null, 'unauthenticated', 'send Authorization: Bearer <key>');
    const key = this.verified(request, token);
    const missing = missingScope(key, access.scopes);
    if (missing !== null) throw this.refuse(request, 'missing-scope', key.id, 'forbidden', `the key lacks the scope ${missing}`);
    request[KEY] = key;
    return true;
  }

  private verified(request: FastifyRequest, token: string): ApiKey {
    const verdict = this.ring.verify(token, request.ip);
    if (verdict.kind === 'known') return verdict.key;
    if (verdict.kind === 'not-known-now') {
      throw new ProblemException('database-unavailable', 'keys cannot be checked just now; nothing was done', { retryAfterMs: 1_000 });
    }
    if (verdict.reason === 'address-not-allowed') {
      throw this.refuse(request, verdict.reason, verdict.keyId, 'ip-blocked', 'the key may not be used from this address');
    }
    throw this.refuse(request, verdict.reason, verdict.keyId, 'unauthenticated', 'the key is not known, has expired or was revoked');
  }

  private refuse(request: FastifyRequest, reason: string, keyId: string | null, code: ProblemCode, detail: string): ProblemException {
    const route = request.routeOptions.url ?? 'unmatched';
    this.denials.note({ reason, keyId, address: request.ip, method: request.method, route, correlationId: currentCorrelationId() });
    return new ProblemException(
      code,
      detail,
      code === 'unauthenticated' ? { headers: { 'WWW-Authenticate': 'Bearer realm="breakwater"' } } : {},
    );
  }

  private accessOf(context: ExecutionContext): RouteAccess {
    const handler = context.getHandler();
    let access = this.routes.get(handler);
    if (access === undefined) this.routes.set(handler, (access = readRouteAccess(context.getClass(), handler)));
    return access;
  }
}
