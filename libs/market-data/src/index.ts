export { MarketDataModule } from './market-data.module.js';
export { MarketReader } from './application/market-reader.js';
export { MicroCache } from './application/micro-cache.js';
export { bookResponse, tickerResponse, tradeResponse } from './http/market.response.js';
