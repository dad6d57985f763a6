import type { SimFill, SimMarket } from '../../../exchange/types.js';
import { filtersOf } from '../formats/exchange-info.js';
import { accountTradeJson } from '../formats/order-json.js';
import { ZERO8, text8 } from '../formats/text.js';
import { refusal } from '../refusal.js';
import { accountOf, operation } from './operation.js';
import type { Operation, OperationCall } from './operation.js';
import { readDay } from './order-queries.js';

function runAccount(call: OperationCall): string {
  const { context, params } = call;
  const account = accountOf(call);
  const omitZero = params.boolean('omitZeroBalances') === true;
  const balances = context.exchange
    .balances(account.name)
    .map(({ asset, free, locked }) => ({ asset, free: text8(free), locked: text8(locked) }))
    .filter(({ free, locked }) => !omitZero || free !== ZERO8 || locked !== ZERO8);
  const [market] = context.symbols.markets;
  return JSON.stringify({
    makerCommission: market === undefined ? 0 : basisPoints(market.makerFee.toFixed()),
    takerCommission: market === undefined ? 0 : basisPoints(market.takerFee.toFixed()),
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: rates(market),
    canTrade: true,
    canWithdraw: true,
    canDeposit: true,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: call.nowMs,
    accountType: 'SPOT',
    balances,
    permissions: ['SPOT'],
    uid: context.exchange.accounts().findIndex(({ name }) => name === account.name) + 1,
  });
}

/** The old whole-number form of a fee, e.g. 10 for 0.1 %. */
function basisPoints(rate: string): number {
  const [whole = '0', fraction = ''] = rate.split('.');
  return Number.parseInt(whole + fraction.padEnd(4, '0').slice(0, 4), 10);
}

function rates(market: SimMarket | undefined): object {
  if (market === undefined) return { maker: ZERO8, taker: ZERO8, buyer: ZERO8, seller: ZERO8 };
  return { maker: text8(market.makerFee), taker: text8(market.takerFee), buyer: ZERO8, seller: ZERO8 };
}

function runCommission(call: OperationCall): string {
  const market = call.context.symbols.required(call.params);
  return JSON.stringify({
    symbol: call.context.symbols.text(market.symbol),
    standardCommission: rates(market),
    specialCommission: rates(undefined),
    taxCommission: rates(undefined),
    discount: { enabledForAccount: false, enabledForSymbol: false, discountAsset: 'BNB', discount: '0.75000000' },
  });
}

function runOrderLimits(call: OperationCall): string {
  const { limits } = call.context;
  const used = limits.ordersUsed(accountOf(call).name, call.nowMs);
  return JSON.stringify([
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: limits.limits.ordersTenSeconds, count: used.tenSeconds },
    { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: limits.limits.ordersDay, count: used.day },
  ]);
}

/** The combinations that the documentation lists; every other one is -1128. */
function runMyTrades(call: OperationCall): string {
  const { context, params } = call;
  const market = context.symbols.required(params);
  const orderId = params.integer('orderId');
  const fromId = params.integer('fromId');
  const { startMs, endMs } = readDay(call);
  const limit = params.limit(500, 1_000);
  const hasTimes = startMs !== null || endMs !== null;
  if (hasTimes && (orderId !== null || fromId !== null)) throw refusal('combination');
  const fills = context.exchange
    .fills(accountOf(call).name, market.symbol)
    .filter(
      (fill: SimFill) =>
        (orderId === null || fill.orderId === orderId) &&
        (fromId === null || fill.tradeId >= fromId) &&
        (startMs === null || fill.atMs >= startMs) &&
        (endMs === null || fill.atMs <= endMs),
    );
  const fromOldest = fromId !== null || startMs !== null;
  const page = fromOldest ? fills.slice(0, limit) : fills.slice(-limit);
  const symbol = context.symbols.text(market.symbol);
  return `[${page.map((fill) => accountTradeJson(symbol, fill)).join(',')}]`;
}

function runMyFilters(call: OperationCall): string {
  const market = call.context.symbols.required(call.params);
  return JSON.stringify({ exchangeFilters: [], symbolFilters: filtersOf(market), assetFilters: [] });
}

/** Matches that self-trade prevention stopped are visible in the orders; this exchange keeps no list of its own of them. */
function runPreventedMatches(call: OperationCall): string {
  call.context.symbols.required(call.params);
  const has = (name: string): boolean => call.params.integer(name) !== null;
  if (has('preventedMatchId') === has('orderId')) throw refusal('combination');
  return '[]';
}

export const ACCOUNT_OPERATIONS: readonly Operation[] = [
  operation({
    method: 'account.status',
    route: 'GET /api/v3/account',
    security: 'signed',
    weight: 20,
    params: ['omitZeroBalances'],
    run: runAccount,
  }),
  operation({
    method: 'account.commission',
    route: 'GET /api/v3/account/commission',
    security: 'signed',
    weight: 20,
    params: ['symbol'],
    run: runCommission,
  }),
  operation({
    method: 'account.rateLimits.orders',
    route: 'GET /api/v3/rateLimit/order',
    security: 'signed',
    weight: 40,
    run: runOrderLimits,
  }),
  operation({
    method: 'myTrades',
    route: 'GET /api/v3/myTrades',
    security: 'signed',
    weight: (params) => (params.has('orderId') ? 5 : 20),
    params: ['symbol', 'orderId', 'startTime', 'endTime', 'fromId', 'limit'],
    run: runMyTrades,
  }),
  operation({ method: 'myFilters', route: 'GET /api/v3/myFilters', security: 'signed', weight: 40, params: ['symbol'], run: runMyFilters }),
  operation({
    method: 'myPreventedMatches',
    route: 'GET /api/v3/myPreventedMatches',
    security: 'signed',
    weight: (params) => (params.has('orderId') ? 20 : 2),
    params: ['symbol', 'preventedMatchId', 'orderId', 'fromPreventedMatchId', 'limit'],
    run: runPreventedMatches,
  }),
];
