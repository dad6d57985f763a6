import type { Desk } from './desk.js';
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

/** Two orders that trade with each other, and how much at what price. */
export interface Match {
  readonly taker: LiveOrder;
  readonly maker: LiveOrder;
  readonly ticks: number;
  readonly steps: number;
}

interface Trade extends Match {
  readonly quoteUnits: bigint;
  readonly tradeId: number;
}

/** Books one trade: money, fees, filled quantities, tape, fills and events. This is the only place where a fill is made. */
export function settleTrade(desk: Desk, market: MarketState, match: Match): void {
  const { taker, maker, ticks, steps } = match;
  const quoteUnits = market.rules.quoteUnits(ticks, steps);
  fill(taker, steps, quoteUnits);
  fill(maker, steps, quoteUnits);
  const buyOrderId = taker.isBuy ? taker.orderId : maker.orderId;
  const sellOrderId = taker.isBuy ? maker.orderId : taker.orderId;
  const tradeId = market.recordTrade({ ticks, steps, quoteUnits, atMs: desk.nowMs, buyerIsMaker: maker.isBuy, buyOrderId, sellOrderId });
  // Both pay before either receives, so that an order that trades with its own account cannot spend what it has yet to get.
  const trade: Trade = { taker, maker, ticks, steps, quoteUnits, tradeId };
  spend(desk, taker, trade);
  spend(desk, maker, trade);
  receive(desk, taker, trade);
  receive(desk, maker, trade);
}

function fill(order: LiveOrder, steps: number, quoteUnits: bigint): void {
  order.filledSteps += steps;
  order.filledQuoteUnits += quoteUnits;
  // An order that has ended stays as it ended: see forced-events.ts.
  if (order.isOpen) order.status = order.remainingSteps === 0 ? 'filled' : 'partially-filled';
}

function spend(desk: Desk, order: LiveOrder, { steps, quoteUnits }: Trade): void {
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

function receive(desk: Desk, order: LiveOrder, trade: Trade): void {
  const { rules, owner } = order;
  const asset = order.isBuy ? rules.base : rules.quote;
  const units = order.isBuy ? rules.baseUnits(trade.steps) : trade.quoteUnits;
  if (owner === null) {
    desk.ledger.moveMakers(asset, units);
    order.snapshot = null;
    return;
  }
  const fee = feeUnits(units, order === trade.maker ? rules.makerFee : rules.takerFee);
  owner.credit(asset, units - fee);
  desk.ledger.addFee(asset, fee);
  desk.touch(owner);
  const made = makeFill(order, owner.name, trade, { asset, amount: rules.moneyOf(fee) }, desk.nowMs);
  desk.bookFill(order, made);
  desk.changed(order, 'trade', { fill: made });
}

function makeFill(order: LiveOrder, account: string, trade: Trade, fee: SimFill['fee'], atMs: number): SimFill {
  const { rules } = order;
  return {
    tradeId: trade.tradeId,
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    account,
    symbol: rules.symbol,
    side: order.isBuy ? 'buy' : 'sell',
    price: rules.priceOf(trade.ticks),
    quantity: rules.quantityOf(trade.steps),
    quoteQuantity: rules.moneyOf(trade.quoteUnits),
    fee,
    isMaker: order === trade.maker,
    atMs,
  };
}
