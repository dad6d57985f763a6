import type { BookLevel } from '#libs/model';
import { POWER_OF_TEN, textOfDigits } from './digits.js';
import type { LevelBatch } from './level-batch.js';

/** Marks a place whose level was removed. The place stays, so that a later level nearby needs to move few others. */
const GONE = 0xffff;
/** How far an insertion looks for a free place before it moves everything behind it. */
const REACH = 24;
/** Removed places are swept out when there are more than this, and more than half as many as levels. */
const GONE_MIN = 64;
const CAPACITY_FIRST = 256;
/** Most venues write prices with eight decimals at the most; the scale adapts where one does not. */
const SCALE_FIRST = 8;
const SCALE_MAX = 15;

/**
 * One side of a book: levels in order of price, in arrays of numbers. The key of a level is its price times a power of
 * ten, exactly, negated for asks: so the best level is the last one on both sides, where the market moves most.
 */
export class LevelSide {
  private keys = new Float64Array(CAPACITY_FIRST);
  /** Whole part and fraction of the quantities. */
  private wholes = new Float64Array(CAPACITY_FIRST);
  private fractions = new Float64Array(CAPACITY_FIRST);
  /** Decimals of price and quantity: `price << 4 | quantity`, or `GONE`. */
  private marks = new Uint16Array(CAPACITY_FIRST);
  private size = 0;
  private live = 0;
  private scale = SCALE_FIRST;
  private power = POWER_OF_TEN[SCALE_FIRST]!;

  /** @param sign - 1 for bids, -1 for asks. */
  constructor(private readonly sign: 1 | -1) {}

  /** How many levels there are. */
  get count(): number {
    return this.live;
  }

  clear(): void {
    this.size = 0;
    this.live = 0;
  }

  /**
   * Sets or removes the levels of a batch, in its order. Removing an absent level is normal.
   * @returns `false` when a price fits no key: some levels may have been set, so keep the side as text and apply again.
   */
  apply(batch: LevelBatch): boolean {
    if (batch.texts !== null) return false;
    const { wholes, fractions, decimals, count } = batch;
    let near = this.size;
    for (let at = 0; at < 2 * count; at += 2) {
      const places = decimals[at]!;
      let key: number;
      if (places === this.scale) key = wholes[at]! * this.power + fractions[at]!;
      else key = this.scaled(wholes[at]!, fractions[at]!, places);
      if (!(key <= Number.MAX_SAFE_INTEGER)) {
        key = this.rescaled(wholes[at]!, fractions[at]!, places);
        if (key < 0) return false;
        near = this.size;
      }
      near = this.find(key * this.sign, near);
      const whole = wholes[at + 1]!;
      const fraction = fractions[at + 1]!;
      if (whole === 0 && fraction === 0) this.remove(key * this.sign, near);
      else near = this.set(key * this.sign, near, whole, fraction, (places << 4) | decimals[at + 1]!);
    }
    this.tidy();
    return true;
  }

  /** The best `depth` levels, best first, in the venue's text. */
  top(depth: number): BookLevel[] {
    const levels: BookLevel[] = [];
    for (let at = this.size - 1; at >= 0 && levels.length < depth; at -= 1) {
      const mark = this.marks[at]!;
      if (mark === GONE) continue;
      const quantity = textOfDigits(this.wholes[at]!, this.fractions[at]!, mark & 15);
      levels.push([this.priceText(this.keys[at]!, mark >> 4), quantity]);
    }
    return levels;
  }

  /** The best price as an exact multiple of 10^-`scale`; `NaN` where the side is empty. */
  bestKey(): number {
    return this.size === 0 ? Number.NaN : this.keys[this.size - 1]! * this.sign;
  }

  get keyScale(): number {
    return this.scale;
  }

  /** First place whose key is not below `key`. Levels mostly come best first, so it looks downward from `near`. */
  private find(key: number, near: number): number {
    const keys = this.keys;
    let high = near;
    let low = near - 1;
    if (near < this.size && keys[near]! < key) {
      low = near;
      high = this.size;
    } else {
      for (let step = 1; low >= 0 && keys[low]! >= key; step += step) {
        high = low;
        low -= step;
      }
      if (low < -1) low = -1;
    }
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (keys[middle]! < key) low = middle;
      else high = middle;
    }
    return high;
  }

  private remove(key: number, at: number): void {
    if (at >= this.size || this.keys[at] !== key || this.marks[at] === GONE) return;
    this.marks[at] = GONE;
    this.live -= 1;
  }

  private set(key: number, found: number, whole: number, fraction: number, mark: number): number {
    let at = found;
    if (at >= this.size || this.keys[at] !== key) at = this.makeRoom(at);
    if (this.marks[at] === GONE) this.live += 1;
    this.keys[at] = key;
    this.wholes[at] = whole;
    this.fractions[at] = fraction;
    this.marks[at] = mark;
    return at;
  }

  /** A free place between `at - 1` and `at`: a removed one nearby if there is one, else everything behind moves up. */
  private makeRoom(at: number): number {
    const { marks, size } = this;
    for (let distance = 0; distance < REACH; distance += 1) {
      const above = at + distance;
      if (above < size && marks[above] === GONE) {
        this.shift(at, above, 1);
        marks[at] = GONE;
        return at;
      }
      const below = at - 1 - distance;
      if (below >= 0 && marks[below] === GONE) {
        this.shift(below + 1, at, -1);
        marks[at - 1] = GONE;
        return at - 1;
      }
    }
    if (size === this.keys.length) this.resize(2 * size);
    this.shift(at, size, 1);
    this.size = size + 1;
    this.marks[at] = GONE;
    return at;
  }

  /** Moves the places from `from` up to, not including, `to` by one. */
  private shift(from: number, to: number, by: 1 | -1): void {
    const { keys, wholes, fractions, marks } = this;
    if (to - from > REACH) {
      keys.copyWithin(from + by, from, to);
      wholes.copyWithin(from + by, from, to);
      fractions.copyWithin(from + by, from, to);
      marks.copyWithin(from + by, from, to);
      return;
    }
    for (let step = 0; step < to - from; step += 1) {
      const at = by === 1 ? to - 1 - step : from + step;
      keys[at + by] = keys[at]!;
      wholes[at + by] = wholes[at]!;
      fractions[at + by] = fractions[at]!;
      marks[at + by] = marks[at]!;
    }
  }

  /** Keeps the best level in the last place, and sweeps when removed places have become many. */
  private tidy(): void {
    while (this.size > 0 && this.marks[this.size - 1] === GONE) this.size -= 1;
    const gone = this.size - this.live;
    if (gone > GONE_MIN && 2 * gone > this.live) this.sweep();
  }

  private sweep(): void {
    const { keys, wholes, fractions, marks } = this;
    let to = 0;
    for (let from = 0; from < this.size; from += 1) {
      if (marks[from] === GONE) continue;
      keys[to] = keys[from]!;
      wholes[to] = wholes[from]!;
      fractions[to] = fractions[from]!;
      marks[to] = marks[from]!;
      to += 1;
    }
    this.size = to;
  }

  private resize(capacity: number): void {
    const { keys, wholes, fractions, marks } = this;
    this.keys = new Float64Array(capacity);
    this.wholes = new Float64Array(capacity);
    this.fractions = new Float64Array(capacity);
    this.marks = new Uint16Array(capacity);
    this.keys.set(keys);
    this.wholes.set(wholes);
    this.fractions.set(fractions);
    this.marks.set(marks);
  }

  /** The key of a price at the scale in use; `NaN` where the price is finer than the scale. */
  private scaled(whole: number, fraction: number, places: number): number {
    if (places < this.scale) return whole * this.power + fraction * POWER_OF_TEN[this.scale - places]!;
    const divisor = POWER_OF_TEN[places - this.scale]!;
    return fraction % divisor === 0 ? whole * this.power + fraction / divisor : Number.NaN;
  }

  /** Finds a scale at which this price and all that are here fit, and goes over to it; -1 where there is none. */
  private rescaled(whole: number, fraction: number, places: number): number {
    let finest = effectivePlaces(fraction, places);
    let greatest = whole + 1;
    this.sweep();
    for (let at = 0; at < this.size; at += 1) {
      const value = Math.abs(this.keys[at]!);
      finest = Math.max(finest, effectivePlaces(value % this.power, this.scale));
      greatest = Math.max(greatest, Math.floor(value / this.power) + 1);
    }
    let scale = SCALE_MAX;
    while (scale > finest && greatest * POWER_OF_TEN[scale]! > Number.MAX_SAFE_INTEGER) scale -= 1;
    if (scale < finest || greatest * POWER_OF_TEN[scale]! > Number.MAX_SAFE_INTEGER) return -1;
    const change = scale - this.scale;
    for (let at = 0; at < this.size; at += 1) {
      this.keys[at] = change >= 0 ? this.keys[at]! * POWER_OF_TEN[change]! : this.keys[at]! / POWER_OF_TEN[-change]!;
    }
    this.scale = scale;
    this.power = POWER_OF_TEN[scale]!;
    return this.scaled(whole, fraction, places);
  }

  private priceText(key: number, places: number): string {
    const value = Math.abs(key);
    const fraction = value % this.power;
    const whole = (value - fraction) / this.power;
    const change = places - this.scale;
    return textOfDigits(whole, change >= 0 ? fraction * POWER_OF_TEN[change]! : fraction / POWER_OF_TEN[-change]!, places);
  }
}

/** Decimals without trailing zeros. */
function effectivePlaces(fraction: number, places: number): number {
  let rest = fraction;
  let left = places;
  while (left > 0 && rest % 10 === 0) {
    rest /= 10;
    left -= 1;
  }
  return left;
}
