import type { Desk } from './desk.js';
import { canFill, costOfSteps } from './liquidity.js';
import type { LiveOrder, PriceLevel } from './live-order.js';
import type { MarketState } from './market-state.js';
import { expireOrder, finishFilled, preventSteps } from './order-endings.js';
import { lockUnitsFor, releaseFunds, settleTrade } from './settlement.js';
import { isMarketType } from './stop-book.js';

/** Trades an order with the other side of its book, best price first, oldest first, until it is done or prices no longer meet. */
export function matchOrder(desk: Desk, market: MarketState, taker: LiveOrder, limitTicks: number): void {
  const side = market.book.opposite(taker.isBuy);
  while (taker.isOpen && taker.remainingSteps > 0) {
    const level = side.best();
    if (level === undefined || !side.crosses(level.ticks, limitTicks)) return;
    matchLevel(desk, market, taker, level);
    side.dropIfEmpty(level);
    market.announce(level, desk.nowMs);
  }
}

function matchLevel(desk: Desk, market: MarketState, taker: LiveOrder, level: PriceLevel): void {
  while (level.head !== null && taker.isOpen && taker.remainingSteps > 0) {
    const maker = level.head;
    if (taker.owner !== null && maker.owner === taker.owner && taker.terms.stpMode !== 'none') preventSelfTrade(desk, taker, maker);
    else tradeWith(desk, market, taker, maker, level);
  }
}

function tradeWith(desk: Desk, market: MarketState, taker: LiveOrder, maker: LiveOrder, level: PriceLevel): void {
  const steps = Math.min(taker.remainingSteps, maker.visibleSteps);
  level.take(maker, steps);
  settleTrade(desk, market, { taker, maker, ticks: level.ticks, steps });
  if (maker.remainingSteps === 0) {
    level.remove(maker);
    finishFilled(desk, maker);
  } else if (maker.visibleSteps === 0) level.refill(maker);
  if (taker.remainingSteps === 0) finishFilled(desk, taker);
}

/** Two orders of one account meet: the taker's mode says which of them gives way. */
function preventSelfTrade(desk: Desk, taker: LiveOrder, maker: LiveOrder): void {
  const mode = taker.terms.stpMode;
  if (mode === 'decrement') {
    const steps = Math.min(taker.remainingSteps, maker.remainingSteps);
    decrementResting(desk, maker, steps, taker);
    decrementTaker(desk, taker, steps, maker);
    return;
  }
  if (mode === 'expire-maker' || mode === 'expire-both') preventSteps(desk, maker, maker.remainingSteps, taker);
  if (mode === 'expire-taker' || mode === 'expire-both') preventSteps(desk, taker, taker.remainingSteps, maker);
}

function decrementResting(desk: Desk, maker: LiveOrder, steps: number, taker: LiveOrder): void {
  const { level } = maker;
  preventSteps(desk, maker, steps, taker);
  if (!maker.isOpen || level === null) return;
  level.shrink(maker);
  releaseFunds(desk, maker, lockUnitsFor(maker));
}

function decrementTaker(desk: Desk, taker: LiveOrder, steps: number, maker: LiveOrder): void {
  preventSteps(desk, taker, steps, maker);
  if (taker.isOpen && taker.lockedUnits > 0n) releaseFunds(desk, taker, lockUnitsFor(taker));
}

/** Lets an order that has become active trade, and puts what is left where its terms say. */
export function executeOrder(desk: Desk, market: MarketState, order: LiveOrder): void {
  if (isMarketType(order.terms.type)) executeMarket(desk, market, order);
  else executeLimit(desk, market, order);
}

function executeMarket(desk: Desk, market: MarketState, order: LiveOrder): void {
  matchOrder(desk, market, order, 0);
  if (order.isOpen) expireOrder(desk, order, 'no-liquidity');
}

function executeLimit(desk: Desk, market: MarketState, order: LiveOrder): void {
  const { terms } = order;
  if (terms.postOnly && market.book.wouldMatch(order.isBuy, terms.priceTicks)) {
    expireOrder(desk, order, 'would-match-immediately');
    return;
  }
  if (terms.timeInForce === 'FOK' && !canFill(market.book.opposite(order.isBuy), order)) {
    expireOrder(desk, order, 'unfilled-fok');
    return;
  }
  matchOrder(desk, market, order, terms.priceTicks);
  if (!order.isOpen) return;
  if (terms.timeInForce === 'IOC') expireOrder(desk, order, 'unfilled-ioc-quantity');
  else if (terms.timeInForce === 'FOK') expireOrder(desk, order, 'unfilled-fok');
  else {
    const level = market.book.side(order.isBuy).add(order);
    market.announce(level, desk.nowMs);
  }
}

/** Fires the stop orders that the last price has reached, and those that these reach in turn. */
export function fireStops(desk: Desk, market: MarketState): void {
  for (;;) {
    const order = market.stops.takeTriggered(market.tape.lastTicks);
    if (order === undefined) return;
    order.isWorking = true;
    order.workingAtMs = desk.nowMs;
    if (isMarketType(order.terms.type)) releaseFunds(desk, order, 0n);
    desk.changed(order, 'new');
    if (isDearerThanFunds(market, order)) expireOrder(desk, order, 'insufficient-balance');
    else executeOrder(desk, market, order);
  }
}

/** A stop order that fires as a market buy may find the market dearer than what it had locked. */
function isDearerThanFunds(market: MarketState, order: LiveOrder): boolean {
  if (!isMarketType(order.terms.type) || !order.isBuy) return false;
  const cost = costOfSteps(market.book.asks, order.remainingSteps, order.owner, order.terms.stpMode);
  return cost > order.owner!.free(order.rules.quote);
}
