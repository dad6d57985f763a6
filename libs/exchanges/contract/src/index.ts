export * from './account-events.js';
export * from './capabilities.js';
export * from './commands.js';
export * from './exchange-directory.js';
export * from './exchange.js';
export * from './venue-error.js';
