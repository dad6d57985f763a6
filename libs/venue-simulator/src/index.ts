export * from './exchange/index.js';
export * from './faults/fault.js';
export { startSimulator } from './server/start-simulator.js';
export type { RunningSimulator, SimulatorOptions } from './server/start-simulator.js';
export type { RateLimitViolation, VenueProtocol } from './server/protocol.js';
export type { LimitsMode, SimulatorWorld } from './server/world.js';
