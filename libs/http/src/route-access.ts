import { SetMetadata, applyDecorators, type CustomDecorator } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';

/** What a key may do. A route names the one it needs. */
export const SCOPES = ['orders:read', 'orders:write', 'market:read', 'account:read', 'admin:read', 'admin:write'] as const;
export type Scope = (typeof SCOPES)[number];

export const SCOPES_METADATA = 'breakwater:scopes';
export const PUBLIC_METADATA = 'breakwater:public';

/** The scopes a key must have, all of them. A route with neither this nor `@Public()` stops the start-up. */
export function Scopes(...scopes: readonly [Scope, ...Scope[]]): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(SCOPES_METADATA, scopes), ApiBearerAuth('key'), ApiExtension('x-scopes', scopes));
}

/** No key needed: probes, metrics, API description. */
export function Public(): CustomDecorator {
  return SetMetadata(PUBLIC_METADATA, true);
}
