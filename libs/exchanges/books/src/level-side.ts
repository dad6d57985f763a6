import type { BookLevel } from '#libs/model';
import { POWER_OF_TEN, textOfDigits } from './digits.js';
import type { LevelBatch } from './level-batch.js';

/** A place whose level was removed. The place stays, so that a later level nearby needs to move few others. */
const GONE = -1;
/** How far an insertion looks for a free place before it moves everything behind it. */
const REACH = 16;
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
  /** Where the rest of each level is kept, or `GONE`: so that an insertion moves little. */
  private slots = new Int32Array(CAPACITY_FIRST);
  private size = 0;
  private batchKeys = new Float64Array(CAPACITY_FIRST);
  /** By slot: whole part and fraction of the quantity, and `decimals of the price << 4 | of the quantity`. */
  private wholes = new Float64Array(CAPACITY_FIRST);
  private fractions = new Float64Array(CAPACITY_FIRST);
  private places = new Uint8Array(CAPACITY_FIRST);
  /** Slots given back. */
  private readonly free: number[] = [];
  private slotsUsed = 0;
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
    this.slotsUsed = 0;
    this.free.length = 0;
  }

  /**
   * Sets or removes the levels of a batch, in its order. Removing an absent level is normal.
   * @returns `false`, and nothing is changed, when a price fits no key: keep the side as text and apply again.
   */
  apply(batch: LevelBatch): boolean {
    if (batch.texts !== null || !this.readKeys(batch)) return false;
    const { wholes, fractions, count } = batch;
    let near = this.size;
    for (let level = 0; level < count; level += 1) {
      near = this.find(level, near);
      if (wholes[2 * level + 1] === 0 && fractions[2 * level + 1] === 0) this.remove(level, near);
      else near = this.set(batch, level, near);
    }
    this.tidy();
    return true;
  }

  /** The best `depth` levels, best first, in the venue's text. */
  top(depth: number): BookLevel[] {
    const levels: BookLevel[] = [];
    for (let at = this.size - 1; at >= 0 && levels.length < depth; at -= 1) {
      const slot = this.slots[at]!;
      if (slot === GONE) continue;
      const places = this.places[slot]!;
      const quantity = textOfDigits(this.wholes[slot]!, this.fractions[slot]!, places & 15);
      levels.push([this.priceText(this.keys[at]!, places >> 4), quantity]);
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

  /**
   * The keys of a batch, into `batchKeys`. They are handed on through this array and not as arguments, because a double
   * that is passed to a function costs a heap allocation.
   */
  private readKeys(batch: LevelBatch): boolean {
    const { wholes, fractions, decimals, count } = batch;
    if (this.batchKeys.length < count) this.batchKeys = new Float64Array(2 * count);
    const { batchKeys, scale, power, sign } = this;
    for (let level = 0; level < count; level += 1) {
      const at = 2 * level;
      const places = decimals[at]!;
      const key = places === scale ? wholes[at]! * power + fractions[at]! : this.scaled(wholes[at]!, fractions[at]!, places);
      if (!(key <= Number.MAX_SAFE_INTEGER)) return this.rescale(batch) && this.readKeys(batch);
      batchKeys[level] = key * sign;
    }
    return true;
  }

  /** First place whose key is not below that of the level. Levels mostly come best first: so it looks down from `near`. */
  private find(level: number, near: number): number {
    const keys = this.keys;
    const key = this.batchKeys[level]!;
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

  private remove(level: number, at: number): void {
    if (at >= this.size || this.keys[at] !== this.batchKeys[level]) return;
    const slot = this.slots[at]!;
    if (slot === GONE) return;
    this.slots[at] = GONE;
    this.free.push(slot);
    this.live -= 1;
  }

  private set(batch: LevelBatch, level: number, found: number): number {
    let at = found;
    if (at >= this.size || this.keys[at] !== this.batchKeys[level]) {
      at = this.makeRoom(at);
      this.keys[at] = this.batchKeys[level]!;
    }
    let slot = this.slots[at]!;
    if (slot === GONE) {
      slot = this.newSlot();
      this.slots[at] = slot;
      this.live += 1;
    }
    const price = 2 * level;
    this.wholes[slot] = batch.wholes[price + 1]!;
    this.fractions[slot] = batch.fractions[price + 1]!;
    this.places[slot] = (batch.decimals[price]! << 4) | batch.decimals[price + 1]!;
    return at;
  }

  private newSlot(): number {
    const slot = this.free.pop();
    if (slot !== undefined) return slot;
    if (this.slotsUsed === this.wholes.length) {
      this.wholes = longer(this.wholes, new Float64Array(2 * this.slotsUsed));
      this.fractions = longer(this.fractions, new Float64Array(2 * this.slotsUsed));
      this.places = longer(this.places, new Uint8Array(2 * this.slotsUsed));
    }
    this.slotsUsed += 1;
    return this.slotsUsed - 1;
  }

  /** A free place between `at - 1` and `at`: a removed one nearby if there is one, else everything behind moves up. */
  private makeRoom(at: number): number {
    const { slots, size } = this;
    for (let distance = 0; distance < REACH; distance += 1) {
      const above = at + distance;
      if (above < size && slots[above] === GONE) {
        this.shiftUp(at, above);
        slots[at] = GONE;
        return at;
      }
      const below = at - 1 - distance;
      if (below >= 0 && slots[below] === GONE) {
        this.shiftDown(below + 1, at);
        slots[at - 1] = GONE;
        return at - 1;
      }
    }
    if (size === this.keys.length) {
      this.keys = longer(this.keys, new Float64Array(2 * size));
      this.slots = longer(this.slots, new Int32Array(2 * size));
    }
    this.shiftUp(at, size);
    this.size = size + 1;
    this.slots[at] = GONE;
    return at;
  }

  /** Moves the places from `from` up to, not including, `to` one up. */
  private shiftUp(from: number, to: number): void {
    const { keys, slots } = this;
    if (to - from > REACH) {
      keys.copyWithin(from + 1, from, to);
      slots.copyWithin(from + 1, from, to);
      return;
    }
    for (let at = to; at > from; at -= 1) {
      keys[at] = keys[at - 1]!;
      slots[at] = slots[at - 1]!;
    }
  }

  /** Moves the places from `from` up to, not including, `to` one down. */
  private shiftDown(from: number, to: number): void {
    const { keys, slots } = this;
    for (let at = from; at < to; at += 1) {
      keys[at - 1] = keys[at]!;
      slots[at - 1] = slots[at]!;
    }
  }

  /** Keeps the best level in the last place, and sweeps when removed places have become many. */
  private tidy(): void {
    while (this.size > 0 && this.slots[this.size - 1] === GONE) this.size -= 1;
    const gone = this.size - this.live;
    if (gone > GONE_MIN && 2 * gone > this.live) this.sweep();
  }

  private sweep(): void {
    const { keys, slots } = this;
    let to = 0;
    for (let from = 0; from < this.size; from += 1) {
      if (slots[from] === GONE) continue;
      keys[to] = keys[from]!;
      slots[to] = slots[from]!;
      to += 1;
    }
    this.size = to;
  }

  /** The key of a price at the scale in use; `NaN` where the price is finer than the scale. */
  private scaled(whole: number, fraction: number, places: number): number {
    if (places < this.scale) return whole * this.power + fraction * POWER_OF_TEN[this.scale - places]!;
    const divisor = POWER_OF_TEN[places - this.scale]!;
    return fraction % divisor === 0 ? whole * this.power + fraction / divisor : Number.NaN;
  }

  /** Goes over to a scale at which these prices and all that are here fit. `false`: there is none, and nothing changed. */
  private rescale(batch: LevelBatch): boolean {
    let finest = 0;
    let greatest = 0;
    for (let at = 0; at < 2 * batch.count; at += 2) {
      finest = Math.max(finest, effectivePlaces(batch.fractions[at]!, batch.decimals[at]!));
      greatest = Math.max(greatest, batch.wholes[at]! + 1);
    }
    this.sweep();
    for (let at = 0; at < this.size; at += 1) {
      const value = Math.abs(this.keys[at]!);
      finest = Math.max(finest, effectivePlaces(value % this.power, this.scale));
      greatest = Math.max(greatest, Math.floor(value / this.power) + 1);
    }
    let scale = SCALE_MAX;
    while (scale > finest && greatest * POWER_OF_TEN[scale]! > Number.MAX_SAFE_INTEGER) scale -= 1;
    if (scale < finest || greatest * POWER_OF_TEN[scale]! > Number.MAX_SAFE_INTEGER) return false;
    const change = scale - this.scale;
    for (let at = 0; at < this.size; at += 1) {
      this.keys[at] = change >= 0 ? this.keys[at]! * POWER_OF_TEN[change]! : this.keys[at]! / POWER_OF_TEN[-change]!;
    }
    this.scale = scale;
    this.power = POWER_OF_TEN[scale]!;
    return true;
  }

  private priceText(key: number, places: number): string {
    const value = Math.abs(key);
    const fraction = value % this.power;
    const whole = (value - fraction) / this.power;
    const change = places - this.scale;
    return textOfDigits(whole, change >= 0 ? fraction * POWER_OF_TEN[change]! : fraction / POWER_OF_TEN[-change]!, places);
  }
}

/** The same numbers at the beginning of a longer array. */
function longer<T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
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
