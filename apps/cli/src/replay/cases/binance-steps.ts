import { decimal, type Decimal } from '#libs/kernel';
import type { Instrument } from '#libs/model';

/** Lot step and price tick of a market. `null`: not known. */
export interface Steps {
  readonly quantity: Decimal | null;
  readonly price: Decimal | null;
}

/**
 * Steps of the largest markets, as Binance has had them from 2022 on: for requests that stand alone, with no reference data
 * beside them. Where there is some, it goes first.
 */
const WELL_KNOWN: ReadonlyMap<string, readonly [quantity: string, price: string]> = new Map<
  string,
  readonly [quantity: string, price: string]
>([
  ['BTC/USDT', ['0.00001', '0.01']],
  ['BTC/USDC', ['0.00001', '0.01']],
  ['ETH/USDT', ['0.0001', '0.01']],
  ['ETH/USDC', ['0.0001', '0.01']],
  ['ETH/BTC', ['0.0001', '0.00001']],
  ['BNB/USDT', ['0.001', '0.1']],
  ['BNB/BTC', ['0.001', '0.000001']],
  ['LTC/USDT', ['0.001', '0.01']],
  ['LTC/BTC', ['0.001', '0.000001']],
  ['SOL/USDT', ['0.001', '0.01']],
  ['XRP/USDT', ['1', '0.0001']],
  ['ADA/USDT', ['0.1', '0.0001']],
  ['DOGE/USDT', ['1', '0.00001']],
  ['DOT/USDT', ['0.01', '0.001']],
  ['LINK/USDT', ['0.01', '0.001']],
  ['AVAX/USDT', ['0.01', '0.01']],
  ['TRX/USDT', ['0.1', '0.00001']],
]);

/** `null` where nobody knows the market. */
export function stepsOf(symbol: string, instrument: Instrument | undefined): Steps | null {
  if (instrument !== undefined && instrument.filters.quantityStep !== null) {
    return { quantity: instrument.filters.quantityStep, price: instrument.filters.priceTick };
  }
  const known = WELL_KNOWN.get(symbol);
  return known === undefined ? null : { quantity: decimal(known[0]), price: decimal(known[1]) };
}
