import { type Decimal, ZERO, invariant } from '#libs/kernel';
import { ASSET_DECIMALS, decimalPlaces, divideUp, fromUnits, safeNumber, tenTo, toSafeUnits, toUnits } from './scaled.js';
import type { SimMarket } from './types.js';

const CACHE_MAX = 8_192;

/** Remembers the decimals of whole numbers: the same prices and sizes come back again and again. */
class DecimalMemory {
  private readonly known = new Map<number, Decimal>();

  constructor(
    private readonly unit: number,
    private readonly decimals: number,
  ) {}

  of(count: number): Decimal {
    if (count === 0) return ZERO;
    let value = this.known.get(count);
    if (value === undefined) {
      value = fromUnits(BigInt(count) * BigInt(this.unit), this.decimals);
      if (this.known.size >= CACHE_MAX) this.known.clear();
      this.known.set(count, value);
    }
    return value;
  }
}

/** A rate or a mean as a fraction of whole numbers. */
interface Rate {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * A market's rules in the engine's whole numbers. Prices are ticks, quantities are steps, money is units of 10^-8.
 * Where a tick times a step is finer than 10^-8 (ETH/BTC), the quote amount of a trade is cut to 8 digits, for both sides alike, as the
 * venue does; funds are locked rounded up, so that a lock always covers its trades.
 */
export class MarketRules {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly seedTicks: number;
  readonly priceMinTicks: number;
  readonly priceMaxTicks: number;
  readonly quantityMinSteps: number;
  readonly quantityMaxSteps: number;
  readonly marketQuantityMaxSteps: number;
  readonly notionalMinUnits: bigint;
  readonly notionalMaxUnits: bigint;
  readonly bandUp: Rate;
  readonly bandDown: Rate;
  readonly makerFee: Rate;
  readonly takerFee: Rate;
  private readonly tickDecimals: number;
  private readonly tickUnit: number;
  private readonly stepDecimals: number;
  private readonly stepUnit: number;
  private readonly baseUnitsPerStep: bigint;
  /** Quote units = ticks × steps × quoteFactor ÷ quoteDivisor. */
  private readonly quoteFactor: bigint;
  private readonly quoteDivisor: bigint;
  /** The factor as a plain number where the divisor is 1, else 0: most amounts need no big arithmetic. */
  private readonly plainFactor: number;
  private readonly prices: DecimalMemory;
  private readonly quantities: DecimalMemory;

  constructor(readonly market: SimMarket) {
    this.symbol = market.symbol;
    this.base = market.base;
    this.quote = market.quote;
    this.tickDecimals = decimalPlaces(market.priceTick);
    this.stepDecimals = decimalPlaces(market.quantityStep);
    invariant(this.tickDecimals <= ASSET_DECIMALS, `${market.symbol}: price tick has at most 8 decimals`);
    invariant(this.stepDecimals <= ASSET_DECIMALS, `${market.symbol}: quantity step has at most 8 decimals`);
    this.tickUnit = positive(toSafeUnits(market.priceTick, this.tickDecimals), `${market.symbol}: price tick > 0`);
    this.stepUnit = positive(toSafeUnits(market.quantityStep, this.stepDecimals), `${market.symbol}: quantity step > 0`);
    this.baseUnitsPerStep = BigInt(this.stepUnit) * tenTo(ASSET_DECIMALS - this.stepDecimals);
    const shift = ASSET_DECIMALS - this.tickDecimals - this.stepDecimals;
    this.quoteFactor = BigInt(this.tickUnit) * BigInt(this.stepUnit) * tenTo(Math.max(0, shift));
    this.quoteDivisor = tenTo(Math.max(0, -shift));
    this.plainFactor = shift >= 0 ? safeNumber(this.quoteFactor) : 0;
    this.prices = new DecimalMemory(this.tickUnit, this.tickDecimals);
    this.quantities = new DecimalMemory(this.stepUnit, this.stepDecimals);
    this.seedTicks = positive(this.ticksOf(market.seedPrice), `${market.symbol}: seed price on the tick`);
    this.priceMinTicks = this.whole(market.priceMin, market.priceTick, 3);
    this.priceMaxTicks = this.whole(market.priceMax, market.priceTick, 0);
    this.quantityMinSteps = Math.max(1, this.whole(market.quantityMin, market.quantityStep, 3));
    this.quantityMaxSteps = this.whole(market.quantityMax, market.quantityStep, 0);
    this.marketQuantityMaxSteps = this.whole(market.marketQuantityMax, market.quantityStep, 0);
    this.notionalMinUnits = required(toUnits(market.notionalMin, ASSET_DECIMALS), `${market.symbol}: notionalMin has at most 8 decimals`);
    this.notionalMaxUnits = required(toUnits(market.notionalMax, ASSET_DECIMALS), `${market.symbol}: notionalMax has at most 8 decimals`);
    this.bandUp = rate(market.bandUp);
    this.bandDown = rate(market.bandDown);
    this.makerFee = rate(market.makerFee);
    this.takerFee = rate(market.takerFee);
  }

  /** The price in ticks, or `undefined` when it is not on a tick (or beyond all numbers). */
  ticksOf(price: Decimal): number | undefined {
    return wholeCount(toSafeUnits(price, this.tickDecimals), this.tickUnit);
  }

  /** The quantity in steps, or `undefined` when it is not on a step. */
  stepsOf(quantity: Decimal): number | undefined {
    return wholeCount(toSafeUnits(quantity, this.stepDecimals), this.stepUnit);
  }

  priceOf(ticks: number): Decimal {
    return this.prices.of(ticks);
  }

  quantityOf(steps: number): Decimal {
    return this.quantities.of(steps);
  }

  /** Units of 10^-8 as a decimal. */
  moneyOf(units: bigint): Decimal {
    return units === 0n ? ZERO : fromUnits(units, ASSET_DECIMALS);
  }

  baseUnits(steps: number): bigint {
    return BigInt(steps) * this.baseUnitsPerStep;
  }

  /** What a trade of `steps` at `ticks` costs in quote units, cut to 8 digits. */
  quoteUnits(ticks: number, steps: number): bigint {
    const units = ticks * steps * this.plainFactor;
    if (this.plainFactor > 0 && units <= Number.MAX_SAFE_INTEGER) return BigInt(units);
    return (exactProduct(ticks, steps) * this.quoteFactor) / this.quoteDivisor;
  }

  /** The same, rounded up: what has to be locked. */
  quoteUnitsUp(ticks: number, steps: number): bigint {
    return divideUp(exactProduct(ticks, steps) * this.quoteFactor, this.quoteDivisor);
  }

  /** What `steps` cost at a mean price, in quote units, cut to 8 digits. */
  quoteUnitsAt(meanTicks: Rate, steps: number): bigint {
    return (BigInt(steps) * meanTicks.numerator * this.quoteFactor) / (meanTicks.denominator * this.quoteDivisor);
  }

  /** The most steps that `quoteUnits` pay for at `ticks`. */
  affordableSteps(quoteUnits: bigint, ticks: number): number {
    return safeNumber((quoteUnits * this.quoteDivisor) / (BigInt(ticks) * this.quoteFactor));
  }

  private whole(value: Decimal, step: Decimal, roundingMode: 0 | 3): number {
    const count = toSafeUnits(value.div(step).round(0, roundingMode), 0);
    return required(count, `${this.symbol}: limits are within safe whole numbers of ticks and steps`);
  }
}

function exactProduct(a: number, b: number): bigint {
  const product = a * b;
  return product <= Number.MAX_SAFE_INTEGER ? BigInt(product) : BigInt(a) * BigInt(b);
}

function wholeCount(units: number | undefined, unit: number): number | undefined {
  if (units === undefined) return undefined;
  if (unit === 1) return units;
  return units % unit === 0 ? units / unit : undefined;
}

function required<T>(value: T | undefined, rule: string): T {
  invariant(value !== undefined, rule);
  return value;
}

function positive(value: number | undefined, rule: string): number {
  invariant(value !== undefined && value > 0, rule);
  return value;
}

function rate(value: Decimal): Rate {
  const decimals = decimalPlaces(value);
  return { numerator: required(toUnits(value, decimals), 'a rate is finite'), denominator: tenTo(decimals) };
}

/** The fee on an amount, cut to 8 digits. */
export function feeUnits(amountUnits: bigint, fee: Rate): bigint {
  return (amountUnits * fee.numerator) / fee.denominator;
}
