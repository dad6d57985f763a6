import { LiveOrder, PriceLevel } from './live-order.js';

/** One side of a book. Levels are sorted with the best one last, so that work at the touch is cheap. */
export class BookSide {
  private readonly levels: PriceLevel[] = [];
  private readonly byTicks = new Map<number, PriceLevel>();

  constructor(readonly isBuy: boolean) {}

  get size(): number {
    return this.levels.length;
  }

  best(): PriceLevel | undefined {
    return this.levels[this.levels.length - 1];
  }

  /** The level at a depth: 0 is the best. */
  at(depth: number): PriceLevel | undefined {
    return this.levels[this.levels.length - 1 - depth];
  }

  levelAt(ticks: number): PriceLevel | undefined {
    return this.byTicks.get(ticks);
  }

  add(order: LiveOrder): PriceLevel {
    const ticks = order.terms.priceTicks;
    let level = this.byTicks.get(ticks);
    if (level === undefined) {
      level = new PriceLevel(ticks, this.isBuy);
      this.byTicks.set(ticks, level);
      this.insert(level);
    }
    level.append(order);
    return level;
  }

  remove(order: LiveOrder): PriceLevel {
    const level = order.level!;
    level.remove(order);
    this.dropIfEmpty(level);
    return level;
  }

  dropIfEmpty(level: PriceLevel): void {
    if (level.head !== null || this.byTicks.get(level.ticks) !== level) return;
    this.byTicks.delete(level.ticks);
    if (this.best() === level) this.levels.pop();
    else this.levels.splice(this.position(level.ticks), 1);
  }

  /** Whether an order of the other side with this limit would trade with a level at `ticks`. A limit of 0 takes any price. */
  crosses(ticks: number, limitTicks: number): boolean {
    if (limitTicks === 0) return true;
    return this.isBuy ? limitTicks <= ticks : limitTicks >= ticks;
  }

  private insert(level: PriceLevel): void {
    const best = this.best();
    if (best === undefined || this.isWorse(best.ticks, level.ticks)) this.levels.push(level);
    else this.levels.splice(this.position(level.ticks), 0, level);
  }

  /** The index of the first level that is not worse than `ticks`. */
  private position(ticks: number): number {
    let low = 0;
    let high = this.levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.isWorse(this.levels[middle]!.ticks, ticks)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private isWorse(a: number, b: number): boolean {
    return this.isBuy ? a < b : a > b;
  }
}

/** A market's resting orders, by price, then by time. */
export class OrderBook {
  readonly bids = new BookSide(true);
  readonly asks = new BookSide(false);

  side(isBuy: boolean): BookSide {
    return isBuy ? this.bids : this.asks;
  }

  /** The side that an order trades with. */
  opposite(isBuy: boolean): BookSide {
    return isBuy ? this.asks : this.bids;
  }

  /** Whether an order with this limit would trade at once. */
  wouldMatch(isBuy: boolean, limitTicks: number): boolean {
    const side = this.opposite(isBuy);
    const best = side.best();
    return best !== undefined && side.crosses(best.ticks, limitTicks);
  }
}
