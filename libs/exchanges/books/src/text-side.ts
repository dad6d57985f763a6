import type { BookLevel } from '#libs/model';
import { compareDecimalTexts, isZeroText } from './digits.js';
import type { LevelBatch } from './level-batch.js';

/**
 * One side of a book kept as text, for prices and quantities that do not fit into numbers. Slow and exact: the
 * fall-back of `LevelSide`, with the same meaning.
 */
export class TextSide {
  /** Best last, as in `LevelSide`. */
  private levels: BookLevel[] = [];

  /** @param sign - 1 for bids, -1 for asks. */
  constructor(private readonly sign: 1 | -1) {}

  get count(): number {
    return this.levels.length;
  }

  /** Takes over what another side holds, best first. */
  fill(bestFirst: readonly BookLevel[]): void {
    this.levels = [...bestFirst].reverse();
  }

  apply(batch: LevelBatch): void {
    for (let level = 0; level < batch.count; level += 1) this.set(batch.priceText(level), batch.quantityText(level));
  }

  top(depth: number): BookLevel[] {
    return depth === 0 ? [] : this.levels.slice(-depth).reverse();
  }

  private set(price: string, quantity: string): void {
    let low = 0;
    let high = this.levels.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareDecimalTexts(this.levels[middle]![0], price) * this.sign < 0) low = middle + 1;
      else high = middle;
    }
    const found = low < this.levels.length && compareDecimalTexts(this.levels[low]![0], price) === 0;
    if (isZeroText(quantity)) {
      if (found) this.levels.splice(low, 1);
    } else this.levels.splice(low, found ? 1 : 0, [price, quantity]);
  }
}
