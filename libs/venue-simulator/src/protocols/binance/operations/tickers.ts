import type { SimMarket } from '../../../exchange/types.js';
import { bestOf, dayTicker, windowOf, windowTicker } from '../formats/ticker-json.js';
import { text8 } from '../formats/text.js';
import { DAY_MS } from '../intervals.js';
import type { Params } from '../params.js';
import { invalidValue, missingEither, refusal } from '../refusal.js';
import { operation } from './operation.js';
import type { Operation, OperationCall } from './operation.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const CANDLES_MAX = 2_000;

/** One market gives an object; a list, or none named, gives an array. */
interface Choice {
  readonly markets: readonly SimMarket[];
  readonly single: boolean;
}

function chosen(call: OperationCall, isMandatory: boolean): Choice {
  const { symbols } = call.context;
  const one = symbols.optional(call.params);
  const list = symbols.list(call.params);
  if (one !== null && list !== null) throw refusal('combination');
  if (one !== null) return { markets: [one], single: true };
  if (list === null && isMandatory) throw missingEither('symbol', 'symbols');
  return { markets: list ?? symbols.markets, single: false };
}

function answer(choice: Choice, row: (market: SimMarket) => object): string {
  const rows = choice.markets.map(row);
  return JSON.stringify(choice.single ? rows[0] : rows);
}

function tickerType(params: Params): 'FULL' | 'MINI' {
  return params.choice('type', ['FULL', 'MINI']) ?? 'FULL';
}

function runDay(call: OperationCall): string {
  const { exchange, symbols, world } = call.context;
  const type = tickerType(call.params);
  return answer(chosen(call, false), ({ symbol }) =>
    dayTicker(symbols.text(symbol), exchange.stats24h(symbol, world.clock.nowMs()), exchange.depth(symbol, 1), type),
  );
}

function runTradingDay(call: OperationCall): string {
  const nowMs = call.context.world.clock.nowMs();
  const openMs = nowMs - (nowMs % DAY_MS);
  call.params.text('timeZone');
  return windowAnswer(call, openMs, openMs + DAY_MS - 1);
}

function runRolling(call: OperationCall): string {
  const nowMs = call.context.world.clock.nowMs();
  const lengthMs = windowLength(call.params.text('windowSize') ?? '1d');
  const openMs = nowMs - (nowMs % MINUTE_MS) - lengthMs + MINUTE_MS;
  return windowAnswer(call, openMs, nowMs);
}

function windowAnswer(call: OperationCall, openMs: number, closeMs: number): string {
  const { exchange, symbols, world } = call.context;
  const type = tickerType(call.params);
  const unitMs = closeMs - openMs > 2 * DAY_MS ? HOUR_MS : MINUTE_MS;
  return answer(chosen(call, true), ({ symbol }) => {
    const candles = exchange.candles(symbol, unitMs, openMs, closeMs, CANDLES_MAX);
    const stats = exchange.stats24h(symbol, world.clock.nowMs());
    return windowTicker(symbols.text(symbol), windowOf(candles, stats, openMs, closeMs), type);
  });
}

/** `1m`–`59m`, `1h`–`23h`, `1d`–`7d`. */
function windowLength(text: string): number {
  const match = /^([1-9]\d?)([mhd])$/.exec(text);
  if (match === null) throw invalidValue('windowSize');
  const count = Number.parseInt(match[1] ?? '1', 10);
  const [unitMs, max] = match[2] === 'm' ? [MINUTE_MS, 59] : match[2] === 'h' ? [HOUR_MS, 23] : [DAY_MS, 7];
  if (count > max) throw invalidValue('windowSize');
  return count * unitMs;
}

function runPrice(call: OperationCall): string {
  const { exchange, symbols } = call.context;
  return answer(chosen(call, false), ({ symbol }) => ({ symbol: symbols.text(symbol), price: text8(exchange.lastPrice(symbol)) }));
}

function runBook(call: OperationCall): string {
  const { exchange, symbols } = call.context;
  return answer(chosen(call, false), ({ symbol }) => ({ symbol: symbols.text(symbol), ...bestOf(exchange.depth(symbol, 1)) }));
}

function listLength(params: Params): number {
  const list = params.text('symbols');
  return list === null ? 1 : list.split(',').length;
}

function dayWeight(params: Params): number {
  if (params.has('symbol')) return 2;
  if (!params.has('symbols')) return 80;
  const length = listLength(params);
  if (length <= 20) return 2;
  return length <= 100 ? 40 : 80;
}

const priceWeight = (params: Params): number => (params.has('symbol') ? 2 : 4);
const rollingWeight = (params: Params): number => Math.min(200, 4 * listLength(params));

export const TICKER_OPERATIONS: readonly Operation[] = [
  operation({
    method: 'ticker.24hr',
    route: 'GET /api/v3/ticker/24hr',
    weight: dayWeight,
    params: ['symbol', 'symbols', 'type', 'symbolStatus'],
    run: runDay,
  }),
  operation({
    method: 'ticker.tradingDay',
    route: 'GET /api/v3/ticker/tradingDay',
    weight: rollingWeight,
    params: ['symbol', 'symbols', 'type', 'timeZone', 'symbolStatus'],
    run: runTradingDay,
  }),
  operation({
    method: 'ticker',
    route: 'GET /api/v3/ticker',
    weight: rollingWeight,
    params: ['symbol', 'symbols', 'windowSize', 'type', 'symbolStatus'],
    run: runRolling,
  }),
  operation({
    method: 'ticker.price',
    route: 'GET /api/v3/ticker/price',
    weight: priceWeight,
    params: ['symbol', 'symbols', 'symbolStatus'],
    run: runPrice,
  }),
  operation({
    method: 'ticker.book',
    route: 'GET /api/v3/ticker/bookTicker',
    weight: priceWeight,
    params: ['symbol', 'symbols', 'symbolStatus'],
    run: runBook,
  }),
];
