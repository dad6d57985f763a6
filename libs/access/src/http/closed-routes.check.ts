import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { readRouteAccess } from './route-access-reader.js';

/** Nest's own name for the path of a route; it exports none. */
const PATH_METADATA = 'path';

/** Stops the start-up when a route declares neither `@Scopes` nor `@Public`: a forgotten declaration is found before a user finds it. */
@Injectable()
export class ClosedRoutesCheck implements OnModuleInit {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    const closed = this.discovery
      .getControllers()
      .flatMap(({ metatype }) => (metatype instanceof Function ? this.closedRoutes(metatype) : []));
    if (closed.length > 0) throw new Error(`routes without @Scopes(…) or @Public(): ${closed.join(', ')}`);
  }

  private closedRoutes(controller: Function): string[] {
    const prototype = controller.prototype as Record<string, unknown>;
    return this.scanner
      .getAllMethodNames(prototype)
      .filter((name) => {
        const handler = prototype[name] as Function;
        return Reflect.hasMetadata(PATH_METADATA, handler) && readRouteAccess(controller, handler) === null;
      })
      .map((name) => `${controller.name}.${name}`);
  }
}
