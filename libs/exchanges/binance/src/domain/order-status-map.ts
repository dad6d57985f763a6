import type { VenueOrderStatus } from '#libs/model';

const STATUS: ReadonlyMap<string, VenueOrderStatus> = new Map<string, VenueOrderStatus>([
  ['PENDING_NEW', 'pending-new'],
  ['NEW', 'new'],
  ['PARTIALLY_FILLED', 'partially-filled'],
  ['FILLED', 'filled'],
  ['CANCELED', 'canceled'],
  ['REJECTED', 'rejected'],
  ['EXPIRED', 'expired'],
  ['EXPIRED_IN_MATCH', 'expired'],
]);

/**
 * Binance's order status in our words; `null` for one we do not know, which is never guessed.
 * `PENDING_CANCEL` is documented as unused; such an order can still trade, so it counts as open.
 * @see `enums.md`, "Order status", revision of 2026-07-21
 */
export function orderStatus(word: string, anythingFilled: boolean): VenueOrderStatus | null {
  if (word === 'PENDING_CANCEL') return anythingFilled ? 'partially-filled' : 'new';
  return STATUS.get(word) ?? null;
}
