import type { SimOrder, SimOrderStatus, SimOrderType, SimStpMode } from '../../../exchange/types.js';

const STATUS: Readonly<Record<SimOrderStatus, string>> = {
  new: 'NEW',
  'partially-filled': 'PARTIALLY_FILLED',
  filled: 'FILLED',
  canceled: 'CANCELED',
  expired: 'EXPIRED',
  'expired-in-match': 'EXPIRED_IN_MATCH',
  rejected: 'REJECTED',
};

const TYPE: Readonly<Record<SimOrderType, string>> = {
  limit: 'LIMIT',
  market: 'MARKET',
  'stop-limit': 'STOP_LOSS_LIMIT',
  'stop-market': 'STOP_LOSS',
  'take-profit-limit': 'TAKE_PROFIT_LIMIT',
  'take-profit-market': 'TAKE_PROFIT',
};

const STP: Readonly<Record<SimStpMode, string>> = {
  none: 'NONE',
  'expire-maker': 'EXPIRE_MAKER',
  'expire-taker': 'EXPIRE_TAKER',
  'expire-both': 'EXPIRE_BOTH',
  decrement: 'DECREMENT',
};

const EXPIRY: Readonly<Record<string, string>> = {
  'unfilled-ioc-quantity': 'UNFILLED_IOC_QUANTITY_EXPIRED',
  'unfilled-fok': 'UNFILLED_FOK_ORDER_EXPIRED',
  'no-liquidity': 'INSUFFICIENT_LIQUIDITY',
  'price-band': 'EXECUTION_RULE_PRICE_RANGE_EXCEEDED',
};

export function statusText(order: SimOrder): string {
  return STATUS[order.status];
}

export function typeText(order: SimOrder): string {
  return order.postOnly && order.type === 'limit' ? 'LIMIT_MAKER' : TYPE[order.type];
}

export function sideText(order: { readonly side: 'buy' | 'sell' }): string {
  return order.side === 'buy' ? 'BUY' : 'SELL';
}

/** Market orders have no time in force here; Binance writes GTC for them. */
export function timeInForceText(order: SimOrder): string {
  return order.timeInForce ?? 'GTC';
}

export function stpText(order: SimOrder): string {
  return STP[order.stpMode];
}

/** `null` where Binance publishes no reason, as for self-trade prevention. */
export function expiryText(order: SimOrder): string | null {
  return order.expiryReason === null ? null : (EXPIRY[order.expiryReason] ?? null);
}

export function isStop(order: SimOrder): boolean {
  return order.stopPrice !== null;
}
