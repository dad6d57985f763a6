import { Module } from '@nestjs/common';
import { KillSwitchStore } from './application/kill-switch-store.js';
import { KillSwitches } from './application/kill-switches.js';
import { KillSwitchController } from './http/kill-switch.controller.js';
import { SqlKillSwitchStore } from './persistence/sql-kill-switch-store.js';

/** The composition root provides, globally: `Database`, `AuditTrail`, `AccountStore`, `ExchangeDirectory`, `Clock`, `Scheduler`, `OpenOrders`. */
@Module({
  controllers: [KillSwitchController],
  providers: [KillSwitches, { provide: KillSwitchStore, useClass: SqlKillSwitchStore }],
  exports: [KillSwitches],
})
export class KillSwitchModule {}
