import { decimal, isDecimalText, ZERO, type Decimal } from '#libs/kernel';
import type { InstrumentFilters, PriceBand } from '#libs/model';

/** One row of `filters` in `exchangeInfo`, as it came. */
export type FilterRow = Readonly<Record<string, unknown>>;

/**
 * Binance's filters in our words. A zero switches a part off (`filters.md`), and becomes `null`.
 * A filter or field that we do not know is left out: the venue itself still checks it.
 */
export function instrumentFilters(rows: readonly FilterRow[]): InstrumentFilters {
  const row = (type: string): FilterRow => rows.find((candidate) => candidate['filterType'] === type) ?? {};
  const price = row('PRICE_FILTER');
  const lot = row('LOT_SIZE');
  const marketLot = row('MARKET_LOT_SIZE');
  return {
    priceTick: positive(price['tickSize']),
    priceMin: positive(price['minPrice']),
    priceMax: positive(price['maxPrice']),
    quantityStep: positive(lot['stepSize']),
    quantityMin: positive(lot['minQty']),
    quantityMax: positive(lot['maxQty']),
    marketQuantityStep: positive(marketLot['stepSize']),
    marketQuantityMin: positive(marketLot['minQty']),
    marketQuantityMax: positive(marketLot['maxQty']),
    ...notional(row('NOTIONAL'), row('MIN_NOTIONAL')),
    priceBand: priceBand(row('PERCENT_PRICE_BY_SIDE'), row('PERCENT_PRICE')),
    openOrdersMax: count(row('MAX_NUM_ORDERS')['maxNumOrders']),
  };
}

/** `NOTIONAL` took the place of `MIN_NOTIONAL`; a market has one of them. */
function notional(
  current: FilterRow,
  old: FilterRow,
): Pick<InstrumentFilters, 'notionalMin' | 'notionalMax' | 'notionalMinAppliesToMarket' | 'notionalMaxAppliesToMarket'> {
  return {
    notionalMin: larger(positive(current['minNotional']), positive(old['minNotional'])),
    notionalMax: positive(current['maxNotional']),
    notionalMinAppliesToMarket: current['applyMinToMarket'] === true || old['applyToMarket'] === true,
    notionalMaxAppliesToMarket: current['applyMaxToMarket'] === true,
  };
}

function priceBand(bySide: FilterRow, both: FilterRow): PriceBand | null {
  const bidUp = positive(bySide['bidMultiplierUp'] ?? both['multiplierUp']);
  const bidDown = positive(bySide['bidMultiplierDown'] ?? both['multiplierDown']);
  const askUp = positive(bySide['askMultiplierUp'] ?? both['multiplierUp']);
  const askDown = positive(bySide['askMultiplierDown'] ?? both['multiplierDown']);
  if (bidUp === null || bidDown === null || askUp === null || askDown === null) return null;
  return { bidUp, bidDown, askUp, askDown };
}

function positive(value: unknown): Decimal | null {
  if (!isDecimalText(value)) return null;
  const number = decimal(value);
  return number.gt(ZERO) ? number : null;
}

function larger(a: Decimal | null, b: Decimal | null): Decimal | null {
  if (a === null || b === null) return a ?? b;
  return a.gt(b) ? a : b;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}

/**
 * The largest multiple of `step` that is not above `quantity`: rounding down, so that nobody buys or sells more than asked.
 * Without a step the quantity stays as it is.
 */
export function roundDownToStep(quantity: Decimal, step: Decimal | null): Decimal {
  return step === null || step.eq(ZERO) ? quantity : quantity.minus(quantity.mod(step));
}
