import { type Decimal, ZERO, invariant } from '#libs/kernel';
import type { OrderTerms } from './live-order.js';
import type { MarketRules } from './market-rules.js';
import { type MarketState, isWithinBand } from './market-state.js';
import { ASSET_DECIMALS, decimalPlaces, toUnits } from './scaled.js';
import { isMarketType, isStopType } from './stop-book.js';
import type { SimNewOrder, SimRefusal } from './types.js';

const ICEBERG_PARTS_MAX = 100;

type Filter = NonNullable<SimRefusal['filter']>;
type Read<T> = T | { readonly refused: Filter };

/**
 * Reads an order into whole numbers and checks it by the market's filters.
 * @throws {InvariantViolation} when the order lacks what its type needs: the wire protocol must have refused that before.
 */
export function readTerms(order: SimNewOrder, market: MarketState, nowMs: number): Read<OrderTerms> {
  checkComposition(order);
  const { rules } = market;
  const priceTicks = readPrice(order.price, rules);
  if (typeof priceTicks === 'object') return priceTicks;
  const stopTicks = readPrice(order.stopPrice, rules);
  if (typeof stopTicks === 'object') return stopTicks;
  const totalSteps = readQuantity(order, rules);
  if (typeof totalSteps === 'object') return totalSteps;
  const icebergSteps = readIceberg(order, rules, totalSteps);
  if (typeof icebergSteps === 'object') return icebergSteps;
  const quoteUnits = order.quoteQuantity === null ? null : toUnits(order.quoteQuantity, ASSET_DECIMALS);
  if (quoteUnits === undefined) return { refused: 'precision' };
  if (priceTicks > 0 && !isWithinBand(market, priceTicks, nowMs)) return { refused: 'percent-price' };
  if (!isNotionalAllowed(market, priceTicks, totalSteps, quoteUnits, nowMs)) return { refused: 'notional' };
  return {
    clientOrderId: order.clientOrderId,
    isBuy: order.side === 'buy',
    type: order.type,
    timeInForce: order.timeInForce,
    totalSteps,
    hasQuantity: order.quantity !== null,
    quoteUnits,
    priceTicks,
    stopTicks,
    icebergSteps,
    expiresAtMs: order.timeInForce === 'GTD' ? order.expiresAtMs : null,
    postOnly: order.postOnly,
    stpMode: order.stpMode,
  };
}

function checkComposition(order: SimNewOrder): void {
  const isMarket = isMarketType(order.type);
  invariant(isMarket === (order.price === null), 'limit orders have a price, market orders have none');
  invariant(isStopType(order.type) === (order.stopPrice !== null), 'stop orders, and only they, have a trigger');
  invariant((order.quantity === null) !== (order.quoteQuantity === null), 'an order has a quantity or a quote quantity');
  invariant(order.quoteQuantity === null || order.type === 'market', 'only market orders have a quote quantity');
  invariant(order.timeInForce !== 'GTD' || order.expiresAtMs !== null, 'good-till-date orders have a date');
  invariant(!order.postOnly || !isMarket, 'market orders cannot be post-only');
}

/** Zero stands for "no price". */
function readPrice(price: Decimal | null, rules: MarketRules): Read<number> {
  if (price === null) return 0;
  if (decimalPlaces(price) > ASSET_DECIMALS) return { refused: 'precision' };
  const ticks = rules.ticksOf(price);
  if (ticks === undefined || ticks <= 0) return { refused: 'price' };
  if (ticks < rules.priceMinTicks) return { refused: 'price' };
  if (rules.priceMaxTicks > 0 && ticks > rules.priceMaxTicks) return { refused: 'price' };
  return ticks;
}

/** Zero where the order has a quote quantity instead. */
function readQuantity(order: SimNewOrder, rules: MarketRules): Read<number> {
  if (order.quantity === null) return 0;
  const steps = readSteps(order.quantity, rules);
  if (typeof steps === 'object') return steps;
  if (isMarketType(order.type) && rules.marketQuantityMaxSteps > 0 && steps > rules.marketQuantityMaxSteps)
    return { refused: 'market-lot-size' };
  return steps;
}

/** A quantity that obeys the lot size. */
export function readSteps(quantity: Decimal, rules: MarketRules): Read<number> {
  if (decimalPlaces(quantity) > ASSET_DECIMALS) return { refused: 'precision' };
  const steps = rules.stepsOf(quantity);
  if (steps === undefined || steps < rules.quantityMinSteps) return { refused: 'lot-size' };
  if (rules.quantityMaxSteps > 0 && steps > rules.quantityMaxSteps) return { refused: 'lot-size' };
  return steps;
}

function readIceberg(order: SimNewOrder, rules: MarketRules, totalSteps: number): Read<number> {
  if (order.icebergQuantity === null || order.icebergQuantity.eq(ZERO)) return 0;
  const isLimit = !isMarketType(order.type);
  const rests = order.timeInForce === 'GTC' || order.timeInForce === 'GTD' || (order.timeInForce === null && order.postOnly);
  if (!isLimit || !rests) return { refused: 'iceberg' };
  const steps = readSteps(order.icebergQuantity, rules);
  if (typeof steps === 'object') return steps;
  if (steps > totalSteps || Math.ceil(totalSteps / steps) > ICEBERG_PARTS_MAX) return { refused: 'iceberg' };
  return steps;
}

/** Market orders are valued at the mean price; for them there is no upper bound. */
function isNotionalAllowed(market: MarketState, priceTicks: number, steps: number, quoteUnits: bigint | null, nowMs: number): boolean {
  const { rules } = market;
  if (quoteUnits !== null) return quoteUnits > 0n && quoteUnits >= rules.notionalMinUnits;
  if (priceTicks > 0) return isLimitNotionalAllowed(rules, priceTicks, steps);
  const mean = market.tape.mean(nowMs);
  return rules.quoteUnitsAt(mean, steps) >= rules.notionalMinUnits;
}

export function isLimitNotionalAllowed(rules: MarketRules, priceTicks: number, steps: number): boolean {
  const units = rules.quoteUnits(priceTicks, steps);
  if (units < rules.notionalMinUnits) return false;
  return rules.notionalMaxUnits === 0n || units <= rules.notionalMaxUnits;
}
