import { PUBLIC_METADATA, SCOPES_METADATA, type Scope } from '#libs/http';

/** What a route declares: open to all, or the scopes it needs. `null`: it declares nothing, so nobody may. */
export type RouteAccess = { readonly kind: 'public' } | { readonly kind: 'scopes'; readonly scopes: readonly Scope[] } | null;

/** The handler's own declaration counts before that of its controller. */
export function readRouteAccess(controller: Function, handler: Function): RouteAccess {
  for (const target of [handler, controller]) {
    const scopes = Reflect.getMetadata(SCOPES_METADATA, target) as readonly Scope[] | undefined;
    if (scopes !== undefined && scopes.length > 0) return { kind: 'scopes', scopes };
    if (Reflect.getMetadata(PUBLIC_METADATA, target) === true) return { kind: 'public' };
  }
  return null;
}
