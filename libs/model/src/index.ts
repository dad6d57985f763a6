export * from './instrument.js';
export * from './market.js';
export * from './order-terms.js';
export * from './venue-report.js';
