import type { Desk } from './desk.js';
import { LiveOrder } from './live-order.js';
import type { MarketState } from './market-state.js';
import { matchOrder } from './matching.js';
import { withdraw } from './order-endings.js';
import type { Prng } from './prng.js';
import type { OrderTerms } from './live-order.js';

/** Depth of a ladder from its best to its farthest price, in thousandths of the seed price. */
const REACH_PER_MILLE = 20;
/** Levels this near to the touch lie closer together than the rest. */
const DENSE_LEVELS = 25;
const BIGGER_EVERY = 40;
const BIGGER_MAX = 6;

/** The makers' resting orders on one side of a market: one per level, sorted with the best one last, as in the book. */
export class MakerLadder {
  private orders: LiveOrder[] = [];
  private readonly meanGap: number;

  constructor(
    private readonly desk: Desk,
    private readonly market: MarketState,
    readonly isBuy: boolean,
    private readonly levels: number,
  ) {
    this.meanGap = Math.max(1, Math.trunc((market.rules.seedTicks * REACH_PER_MILLE) / 1000 / levels));
  }

  get size(): number {
    return this.orders.length;
  }

  /** Takes back all quotes that are better than `topTicks`, and forgets those that were traded away. */
  retreat(topTicks: number): void {
    for (;;) {
      const best = this.orders[this.orders.length - 1];
      if (best === undefined) return;
      if (best.level !== null && !this.isBetter(best.terms.priceTicks, topTicks)) return;
      this.orders.pop();
      if (best.level !== null) withdraw(this.desk, best);
    }
  }

  /** Quotes from `topTicks` down to the best quote that is left; from nothing, the whole ladder. */
  advance(topTicks: number, random: Prng): void {
    const best = this.orders[this.orders.length - 1];
    const fresh: LiveOrder[] = [];
    let ticks = topTicks;
    while (fresh.length < this.levels && this.isAllowed(ticks) && (best === undefined || this.isBetter(ticks, best.terms.priceTicks))) {
      fresh.push(this.quote(ticks, this.sizeAt(fresh.length, random)));
      ticks = this.farther(ticks, this.gapAt(fresh.length, random));
    }
    for (let i = fresh.length - 1; i >= 0; i -= 1) this.orders.push(fresh[i]!);
  }

  /** Brings the far end back to the wanted number of levels. */
  trim(random: Prng): void {
    const excess = this.orders.length - this.levels;
    if (excess > 0) for (const order of this.orders.splice(0, excess)) withdraw(this.desk, order);
    const added: LiveOrder[] = [];
    let ticks = this.orders[0]?.terms.priceTicks ?? 0;
    while (ticks > 0 && this.orders.length + added.length < this.levels) {
      ticks = this.farther(ticks, this.gapAt(this.orders.length + added.length, random));
      if (!this.isAllowed(ticks)) break;
      added.push(this.quote(ticks, this.sizeAt(this.orders.length + added.length, random)));
    }
    if (added.length > 0) this.orders = [...added.reverse(), ...this.orders];
  }

  /** Gives some levels near the touch a new size, and thins out levels far from it that lie too close together. */
  stir(changes: number, random: Prng): void {
    for (let i = 0; i < changes && this.orders.length > 0; i += 1) {
      const depth = random.below(Math.min(DENSE_LEVELS, this.orders.length));
      const index = this.orders.length - 1 - depth;
      const old = this.orders[index]!;
      withdraw(this.desk, old);
      this.orders[index] = this.quote(old.terms.priceTicks, this.sizeAt(depth, random));
    }
    for (let i = 0; i < changes && this.orders.length > 2 * DENSE_LEVELS; i += 1) {
      const index = random.below(this.orders.length - 2 * DENSE_LEVELS);
      const gap = Math.abs(this.orders[index]!.terms.priceTicks - this.orders[index + 1]!.terms.priceTicks);
      if (gap * 2 >= this.meanGap) continue;
      withdraw(this.desk, this.orders[index]!);
      this.orders.splice(index, 1);
    }
  }

  private quote(ticks: number, steps: number): LiveOrder {
    const order = makerOrder(this.desk, this.market, this.isBuy, ticks, steps);
    this.market.announce(this.market.book.side(this.isBuy).add(order), this.desk.nowMs);
    return order;
  }

  private sizeAt(depth: number, random: Prng): number {
    const bigger = 1 + Math.min(BIGGER_MAX, Math.trunc(depth / BIGGER_EVERY));
    const steps = Math.trunc((this.market.lotSteps * bigger * random.between(10, 200)) / 100);
    return Math.max(this.market.rules.quantityMinSteps, steps);
  }

  private gapAt(depth: number, random: Prng): number {
    const gap = depth >= DENSE_LEVELS ? this.meanGap : Math.trunc((this.meanGap * (depth + 1)) / (2 * DENSE_LEVELS));
    return 1 + random.below(Math.max(1, 2 * gap - 1));
  }

  private isAllowed(ticks: number): boolean {
    const { priceMinTicks, priceMaxTicks } = this.market.rules;
    return ticks >= Math.max(1, priceMinTicks) && (priceMaxTicks === 0 || ticks <= priceMaxTicks);
  }

  private isBetter(ticks: number, thanTicks: number): boolean {
    return this.isBuy ? ticks > thanTicks : ticks < thanTicks;
  }

  private farther(ticks: number, gap: number): number {
    return this.isBuy ? ticks - gap : ticks + gap;
  }
}

/** The makers take up to `steps` from the other side, at this limit or better. */
export function makersTake(desk: Desk, market: MarketState, isBuy: boolean, limitTicks: number, steps: number): void {
  matchOrder(desk, market, makerOrder(desk, market, isBuy, limitTicks, steps), limitTicks);
}

function makerOrder(desk: Desk, market: MarketState, isBuy: boolean, priceTicks: number, totalSteps: number): LiveOrder {
  const terms: OrderTerms = {
    clientOrderId: '',
    isBuy,
    type: 'limit',
    timeInForce: 'GTC',
    totalSteps,
    hasQuantity: true,
    quoteUnits: null,
    priceTicks,
    stopTicks: 0,
    icebergSteps: 0,
    expiresAtMs: null,
    postOnly: false,
    stpMode: 'none',
  };
  const order = new LiveOrder(desk.takeMakerOrderId(), null, market.rules, terms, desk.nowMs);
  order.isWorking = true;
  return order;
}
