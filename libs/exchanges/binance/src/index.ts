export * from './market-stream/index.js';
