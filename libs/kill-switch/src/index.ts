export { KillSwitchEntity } from './persistence/kill-switch.entity.js';
