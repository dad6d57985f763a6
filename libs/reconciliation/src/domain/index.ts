export * from './assets.js';
export * from './compare-balances.js';
export * from './compare-orders.js';
export * from './posting.js';
