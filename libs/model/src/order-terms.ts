export const SIDES = ['buy', 'sell'] as const;
export type Side = (typeof SIDES)[number];

export const ORDER_TYPES = ['limit', 'market', 'stop-limit', 'stop-market'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

export const TIMES_IN_FORCE = ['GTC', 'IOC', 'FOK', 'GTD'] as const;
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

/** The status of an order as users see it. `unknown` is a state: the venue may or may not hold the order. */
export const ORDER_STATUSES = [
  'pending-new',
  'new',
  'partially-filled',
  'filled',
  'pending-cancel',
  'canceled',
  'rejected',
  'expired',
  'unknown',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** Nothing more can trade in these. */
export const FINAL_STATUSES: ReadonlySet<OrderStatus> = new Set(['filled', 'canceled', 'rejected', 'expired']);

export function isFinal(status: OrderStatus): boolean {
  return FINAL_STATUSES.has(status);
}
