import type { Instrument } from '#libs/model';
import type { OrderTerms } from './order.js';

type Shape = Pick<OrderTerms, 'type' | 'timeInForce' | 'postOnly' | 'reduceOnly' | 'quoteQuantity' | 'side'>;

/** What the order asks for and this market does not have; `null` when it has everything. */
export function lackingCapability(order: Shape, instrument: Instrument): string | null {
  if (!instrument.orderTypes.includes(order.type)) return `orders of type ${order.type}`;
  if (order.timeInForce !== null && !instrument.timesInForce.includes(order.timeInForce)) return `time in force ${order.timeInForce}`;
  if (order.postOnly && !instrument.postOnly) return 'post-only orders';
  if (order.reduceOnly) return 'reduce-only orders on a spot market';
  if (order.quoteQuantity !== null && !instrument.quoteQuantityMarket) return 'market orders by quote quantity';
  return null;
}
