import { roundDownToStep, type PlaceExtras } from '#libs/exchanges/binance';
import { VenueError, type PlaceCommand } from '#libs/exchanges/contract';
import { decimal, isDecimalText, type Decimal } from '#libs/kernel';
import type { OrderType, TimeInForce } from '#libs/model';
import type { Steps } from './binance-steps.js';
import type { CaseFields } from './case-file.js';

/** A wish that the adapter has no words for. The message is the reason that is shown. */
export class Uncovered extends Error {
  override readonly name = 'Uncovered';
}

export interface Intent {
  readonly market: string | null;
  readonly type: string | null;
  readonly side: string | null;
  readonly amount: string | null;
  readonly price: string | null;
  readonly params: CaseFields;
}

/** @throws Uncovered */
export function readIntent(value: unknown): Intent {
  if (typeof value !== 'object' || value === null) throw new Uncovered('no-intent');
  const fields = value as CaseFields;
  const params = fields['params'];
  return {
    market: word(fields['market']),
    type: word(fields['type'])?.toLowerCase() ?? null,
    side: word(fields['side'])?.toLowerCase() ?? null,
    amount: word(fields['amount']),
    price: word(fields['price']),
    params: typeof params === 'object' && params !== null ? (params as CaseFields) : {},
  };
}

function word(value: unknown): string | null {
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** ccxt's words for what an order may carry besides. A word that is not here is not covered, and not left out silently. */
const PARAMS: ReadonlySet<string> = new Set([
  'cost',
  'quoteOrderQty',
  'triggerPrice',
  'stopPrice',
  'stopLossPrice',
  'takeProfitPrice',
  'timeInForce',
  'postOnly',
  'clientOrderId',
  'newClientOrderId',
  'selfTradePrevention',
  'selfTradePreventionMode',
  'icebergAmount',
  'icebergQty',
  'trailingPercent',
  'trailingDelta',
  'reduceOnly',
  'test',
  'newOrderRespType',
  'recvWindow',
  'timestamp',
]);

const BASE_TYPES: ReadonlyMap<string, OrderType> = new Map<string, OrderType>([
  ['limit', 'limit'],
  ['limit_maker', 'limit'],
  ['market', 'market'],
  ['stop_loss', 'stop-market'],
  ['stop_loss_limit', 'stop-limit'],
  ['take_profit', 'stop-market'],
  ['take_profit_limit', 'stop-limit'],
]);

export interface PlaceIntent {
  readonly command: PlaceCommand;
  readonly extras: PlaceExtras;
}

/**
 * An order in ccxt's words as a command of ours: amounts rounded down to the lot step, prices to the nearest tick, stops
 * told from the trigger. @throws Uncovered
 */
export function placeIntent(intent: Intent, symbol: string, steps: Steps | null): PlaceIntent {
  const { params } = intent;
  const unknown = Object.keys(params).find((name) => !PARAMS.has(name));
  if (unknown !== undefined) throw new Uncovered(`param-not-covered: ${unknown}`);
  if (params['reduceOnly'] === true) throw new Uncovered('unsupported-by-venue: reduce-only');
  if (intent.side !== 'buy' && intent.side !== 'sell') throw new Uncovered('no-side');
  const base = BASE_TYPES.get(intent.type ?? '');
  if (base === undefined) throw new Uncovered(`type-not-covered: ${intent.type ?? 'none'}`);
  const takeProfit = word(params['takeProfitPrice']);
  const trigger = word(params['triggerPrice']) ?? word(params['stopPrice']) ?? word(params['stopLossPrice']) ?? takeProfit;
  const trailing = trailingDelta(params);
  const type = stopType(base, trigger !== null || trailing !== null);
  const limit = type === 'limit' || type === 'stop-limit';
  const quote = type === 'market' ? quoteQuantity(intent, steps) : null;
  const postOnly = intent.type === 'limit_maker' || params['postOnly'] === true || params['timeInForce'] === 'PO';
  return {
    command: {
      kind: 'place',
      symbol,
      venueClientId: word(params['clientOrderId']) ?? word(params['newClientOrderId']) ?? 'replayed',
      side: intent.side,
      type,
      timeInForce: limit && !postOnly ? timeInForce(params) : null,
      quantity: quote === null ? roundDownToStep(number(intent.amount, 'amount'), steps?.quantity ?? null) : null,
      quoteQuantity: quote,
      price: limit ? roundToTick(number(intent.price, 'price'), steps) : null,
      stopPrice: trigger === null ? null : roundToTick(number(trigger, 'trigger'), steps),
      postOnly,
    },
    extras: extrasOf(params, steps, takeProfit !== null || intent.type?.startsWith('take_profit') === true, trailing),
  };
}

function stopType(base: OrderType, triggered: boolean): OrderType {
  if (!triggered) return base;
  if (base === 'limit') return 'stop-limit';
  return base === 'market' ? 'stop-market' : base;
}

/** By `cost`, or (as ccxt does on this venue) by amount times price where a market order names a price. */
function quoteQuantity(intent: Intent, steps: Steps | null): Decimal | null {
  const cost = word(intent.params['cost']) ?? word(intent.params['quoteOrderQty']);
  if (cost !== null) return roundDownToStep(number(cost, 'cost'), steps?.price ?? null);
  if (intent.price === null) return null;
  return roundDownToStep(number(intent.amount, 'amount').times(number(intent.price, 'price')), steps?.price ?? null);
}

function timeInForce(params: CaseFields): TimeInForce {
  const text = word(params['timeInForce'])?.toUpperCase() ?? 'GTC';
  if (text === 'GTC' || text === 'IOC' || text === 'FOK' || text === 'GTD') return text;
  throw new Uncovered(`time-in-force-not-covered: ${text}`);
}

function extrasOf(params: CaseFields, steps: Steps | null, takeProfit: boolean, trailing: number | null): PlaceExtras {
  const mode = word(params['selfTradePreventionMode']) ?? word(params['selfTradePrevention']);
  const iceberg = word(params['icebergQty']) ?? word(params['icebergAmount']);
  return {
    ...(mode === null ? {} : { selfTradePreventionMode: mode.toUpperCase() }),
    ...(iceberg === null ? {} : { icebergQuantity: roundDownToStep(number(iceberg, 'iceberg amount'), steps?.quantity ?? null) }),
    ...(takeProfit ? { takeProfit } : {}),
    ...(trailing === null ? {} : { trailingDelta: trailing }),
  };
}

/** Hundredths of a per cent, whole. */
function trailingDelta(params: CaseFields): number | null {
  const delta = word(params['trailingDelta']);
  const percent = word(params['trailingPercent']);
  if (delta === null && percent === null) return null;
  const hundredths = delta === null ? number(percent, 'trailing').times('100') : number(delta, 'trailing');
  return Number.parseInt(hundredths.toFixed(0), 10);
}

function roundToTick(price: Decimal, steps: Steps | null): Decimal {
  const tick = steps?.price ?? null;
  return tick === null ? price : price.div(tick).round(0, ROUND_HALF_UP).times(tick);
}

const ROUND_HALF_UP = 1;

function number(text: string | null, what: string): Decimal {
  if (!isDecimalText(text)) throw new Uncovered(`no-${what.replace(' ', '-')}`);
  return decimal(text);
}

/** A refusal by the adapter itself, before anything is sent, is a reason too. */
export function reasonOf(error: unknown): string | null {
  if (error instanceof Uncovered) return error.message;
  return error instanceof VenueError ? `${error.code}: ${error.message}` : null;
}
