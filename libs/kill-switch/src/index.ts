export { KillSwitches } from './application/kill-switches.js';
export { OpenOrders, type HeldAccount } from './application/open-orders.js';
export type { KillScope, KillSwitch } from './domain/kill-switch.js';
export { killSwitchView } from './http/kill-switch.controller.js';
export { KillSwitchModule } from './kill-switch.module.js';
export { KillSwitchEntity } from './persistence/kill-switch.entity.js';
