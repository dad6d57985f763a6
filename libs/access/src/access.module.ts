import { Global, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { ApiKeyStore } from './application/api-key-store.js';
import { ApiKeysService } from './application/api-keys.service.js';
import { DenialLog } from './application/denial-log.js';
import { FirstAdminKey } from './application/first-admin-key.js';
import { KeyRing } from './application/key-ring.js';
import { ApiKeyGuard } from './http/api-key.guard.js';
import { ApiKeysController } from './http/api-keys.controller.js';
import { ClosedRoutesCheck } from './http/closed-routes.check.js';
import { SqlApiKeyStore } from './persistence/sql-api-key-store.js';

/** Global. Closes every route that is not declared open. Needs `Database` and `AuditModule`. */
@Global()
@Module({
  imports: [DiscoveryModule],
  controllers: [ApiKeysController],
  providers: [
    { provide: ApiKeyStore, useClass: SqlApiKeyStore },
    KeyRing,
    ApiKeysService,
    FirstAdminKey,
    DenialLog,
    ClosedRoutesCheck,
    { provide: APP_GUARD, useClass: ApiKeyGuard },
  ],
  exports: [KeyRing, ApiKeysService, FirstAdminKey, DenialLog],
})
export class AccessModule {}
