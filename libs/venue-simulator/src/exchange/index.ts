export * from './types.js';
export { type SimulatedExchangeOptions, SimulatedExchange, createSimulatedExchange } from './exchange.js';
export { defaultMarkets } from './default-markets.js';
export { DEFAULT_ACCOUNTS, type SimAccountPlan } from './default-accounts.js';
export { triggersOnRise } from './stop-book.js';
