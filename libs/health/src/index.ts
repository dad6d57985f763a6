export { DatabaseCheck, DatabaseProbe, FRESH_MS, PING_AGAIN_MS, PING_EVERY_MS, PING_TIMEOUT_MS } from './database-probe.js';
export { HealthModule } from './health.module.js';
export { ReadinessState, type Check, type CheckResult } from './readiness-state.js';
