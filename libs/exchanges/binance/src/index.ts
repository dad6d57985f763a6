export { BinanceAccount, type CancelReplaceAnswer } from './binance.account.js';
export {
  BinanceExchange, createBinanceExchange, type BinanceExchangeOptions, type MarketBooks, type MarketBooksPorts,
} from './binance.exchange.js';
export { BINANCE_CAPABILITIES } from './domain/capabilities.js';
export { roundDownToStep } from './domain/filters.js';
export { SymbolTable } from './domain/symbol.js';
export * from './rest/parse.js';
export * from './rest/parse-market.js';
export * from './market-stream/index.js';
export { errorFromAnswer, errorFromCode, venueCodeOf, type CallKind } from './rest/errors.js';
export { amendForm, cancelQuery, cancelReplaceForm, orderQuery, placeForm, type PlaceExtras } from './rest/requests.js';
export { UnreadableAnswer } from './rest/responses.js';
export { createSigner, encodeParams, messagePayload, UnusableSecret, type Params, type Signer } from './rest/sign.js';
export * from './stream/messages.js';
export { parseAccountEvent, parseExecutionReport } from './stream/parse.js';
