import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { SqlDatabaseCheck } from './persistence/database-check.js';
import { DatabaseCheck, DatabaseProbe } from './database-probe.js';
import { HealthController } from './health.controller.js';
import { ReadinessState } from './readiness-state.js';

/** Global, because others register their checks with `ReadinessState`. Needs `Database`. */
@Global()
@Module({
  imports: [TerminusModule.forRoot({ logger: false, gracefulShutdownTimeoutMs: 0 })],
  controllers: [HealthController],
  providers: [ReadinessState, DatabaseProbe, { provide: DatabaseCheck, useClass: SqlDatabaseCheck }],
  exports: [ReadinessState],
})
export class HealthModule {}
