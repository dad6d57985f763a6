export * from './absence.js';
export * from './fold.js';
export * from './observe.js';
export * from './order-event.js';
export * from './order.js';
export * from './filters.js';
export * from './rebase.js';
export * from './capability-check.js';
