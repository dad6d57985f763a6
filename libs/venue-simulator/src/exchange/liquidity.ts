import type { LedgerAccount } from './ledger.js';
import type { LiveOrder, PriceLevel } from './live-order.js';
import type { BookSide } from './order-book.js';
import type { SimStpMode } from './types.js';

/** Looking at a book without touching it: what an order would find there. */

/** Whether self-trade prevention lets the taker trade with this order. */
function isOffered(maker: LiveOrder, owner: LedgerAccount | null, mode: SimStpMode): boolean {
  return mode === 'none' || owner === null || maker.owner !== owner;
}

/**
 * The most that `steps` would cost in quote units. The account's own orders are counted as if they could be bought, except where
 * self-trade prevention takes them away: never too little.
 */
export function costOfSteps(side: BookSide, steps: number, owner: LedgerAccount | null, mode: SimStpMode): bigint {
  let left = steps;
  let cost = 0n;
  for (let depth = 0; left > 0; depth += 1) {
    const level = side.at(depth);
    if (level === undefined) break;
    for (let maker = level.head; maker !== null && left > 0; maker = maker.next) {
      if (!isOffered(maker, owner, mode) && mode === 'expire-maker') continue;
      const taken = Math.min(left, maker.remainingSteps);
      cost += maker.rules.quoteUnits(level.ticks, taken);
      left -= taken;
    }
  }
  return cost;
}

/** How many steps a quote amount trades. Where the book ends before the amount does, the rest counts at the last price there was. */
export function stepsForQuote(side: BookSide, quoteUnits: bigint, owner: LedgerAccount | null, mode: SimStpMode): number {
  let left = quoteUnits;
  let steps = 0;
  for (let depth = 0; ; depth += 1) {
    const level = side.at(depth);
    if (level === undefined) return steps + restAtLastPrice(side, left);
    for (let maker = level.head; maker !== null; maker = maker.next) {
      if (!isOffered(maker, owner, mode) && mode === 'expire-maker') continue;
      const affordable = maker.rules.affordableSteps(left, level.ticks);
      const taken = Math.min(affordable, maker.remainingSteps);
      steps += taken;
      left -= maker.rules.quoteUnits(level.ticks, taken);
      if (affordable < maker.remainingSteps || maker.rules.affordableSteps(left, level.ticks) === 0) return steps;
    }
  }
}

function restAtLastPrice(side: BookSide, quoteUnits: bigint): number {
  const last = side.at(side.size - 1);
  return last?.head == null ? 0 : last.head.rules.affordableSteps(quoteUnits, last.ticks);
}

/** Whether the whole quantity can trade at this limit at once. The account's own orders do not count unless self-trades are allowed. */
export function canFill(side: BookSide, taker: LiveOrder): boolean {
  const mode = taker.terms.stpMode;
  // An own order in the way ends the taker, or takes part of it away; only where the resting order gives way does the rest still count.
  const ownEndsIt = mode !== 'none' && mode !== 'expire-maker';
  let left = taker.remainingSteps;
  for (let depth = 0; left > 0; depth += 1) {
    const level = side.at(depth);
    if (level === undefined || !side.crosses(level.ticks, taker.terms.priceTicks)) return false;
    // The hidden part of an iceberg comes after everything else in its level, and so after the own order.
    const isVisibleOnly = ownEndsIt && hasOrderOf(level, taker.owner);
    for (let maker = level.head; maker !== null && left > 0; maker = maker.next) {
      if (isOffered(maker, taker.owner, mode)) left -= isVisibleOnly ? maker.visibleSteps : maker.remainingSteps;
      else if (ownEndsIt) return false;
    }
  }
  return true;
}

function hasOrderOf(level: PriceLevel, owner: LedgerAccount | null): boolean {
  for (let order = level.head; order !== null; order = order.next) if (order.owner === owner) return true;
  return false;
}
