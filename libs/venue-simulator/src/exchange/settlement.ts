import type { Desk } from './desk.js';
import type { LedgerAccount } from './ledger.js';
import type { LiveOrder } from './live-order.js';
import { feeUnits } from './market-rules.js';
import type { MarketState } from './market-state.js';
import type { SimFill } from './types.js';

/** What the rest of a resting order keeps locked. A market order locks nothing: it pays as it goes. */
export function lockUnitsFor(order: LiveOrder): bigint {
  const steps = order.remainingSteps;
  if (steps === 0) return 0n;
  if (!order.isBuy) return order.rules.baseUnits(steps);
  return order.rules.quoteUnitsUp(lockTicks(order), steps);
}

function lockTicks(order: LiveOrder): number {
  return order.terms.priceTicks > 0 ? order.terms.priceTicks : order.terms.stopTicks;
}

/** Locks what the order needs. The caller has checked that it is there. */
export function lockFunds(desk: Desk, order: LiveOrder): void {
  if (order.owner === null) return;
  const units = lockUnitsFor(order);
  order.owner.lock(order.spentAsset, units);
  order.lockedUnits = units;
  desk.touch(order.owner);
}

/** Brings the lock down to what the order now needs: nothing once it has ended. */
export function releaseFunds(desk: Desk, order: LiveOrder, keepUnits: bigint): void {
  if (order.owner === null || order.lockedUnits === keepUnits) return;
  order.owner.unlock(order.spentAsset, order.lockedUnits - keepUnits);
  order.lockedUnits = keepUnits;
  desk.touch(order.owner);
}

/** Books one trade: money, fees, filled quantities, tape, fills and events. This is the only place where a fill is made. */
export function settleTrade(desk: Desk, market: MarketState, taker: LiveOrder, maker: LiveOrder, ticks: number, steps: number): void {
  const quoteUnits = market.rules.quoteUnits(ticks, steps);
  fill(taker, steps, quoteUnits);
  fill(maker, steps, quoteUnits);
  const buy = taker.isBuy ? taker : maker;
  const sell = taker.isBuy ? maker : taker;
  const tradeId = market.recordTrade(ticks, steps, quoteUnits, desk.nowMs, buy === maker, buy.orderId, sell.orderId);
  // Both pay before either receives, so that an order that trades with its own account cannot spend what it has yet to get.
  spend(desk, taker, steps, quoteUnits);
  spend(desk, maker, steps, quoteUnits);
  receive(desk, taker, false, tradeId, ticks, steps, quoteUnits);
  receive(desk, maker, true, tradeId, ticks, steps, quoteUnits);
}

function fill(order: LiveOrder, steps: number, quoteUnits: bigint): void {
  order.filledSteps += steps;
  order.filledQuoteUnits += quoteUnits;
  order.status = order.remainingSteps === 0 ? 'filled' : 'partially-filled';
}

function spend(desk: Desk, order: LiveOrder, steps: number, quoteUnits: bigint): void {
  const units = order.isBuy ? quoteUnits : order.rules.baseUnits(steps);
  const { owner, spentAsset } = order;
  if (owner === null) {
    desk.ledger.moveMakers(spentAsset, -units);
    return;
  }
  if (order.lockedUnits === 0n) owner.pay(spentAsset, units);
  else {
    const keep = lockUnitsFor(order);
    owner.payLocked(spentAsset, units, order.lockedUnits - keep);
    order.lockedUnits = keep;
  }
  desk.touch(owner);
}

function receive(
  desk: Desk, order: LiveOrder, isMaker: boolean, tradeId: number, ticks: number, steps: number, quoteUnits: bigint,
): void {
  const { rules, owner } = order;
  const asset = order.isBuy ? rules.base : rules.quote;
  const units = order.isBuy ? rules.baseUnits(steps) : quoteUnits;
  if (owner === null) {
    desk.ledger.moveMakers(asset, units);
    order.snapshot = null;
    return;
  }
  const fee = feeUnits(units, isMaker ? rules.makerFee : rules.takerFee);
  owner.credit(asset, units - fee);
  desk.ledger.addFee(asset, fee);
  desk.touch(owner);
  const made = makeFill(order, owner, isMaker, tradeId, ticks, steps, quoteUnits, asset, fee, desk.nowMs);
  desk.bookFill(order, made);
  desk.changed(order, 'trade', { fill: made });
}

function makeFill(
  order: LiveOrder, owner: LedgerAccount, isMaker: boolean, tradeId: number, ticks: number, steps: number, quoteUnits: bigint,
  feeAsset: string, fee: bigint, atMs: number,
): SimFill {
  const { rules } = order;
  return {
    tradeId, orderId: order.orderId, clientOrderId: order.clientOrderId, account: owner.name, symbol: rules.symbol,
    side: order.isBuy ? 'buy' : 'sell', price: rules.priceOf(ticks), quantity: rules.quantityOf(steps),
    quoteQuantity: rules.moneyOf(quoteUnits), fee: { asset: feeAsset, amount: rules.moneyOf(fee) }, isMaker, atMs,
  };
}
