import type { LiveOrder } from './live-order.js';
import { ASSET_DECIMALS, fromUnits } from './scaled.js';
import { ZERO } from '#libs/kernel';
import type { SimOrder } from './types.js';

/** The order as it stands, immutable. An open order hands out the same object until it changes. */
export function snapshotOf(order: LiveOrder): SimOrder {
  if (order.snapshot !== null) return order.snapshot;
  const snapshot = makeSnapshot(order);
  if (order.isOpen) order.snapshot = snapshot;
  return snapshot;
}

/** As `snapshotOf`, kept for the rest of the call, also when the order has ended: its events and the answer share it. */
export function callSnapshotOf(order: LiveOrder): SimOrder {
  order.snapshot ??= makeSnapshot(order);
  return order.snapshot;
}

function makeSnapshot(order: LiveOrder): SimOrder {
  const { terms, rules } = order;
  return {
    account: order.owner?.name ?? '',
    clientOrderId: order.clientOrderId,
    symbol: rules.symbol,
    side: terms.isBuy ? 'buy' : 'sell',
    type: terms.type,
    timeInForce: terms.timeInForce,
    quantity: terms.hasQuantity ? rules.quantityOf(order.totalSteps) : null,
    quoteQuantity: terms.quoteUnits === null ? null : fromUnits(terms.quoteUnits, ASSET_DECIMALS),
    price: terms.priceTicks === 0 ? null : rules.priceOf(terms.priceTicks),
    stopPrice: terms.stopTicks === 0 ? null : rules.priceOf(terms.stopTicks),
    icebergQuantity: terms.icebergSteps === 0 ? null : rules.quantityOf(terms.icebergSteps),
    expiresAtMs: terms.expiresAtMs,
    postOnly: terms.postOnly,
    stpMode: terms.stpMode,
    orderId: order.orderId,
    status: order.status,
    filledQuantity: rules.quantityOf(order.filledSteps),
    filledQuote: order.filledQuoteUnits === 0n ? ZERO : fromUnits(order.filledQuoteUnits, ASSET_DECIMALS),
    preventedQuantity: rules.quantityOf(order.preventedSteps),
    originalQuantity: rules.quantityOf(order.totalSteps),
    isWorking: order.isWorking,
    workingAtMs: order.workingAtMs,
    createdAtMs: order.createdAtMs,
    updatedAtMs: order.updatedAtMs,
    expiryReason: order.expiryReason,
  };
}
