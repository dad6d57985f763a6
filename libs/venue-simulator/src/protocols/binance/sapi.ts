import { text8 } from './formats/text.js';
import { accountOf, operation } from './operations/operation.js';
import type { Operation, OperationCall } from './operations/operation.js';

/**
 * The few `/sapi`, `/fapi` and `/dapi` routes that ordinary clients call around spot trading: enough for a stock ccxt `binance` with
 * only its hosts replaced. This exchange has spot markets only, so margin and futures answer with empty lists.
 */

function assets(call: OperationCall): readonly string[] {
  const names = call.context.symbols.markets.flatMap(({ base, quote }) => [base, quote]);
  return [...new Set(names)].sort();
}

function runCoins(call: OperationCall): string {
  const balances = new Map(call.context.exchange.balances(accountOf(call).name).map((balance) => [balance.asset, balance]));
  return JSON.stringify(
    assets(call).map((coin) => {
      const balance = balances.get(coin);
      return {
        coin,
        name: coin,
        depositAllEnable: true,
        withdrawAllEnable: true,
        trading: true,
        isLegalMoney: false,
        free: balance === undefined ? '0' : text8(balance.free),
        locked: balance === undefined ? '0' : text8(balance.locked),
        freeze: '0',
        withdrawing: '0',
        ipoing: '0',
        ipoable: '0',
        storage: '0',
        networkList: [
          {
            network: coin,
            coin,
            name: coin,
            isDefault: true,
            depositEnable: true,
            withdrawEnable: true,
            withdrawFee: '0',
            withdrawMin: '0',
            withdrawMax: '1000000',
            withdrawIntegerMultiple: '0.00000001',
            minConfirm: 1,
            unLockConfirm: 1,
            depositDesc: '',
            withdrawDesc: '',
            addressRegex: '',
            memoRegex: '',
            resetAddressStatus: false,
            sameAddress: false,
            estimatedArrivalTime: 1,
            busy: false,
          },
        ],
      };
    }),
  );
}

function runTradeFee(call: OperationCall): string {
  const { symbols } = call.context;
  const one = symbols.optional(call.params);
  const rows = (one === null ? symbols.markets : [one]).map((market) => ({
    symbol: symbols.text(market.symbol),
    makerCommission: text8(market.makerFee),
    takerCommission: text8(market.takerFee),
  }));
  return JSON.stringify(rows);
}

/** Futures venues behind the same address: no contracts there. */
function emptyContracts(call: OperationCall): string {
  return JSON.stringify({ timezone: 'UTC', serverTime: call.nowMs, rateLimits: [], exchangeFilters: [], assets: [], symbols: [] });
}

const EMPTY = (): string => '[]';

const OPERATIONS: readonly Operation[] = [
  operation({ route: 'GET /sapi/v1/capital/config/getall', security: 'signed', weight: 10, params: null, run: runCoins }),
  operation({ route: 'GET /sapi/v1/asset/tradeFee', security: 'signed', weight: 1, params: null, run: runTradeFee }),
  operation({ route: 'GET /sapi/v1/margin/allPairs', weight: 1, params: null, run: EMPTY }),
  operation({ route: 'GET /sapi/v1/margin/isolated/allPairs', security: 'signed', weight: 10, params: null, run: EMPTY }),
  operation({ route: 'GET /sapi/v1/margin/allAssets', weight: 1, params: null, run: EMPTY }),
  operation({ route: 'GET /sapi/v1/system/status', weight: 1, params: null, run: () => '{"status":0,"msg":"normal"}' }),
  operation({
    route: 'GET /sapi/v1/account/apiRestrictions',
    security: 'signed',
    weight: 1,
    params: null,
    run: () =>
      '{"ipRestrict":false,"enableReading":true,"enableSpotAndMarginTrading":true,"enableWithdrawals":false,"enableMargin":false,"enableFutures":false}',
  }),
  ...['/fapi/v1', '/dapi/v1', '/eapi/v1'].flatMap((base) => [
    operation({ route: `GET ${base}/exchangeInfo`, weight: 1, params: null, run: emptyContracts }),
    operation({ route: `GET ${base}/ping`, weight: 1, params: null, run: () => '{}' }),
    operation({ route: `GET ${base}/time`, weight: 1, params: null, run: (call) => `{"serverTime":${call.nowMs}}` }),
  ]),
];

export const SAPI_ROUTES: ReadonlyMap<string, Operation> = new Map(OPERATIONS.map((entry) => [entry.route ?? '', entry]));
