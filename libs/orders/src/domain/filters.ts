import { isMultipleOf } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import type { Instrument, InstrumentFilters } from '#libs/model';
import type { OrderTerms } from './order.js';

/** One rule of the venue that the order breaks, and how to mend it. */
export interface FilterViolation {
  readonly path: string;
  readonly filter: string;
  readonly message: string;
}

type Shape = Pick<OrderTerms, 'type' | 'quantity' | 'quoteQuantity' | 'price' | 'stopPrice'>;

/** Checks an order against the instrument's filters that need no market price. An empty list: the venue's filters hold. */
export function filterViolations(order: Shape, instrument: Instrument): readonly FilterViolation[] {
  const { filters } = instrument;
  return [
    ...priceViolations('price', order.price, filters),
    ...priceViolations('stopPrice', order.stopPrice, filters),
    ...quantityViolations(order, filters),
    ...notionalViolations(order, filters),
  ];
}

function priceViolations(path: 'price' | 'stopPrice', price: Decimal | null, filters: InstrumentFilters): FilterViolation[] {
  if (price === null) return [];
  const say = (message: string): FilterViolation => ({ path, filter: 'price', message });
  const found: FilterViolation[] = [];
  if (filters.priceTick && !isMultipleOf(price, filters.priceTick)) found.push(say(`must be a multiple of ${filters.priceTick.toFixed()}`));
  if (filters.priceMin && price.lt(filters.priceMin)) found.push(say(`must be at least ${filters.priceMin.toFixed()}`));
  if (filters.priceMax && price.gt(filters.priceMax)) found.push(say(`must be at most ${filters.priceMax.toFixed()}`));
  return found;
}

function quantityViolations(order: Shape, filters: InstrumentFilters): FilterViolation[] {
  const { quantity } = order;
  if (quantity === null) return [];
  const market = order.type === 'market' || order.type === 'stop-market';
  const found = rangeViolations('quantity', quantity, filters.quantityStep, filters.quantityMin, filters.quantityMax);
  if (!market || found.length > 0) return found;
  return rangeViolations('market-quantity', quantity, filters.marketQuantityStep, filters.marketQuantityMin, filters.marketQuantityMax);
}

function rangeViolations(
  filter: string,
  quantity: Decimal,
  step: Decimal | null,
  min: Decimal | null,
  max: Decimal | null,
): FilterViolation[] {
  const say = (message: string): FilterViolation => ({ path: 'quantity', filter, message });
  const found: FilterViolation[] = [];
  if (step && !isMultipleOf(quantity, step)) found.push(say(`must be a multiple of ${step.toFixed()}`));
  if (min && quantity.lt(min)) found.push(say(`must be at least ${min.toFixed()}`));
  if (max && quantity.gt(max)) found.push(say(`must be at most ${max.toFixed()}`));
  return found;
}

function notionalViolations(order: Shape, filters: InstrumentFilters): FilterViolation[] {
  const market = order.type === 'market' || order.type === 'stop-market';
  const notional = order.quoteQuantity ?? (order.price && order.quantity ? order.price.times(order.quantity) : null);
  if (notional === null) return [];
  const path = order.quoteQuantity ? 'quoteQuantity' : 'quantity';
  const say = (message: string): FilterViolation => ({ path, filter: 'notional', message });
  const checkMin = filters.notionalMin && (!market || filters.notionalMinAppliesToMarket);
  const checkMax = filters.notionalMax && (!market || filters.notionalMaxAppliesToMarket);
  if (checkMin && notional.lt(filters.notionalMin))
    return [say(`the order's value ${notional.toFixed()} must be at least ${filters.notionalMin.toFixed()}`)];
  if (checkMax && notional.gt(filters.notionalMax))
    return [say(`the order's value ${notional.toFixed()} must be at most ${filters.notionalMax.toFixed()}`)];
  return [];
}
