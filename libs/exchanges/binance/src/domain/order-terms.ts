import type { OrderType, Side, TimeInForce } from '#libs/model';

export type VenueOrderType = 'LIMIT' | 'LIMIT_MAKER' | 'MARKET' | 'STOP_LOSS' | 'STOP_LOSS_LIMIT' | 'TAKE_PROFIT' | 'TAKE_PROFIT_LIMIT';

/** Our words for an order to Binance's. `LIMIT_MAKER` is how Binance spells post-only; it takes no time in force. */
export function venueOrderType(type: OrderType, postOnly: boolean): VenueOrderType {
  switch (type) {
    case 'limit':
      return postOnly ? 'LIMIT_MAKER' : 'LIMIT';
    case 'market':
      return 'MARKET';
    case 'stop-limit':
      return 'STOP_LOSS_LIMIT';
    case 'stop-market':
      return 'STOP_LOSS';
  }
}

const TYPES: ReadonlyMap<string, OrderType> = new Map<string, OrderType>([
  ['LIMIT', 'limit'],
  ['LIMIT_MAKER', 'limit'],
  ['MARKET', 'market'],
  ['STOP_LOSS', 'stop-market'],
  ['STOP_LOSS_LIMIT', 'stop-limit'],
  // Both wait for a trigger as stops do; only orders that others placed have these types.
  ['TAKE_PROFIT', 'stop-market'],
  ['TAKE_PROFIT_LIMIT', 'stop-limit'],
]);

/** A type is descriptive: one that is new to us degrades to what its prices say. */
export function orderType(word: string, hasPrice: boolean): OrderType {
  return TYPES.get(word) ?? (hasPrice ? 'limit' : 'market');
}

export function venueSide(side: Side): 'BUY' | 'SELL' {
  return side === 'buy' ? 'BUY' : 'SELL';
}

/** `null` for anything but the two sides there are: never guessed. */
export function side(word: string): Side | null {
  if (word === 'BUY') return 'buy';
  if (word === 'SELL') return 'sell';
  return null;
}

/** Binance writes GTC on market orders too, where it means nothing. A word that is new to us degrades to `null`. */
export function timeInForce(word: string | null, type: OrderType): TimeInForce | null {
  if (type === 'market' || type === 'stop-market') return null;
  return word === 'GTC' || word === 'IOC' || word === 'FOK' || word === 'GTD' ? word : null;
}
