import type { SimMarket } from '../../../exchange/types.js';
import { exchangeInfo } from '../formats/exchange-info.js';
import { aggregateTradeJson, depthJson, klineJson, tradeJson } from '../formats/market-json.js';
import { text8 } from '../formats/text.js';
import { candlesOf, requiredInterval } from '../intervals.js';
import type { Params } from '../params.js';
import { refusal } from '../refusal.js';
import { operation } from './operation.js';
import type { Operation, OperationCall } from './operation.js';

const TRADES_KEPT = 10_000;
const AVERAGE_MINUTES = 5;

function runExchangeInfo(call: OperationCall): string {
  const { context, params } = call;
  const one = context.symbols.optional(params);
  const list = context.symbols.list(params);
  const status = params.text('symbolStatus');
  if ((one !== null && list !== null) || (status !== null && (one !== null || list !== null))) throw refusal('combination');
  if (params.has('permissions') && (one !== null || list !== null)) throw refusal('combination');
  let markets: readonly SimMarket[] = one !== null ? [one] : (list ?? context.symbols.markets);
  if (status !== null && status !== 'TRADING') markets = [];
  if (!namesSpot(params.text('permissions'))) markets = [];
  return JSON.stringify(exchangeInfo(context, markets));
}

/** `SPOT` or `["SPOT","MARGIN"]`; nothing asked for is everything. */
function namesSpot(permissions: string | null): boolean {
  return permissions === null || /(^|["[,])SPOT($|["\],])/.test(permissions);
}

function runDepth(call: OperationCall): string {
  const market = call.context.symbols.required(call.params);
  return depthJson(call.context.exchange.depth(market.symbol, call.params.limit(100, 5_000)));
}

function depthWeight(params: Params): number {
  const limit = params.limit(100, 5_000);
  if (limit <= 100) return 5;
  if (limit <= 500) return 25;
  return limit <= 1_000 ? 50 : 250;
}

function runTrades(call: OperationCall): string {
  const market = call.context.symbols.required(call.params);
  const trades = call.context.exchange.recentTrades(market.symbol, call.params.limit(500, 1_000));
  return `[${trades.map(tradeJson).join(',')}]`;
}

function runHistoricalTrades(call: OperationCall): string {
  const { params, context } = call;
  const market = context.symbols.required(params);
  const limit = params.limit(500, 1_000);
  const fromId = params.integer('fromId');
  if (fromId === null) return `[${context.exchange.recentTrades(market.symbol, limit).map(tradeJson).join(',')}]`;
  const trades = context.exchange.recentTrades(market.symbol, TRADES_KEPT).filter(({ tradeId }) => tradeId >= fromId);
  return `[${trades.slice(0, limit).map(tradeJson).join(',')}]`;
}

function runAggregateTrades(call: OperationCall): string {
  const { params, context } = call;
  const market = context.symbols.required(params);
  const fromId = params.integer('fromId');
  const startMs = params.timeMs('startTime');
  const endMs = params.timeMs('endTime');
  const limit = params.limit(500, 1_000);
  if (fromId !== null && (startMs !== null || endMs !== null)) throw refusal('combination');
  const trades = context.aggregateTrades
    .of(market.symbol)
    .filter(
      (trade) =>
        (fromId === null || trade.id >= fromId) && (startMs === null || trade.atMs >= startMs) && (endMs === null || trade.atMs <= endMs),
    );
  const page = fromId !== null || startMs !== null ? trades.slice(0, limit) : trades.slice(-limit);
  return `[${page.map(aggregateTradeJson).join(',')}]`;
}

function runKlines(call: OperationCall): string {
  const { params, context } = call;
  const market = context.symbols.required(params);
  const interval = requiredInterval(params);
  const startMs = params.timeMs('startTime');
  const endMs = params.timeMs('endTime');
  const limit = params.limit(500, 1_000);
  // Charts of this exchange are in UTC; another zone would only move the borders of days.
  params.matching('timeZone', /^[+-]?\d{1,2}(:\d{2})?$/, '^[+-]?[0-9]{1,2}(:[0-9]{2})?$');
  context.exchange.advance(context.world.clock.nowMs());
  const candles = candlesOf(context.exchange, market.symbol, interval, { startMs, endMs, limit });
  return `[${candles.map((candle) => klineJson(candle, interval.nextOpen(candle.openTimeMs) - 1)).join(',')}]`;
}

function runAveragePrice(call: OperationCall): string {
  const market = call.context.symbols.required(call.params);
  const price = call.context.exchange.averagePrice(market.symbol, AVERAGE_MINUTES, call.context.world.clock.nowMs());
  return `{"mins":${AVERAGE_MINUTES},"price":"${text8(price)}","closeTime":${call.nowMs}}`;
}

const KLINE_PARAMS = ['symbol', 'interval', 'startTime', 'endTime', 'timeZone', 'limit'];

export const MARKET_OPERATIONS: readonly Operation[] = [
  operation({ method: 'ping', route: 'GET /api/v3/ping', weight: 1, run: () => '{}' }),
  operation({ method: 'time', route: 'GET /api/v3/time', weight: 1, run: (call) => `{"serverTime":${call.nowMs}}` }),
  operation({
    method: 'exchangeInfo',
    route: 'GET /api/v3/exchangeInfo',
    weight: 20,
    params: ['symbol', 'symbols', 'permissions', 'showPermissionSets', 'symbolStatus'],
    run: runExchangeInfo,
  }),
  operation({
    method: 'depth',
    route: 'GET /api/v3/depth',
    weight: depthWeight,
    params: ['symbol', 'limit', 'symbolStatus'],
    run: runDepth,
  }),
  operation({ method: 'trades.recent', route: 'GET /api/v3/trades', weight: 25, params: ['symbol', 'limit'], run: runTrades }),
  operation({
    method: 'trades.historical',
    route: 'GET /api/v3/historicalTrades',
    weight: 25,
    params: ['symbol', 'limit', 'fromId'],
    run: runHistoricalTrades,
  }),
  operation({
    method: 'trades.aggregate',
    route: 'GET /api/v3/aggTrades',
    weight: 4,
    params: ['symbol', 'fromId', 'startTime', 'endTime', 'limit'],
    run: runAggregateTrades,
  }),
  operation({ method: 'klines', route: 'GET /api/v3/klines', weight: 2, params: KLINE_PARAMS, run: runKlines }),
  operation({ method: 'uiKlines', route: 'GET /api/v3/uiKlines', weight: 2, params: KLINE_PARAMS, run: runKlines }),
  operation({ method: 'avgPrice', route: 'GET /api/v3/avgPrice', weight: 2, params: ['symbol'], run: runAveragePrice }),
];
