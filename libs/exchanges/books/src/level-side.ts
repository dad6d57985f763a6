import type { BookLevel } from '#libs/model';
import { POWER_OF_TEN, textOfDigits } from './digits.js';
import type { LevelBatch } from './level-batch.js';

/** Levels in a block: an insertion moves half as many at the most. */
const BLOCK = 16;
const HALF = BLOCK / 2;
const BLOCKS_FIRST = 64;
/** Most venues write prices with eight decimals at the most; the scale adapts where one does not. */
const SCALE_FIRST = 8;
const SCALE_MAX = 15;

/**
 * One side of a book: levels in order of price, in blocks of numbers. The key of a level is its price times a power of
 * ten, exactly, negated for asks: so the best level is the last one on both sides. A message names its levels best first,
 * so each is looked for from where the one before was found.
 */
export class LevelSide {
  /** Block after block of keys, each block rising and filled from its beginning. */
  private keys = new Float64Array(BLOCKS_FIRST * BLOCK);
  /** By the same place: whole part and fraction of the quantity, and `decimals of the price << 4 | of the quantity`. */
  private wholes = new Float64Array(BLOCKS_FIRST * BLOCK);
  private fractions = new Float64Array(BLOCKS_FIRST * BLOCK);
  private places = new Uint8Array(BLOCKS_FIRST * BLOCK);
  /** Levels in each block. No block is empty, except for the only one. */
  private counts = new Int32Array(BLOCKS_FIRST);
  /** The blocks in rising order of their keys, and the first key of each. */
  private order = new Int32Array(BLOCKS_FIRST);
  private firsts = new Float64Array(BLOCKS_FIRST);
  private blocks = 1;
  private blocksMade = 1;
  private readonly freeBlocks: number[] = [];
  /** Where in `order` the last level was found. */
  private finger = 0;
  private levels = 0;
  private scale = SCALE_FIRST;
  private power = POWER_OF_TEN[SCALE_FIRST]!;
  private batchKeys = new Float64Array(BLOCK);

  /** @param sign - 1 for bids, -1 for asks. */
  constructor(private readonly sign: 1 | -1) {}

  /** How many levels there are. */
  get count(): number {
    return this.levels;
  }

  clear(): void {
    this.levels = this.finger = 0;
    this.blocks = this.blocksMade = 1;
    this.order[0] = this.counts[0] = 0;
    this.freeBlocks.length = 0;
  }

  /**
   * Sets or removes the levels of a batch, in its order. Removing an absent level is normal.
   * @returns `false`, and nothing is changed, when a price fits no key: keep the side as text and apply again.
   */
  apply(batch: LevelBatch): boolean {
    if (batch.texts !== null || !this.readKeys(batch)) return false;
    const { wholes, fractions, count } = batch;
    this.finger = this.blocks - 1;
    for (let level = 0; level < count; level += 1) {
      const at = this.find(level);
      if (wholes[2 * level + 1] === 0 && fractions[2 * level + 1] === 0) this.remove(level, at);
      else this.set(batch, level, at);
    }
    return true;
  }

  /** The best `depth` levels, best first, in the venue's text. */
  top(depth: number): BookLevel[] {
    const levels: BookLevel[] = [];
    for (let block = this.blocks - 1; block >= 0; block -= 1) {
      const start = this.order[block]! * BLOCK;
      for (let at = start + this.counts[this.order[block]!]! - 1; at >= start; at -= 1) {
        if (levels.length >= depth) return levels;
        const places = this.places[at]!;
        const quantity = textOfDigits(this.wholes[at]!, this.fractions[at]!, places & 15);
        levels.push([this.priceText(this.keys[at]!, places >> 4), quantity]);
      }
    }
    return levels;
  }

  /** The best price as an exact multiple of 10^-`keyScale`; `NaN` where the side is empty. */
  bestKey(): number {
    const best = this.order[this.blocks - 1]!;
    return this.levels === 0 ? Number.NaN : this.keys[best * BLOCK + this.counts[best]! - 1]! * this.sign;
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

  /** The first place in the block of the level whose key is not below the level's: its own, or where it belongs. */
  private find(level: number): number {
    const { keys } = this;
    const key = this.batchKeys[level]!;
    const block = this.order[this.findBlock(level)]!;
    let low = block * BLOCK;
    let high = low + this.counts[block]!;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Moves the finger to the last block that does not begin above the level's key; to the first one where all do. */
  private findBlock(level: number): number {
    const { firsts, blocks } = this;
    const key = this.batchKeys[level]!;
    let high = this.finger + 1;
    if (high < blocks && firsts[high]! <= key) high = blocks;
    let low = high - 1;
    for (let step = 1; low > 0 && firsts[low]! > key; step += step) {
      high = low;
      low -= step;
    }
    if (low < 0) low = 0;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (firsts[middle]! <= key) low = middle;
      else high = middle;
    }
    this.finger = low;
    return low;
  }

  private isAt(level: number, at: number): boolean {
    const block = this.order[this.finger]!;
    return at < block * BLOCK + this.counts[block]! && this.keys[at] === this.batchKeys[level];
  }

  private remove(level: number, at: number): void {
    if (!this.isAt(level, at)) return;
    const { keys, wholes, fractions, places, counts, finger } = this;
    const block = this.order[finger]!;
    const last = block * BLOCK + counts[block]! - 1;
    for (let to = at; to < last; to += 1) {
      keys[to] = keys[to + 1]!;
      wholes[to] = wholes[to + 1]!;
      fractions[to] = fractions[to + 1]!;
      places[to] = places[to + 1]!;
    }
    counts[block] = counts[block]! - 1;
    this.firsts[finger] = keys[block * BLOCK]!;
    this.levels -= 1;
    if (last === block * BLOCK && this.blocks > 1) this.dropBlock();
  }

  private set(batch: LevelBatch, level: number, found: number): void {
    const at = this.isAt(level, found) ? found : this.insert(level, found);
    const price = 2 * level;
    this.wholes[at] = batch.wholes[price + 1]!;
    this.fractions[at] = batch.fractions[price + 1]!;
    this.places[at] = (batch.decimals[price]! << 4) | batch.decimals[price + 1]!;
  }

  private insert(level: number, found: number): number {
    const at = this.counts[this.order[this.finger]!] === BLOCK ? this.split(found) : found;
    const { keys, wholes, fractions, places, counts } = this;
    const block = this.order[this.finger]!;
    for (let to = block * BLOCK + counts[block]!; to > at; to -= 1) {
      keys[to] = keys[to - 1]!;
      wholes[to] = wholes[to - 1]!;
      fractions[to] = fractions[to - 1]!;
      places[to] = places[to - 1]!;
    }
    keys[at] = this.batchKeys[level]!;
    counts[block] = counts[block]! + 1;
    this.firsts[this.finger] = keys[block * BLOCK]!;
    this.levels += 1;
    return at;
  }

  /** Halves the full block under the finger; answers where `at` has gone, and leaves the finger there. */
  private split(at: number): number {
    const fresh = this.newBlock();
    const { keys, counts, order, firsts, finger } = this;
    const block = order[finger]!;
    const middle = block * BLOCK + HALF;
    for (const numbers of [keys, this.wholes, this.fractions, this.places]) numbers.copyWithin(fresh * BLOCK, middle, middle + HALF);
    counts[block] = counts[fresh] = HALF;
    order.copyWithin(finger + 2, finger + 1, this.blocks);
    firsts.copyWithin(finger + 2, finger + 1, this.blocks);
    order[finger + 1] = fresh;
    firsts[finger + 1] = keys[middle]!;
    this.blocks += 1;
    if (at <= middle) return at;
    this.finger = finger + 1;
    return fresh * BLOCK + at - middle;
  }

  private dropBlock(): void {
    const { order, firsts, finger } = this;
    this.freeBlocks.push(order[finger]!);
    order.copyWithin(finger, finger + 1, this.blocks);
    firsts.copyWithin(finger, finger + 1, this.blocks);
    this.blocks -= 1;
    this.finger = Math.min(finger, this.blocks - 1);
  }

  private newBlock(): number {
    const block = this.freeBlocks.pop();
    if (block !== undefined) return block;
    const room = this.counts.length;
    if (this.blocksMade === room) {
      this.keys = longer(this.keys, new Float64Array(2 * room * BLOCK));
      this.wholes = longer(this.wholes, new Float64Array(2 * room * BLOCK));
      this.fractions = longer(this.fractions, new Float64Array(2 * room * BLOCK));
      this.places = longer(this.places, new Uint8Array(2 * room * BLOCK));
      this.counts = longer(this.counts, new Int32Array(2 * room));
      this.order = longer(this.order, new Int32Array(2 * room));
      this.firsts = longer(this.firsts, new Float64Array(2 * room));
    }
    this.blocksMade += 1;
    return this.blocksMade - 1;
  }

  /** The key of a price at the scale in use; `NaN` where the price is finer than the scale. */
  private scaled(whole: number, fraction: number, places: number): number {
    if (places <= this.scale) return whole * this.power + fraction * POWER_OF_TEN[this.scale - places]!;
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
    const held = this.occupied();
    for (const at of held) {
      const value = Math.abs(this.keys[at]!);
      finest = Math.max(finest, effectivePlaces(value % this.power, this.scale));
      greatest = Math.max(greatest, Math.floor(value / this.power) + 1);
    }
    let scale = SCALE_MAX;
    while (scale > finest && greatest * POWER_OF_TEN[scale]! > Number.MAX_SAFE_INTEGER) scale -= 1;
    if (scale < finest || greatest * POWER_OF_TEN[scale]! > Number.MAX_SAFE_INTEGER) return false;
    const change = scale - this.scale;
    for (const at of held) {
      this.keys[at] = change >= 0 ? this.keys[at]! * POWER_OF_TEN[change]! : this.keys[at]! / POWER_OF_TEN[-change]!;
    }
    for (let block = 0; block < this.blocks; block += 1) this.firsts[block] = this.keys[this.order[block]! * BLOCK]!;
    this.scale = scale;
    this.power = POWER_OF_TEN[scale]!;
    return true;
  }

  /** The places that hold levels. */
  private occupied(): number[] {
    return Array.from(this.order.subarray(0, this.blocks)).flatMap((block) =>
      Array.from({ length: this.counts[block]! }, (_, at) => block * BLOCK + at),
    );
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
