import type { Decimal } from '#libs/kernel';
import type { OrderType, TimeInForce } from './order-terms.js';

/** The venue's own id of a market, with the unified symbol that users know. */
export interface Instrument {
  readonly venue: string;
  /** Unified: `BTC/USDT` spot, `BTC/USDT:USDT` linear perpetual. */
  readonly symbol: string;
  /** The venue's word for it: `BTCUSDT`. */
  readonly venueSymbol: string;
  readonly base: string;
  readonly quote: string;
  readonly kind: 'spot';
  readonly status: 'trading' | 'cancel-only' | 'halted';
  readonly orderTypes: readonly OrderType[];
  readonly timesInForce: readonly TimeInForce[];
  readonly postOnly: boolean;
  readonly quoteQuantityMarket: boolean;
  /** Whether the venue changes an order's quantity in place, keeping its priority. */
  readonly amend: boolean;
  readonly filters: InstrumentFilters;
}

/** What the venue demands of an order. `null` or a zero step: the rule does not exist there. */
export interface InstrumentFilters {
  readonly priceTick: Decimal | null;
  readonly priceMin: Decimal | null;
  readonly priceMax: Decimal | null;
  readonly quantityStep: Decimal | null;
  readonly quantityMin: Decimal | null;
  readonly quantityMax: Decimal | null;
  /** Market orders only, on top of the others. */
  readonly marketQuantityStep: Decimal | null;
  readonly marketQuantityMin: Decimal | null;
  readonly marketQuantityMax: Decimal | null;
  readonly notionalMin: Decimal | null;
  readonly notionalMax: Decimal | null;
  readonly notionalMinAppliesToMarket: boolean;
  readonly notionalMaxAppliesToMarket: boolean;
  /** Price × multiplier around the venue's reference price; the venue checks it, preview shows it. */
  readonly priceBand: PriceBand | null;
  readonly openOrdersMax: number | null;
}

export interface PriceBand {
  readonly bidUp: Decimal;
  readonly bidDown: Decimal;
  readonly askUp: Decimal;
  readonly askDown: Decimal;
}
