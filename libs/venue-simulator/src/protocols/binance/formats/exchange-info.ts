import type { SimMarket } from '../../../exchange/types.js';
import type { BinanceContext } from '../context.js';
import { decimalText } from '#libs/kernel';
import { text8 } from './text.js';

const ORDER_TYPES = ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'];
const STP_MODES = ['EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT'];
export const MAX_NUM_ALGO_ORDERS = 5;
export const ICEBERG_PARTS = 100;
export const MAX_NUM_ORDER_AMENDS = 10;

/** The whole of `exchangeInfo` for some markets. */
export function exchangeInfo(context: BinanceContext, markets: readonly SimMarket[]): object {
  return {
    timezone: 'UTC',
    serverTime: context.nowMs(),
    rateLimits: rateLimitRules(context),
    exchangeFilters: [],
    symbols: markets.map((market) => symbolInfo(context.symbols.text(market.symbol), market)),
  };
}

export function rateLimitRules(context: BinanceContext): readonly object[] {
  const { weight, raw, ordersTenSeconds, ordersDay } = context.limits.limits;
  return [
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weight },
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: ordersTenSeconds },
    { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: ordersDay },
    { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: raw },
  ];
}

function symbolInfo(symbol: string, market: SimMarket): object {
  return {
    symbol,
    status: 'TRADING',
    baseAsset: market.base,
    baseAssetPrecision: 8,
    quoteAsset: market.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ORDER_TYPES,
    icebergAllowed: true,
    ocoAllowed: false,
    otoAllowed: false,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: true,
    amendAllowed: true,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filtersOf(market),
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'EXPIRE_MAKER',
    allowedSelfTradePreventionModes: STP_MODES,
  };
}

/** The market's rules as Binance's filters. */
export function filtersOf(market: SimMarket): readonly object[] {
  return [
    { filterType: 'PRICE_FILTER', minPrice: text8(market.priceMin), maxPrice: text8(market.priceMax), tickSize: text8(market.priceTick) },
    { filterType: 'LOT_SIZE', minQty: text8(market.quantityMin), maxQty: text8(market.quantityMax), stepSize: text8(market.quantityStep) },
    { filterType: 'ICEBERG_PARTS', limit: ICEBERG_PARTS },
    { filterType: 'MARKET_LOT_SIZE', minQty: '0.00000000', maxQty: text8(market.marketQuantityMax), stepSize: '0.00000000' },
    {
      filterType: 'PERCENT_PRICE_BY_SIDE',
      bidMultiplierUp: decimalText(market.bandUp),
      bidMultiplierDown: decimalText(market.bandDown),
      askMultiplierUp: decimalText(market.bandUp),
      askMultiplierDown: decimalText(market.bandDown),
      avgPriceMins: 5,
    },
    {
      filterType: 'NOTIONAL',
      minNotional: text8(market.notionalMin),
      applyMinToMarket: true,
      maxNotional: text8(market.notionalMax),
      applyMaxToMarket: false,
      avgPriceMins: 5,
    },
    { filterType: 'MAX_NUM_ORDERS', maxNumOrders: market.openOrdersMax },
    { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: MAX_NUM_ALGO_ORDERS },
    { filterType: 'MAX_NUM_ORDER_AMENDS', maxNumOrderAmends: MAX_NUM_ORDER_AMENDS },
  ];
}
