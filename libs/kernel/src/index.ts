export * from './clock.js';
export * from './decimal.js';
export * from './ids.js';
export * from './invariant.js';
export * from './result.js';
export * from './scheduler.js';
