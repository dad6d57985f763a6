import { digitsOfText, DIGITS_MAX, isPlainDecimal, isZeroText, textOfDigits } from './digits.js';

const QUOTE = 34;
const COMMA = 44;
const POINT = 46;
const OPEN = 91;
const CLOSE = 93;
/** Up to this many digits are added up in 32-bit arithmetic. */
const INT_DIGITS = 9;
const CAPACITY_FIRST = 64;

/**
 * Levels as one message brought them, in its order: price at even, quantity at odd positions of the arrays.
 * It is made once and filled again for every message, so that reading a message makes no garbage.
 */
export class LevelBatch {
  count = 0;
  wholes = new Float64Array(2 * CAPACITY_FIRST);
  fractions = new Float64Array(2 * CAPACITY_FIRST);
  decimals = new Uint8Array(2 * CAPACITY_FIRST);
  /** All texts, price and quantity in turn, once one of them did not fit into numbers; else `null`. */
  texts: string[] | null = null;

  clear(): void {
    this.count = 0;
    this.texts = null;
  }

  /** Adds one level. `false`: not two plain decimals, and nothing was added. */
  add(price: string, quantity: string): boolean {
    if (!isPlainDecimal(price) || !isPlainDecimal(quantity)) return false;
    const at = 2 * this.count;
    if (at === this.wholes.length) this.grow();
    const compact = this.put(at, price) && this.put(at + 1, quantity);
    if (!compact && this.texts === null) this.texts = this.allTexts();
    this.texts?.push(price, quantity);
    this.count += 1;
    return true;
  }

  priceText(level: number): string {
    return this.text(2 * level);
  }

  quantityText(level: number): string {
    return this.text(2 * level + 1);
  }

  isRemoval(level: number): boolean {
    const at = 2 * level + 1;
    if (this.texts !== null) return isZeroText(this.texts[at]!);
    return this.wholes[at] === 0 && this.fractions[at] === 0;
  }

  /**
   * Reads `[["price","quantity"],…]` that starts at `from`, and adds its levels.
   * @returns where it ends (one past the last bracket), or -1 when it is not exactly that, without white space, with
   *   compact decimals: then the batch holds part of it, and the caller reads the message in the ordinary way instead.
   */
  read(bytes: Uint8Array, from: number): number {
    if (bytes[from] !== OPEN) return -1;
    if (bytes[from + 1] === CLOSE) return from + 2;
    let count = this.count;
    let at = from;
    do {
      if (2 * count === this.wholes.length) this.grow();
      if (bytes[at + 1] !== OPEN) return -1;
      const comma = this.readDecimal(bytes, at + 2, 2 * count);
      if (comma < 0 || bytes[comma] !== COMMA) return -1;
      const close = this.readDecimal(bytes, comma + 1, 2 * count + 1);
      if (close < 0 || bytes[close] !== CLOSE) return -1;
      at = close + 1;
      count += 1;
    } while (bytes[at] === COMMA);
    if (bytes[at] !== CLOSE || this.texts !== null) return -1;
    this.count = count;
    return at + 1;
  }

  /**
   * Reads one level whose price and quantity are named members instead: `"price"`, then `between`, then `"quantity"`.
   * @returns one past the closing quote of the quantity, or -1 as above.
   */
  readPair(bytes: Uint8Array, from: number, between: Uint8Array): number {
    if (2 * this.count === this.wholes.length) this.grow();
    let at = this.readDecimal(bytes, from, 2 * this.count);
    if (at < 0) return -1;
    for (let i = 0; i < between.length; i += 1, at += 1) if (bytes[at] !== between[i]) return -1;
    const end = this.readDecimal(bytes, at, 2 * this.count + 1);
    if (end < 0 || this.texts !== null) return -1;
    this.count += 1;
    return end;
  }

  /**
   * Reads a quoted compact decimal into place `index`. `c ^ 48` is below ten for the ten digits and for no other byte,
   * and past the end of the frame it is 48, so that the loops stop there by themselves.
   */
  private readDecimal(bytes: Uint8Array, from: number, index: number): number {
    if (bytes[from] !== QUOTE) return -1;
    const start = from + 1;
    let at = start;
    let whole = 0;
    let digit = bytes[at]! ^ 48;
    while (digit < 10) {
      whole = (whole * 10 + digit) | 0;
      at += 1;
      digit = bytes[at]! ^ 48;
    }
    const wholeDigits = at - start;
    if (wholeDigits === 0 || (wholeDigits > 1 && bytes[start] === 48)) return -1;
    if (wholeDigits > INT_DIGITS) return this.readLong(bytes, start, index);
    let fraction = 0;
    let fractionDigits = 0;
    if (bytes[at] === POINT) {
      const first = at + 1;
      at = first;
      digit = bytes[at]! ^ 48;
      while (digit < 10) {
        fraction = (fraction * 10 + digit) | 0;
        at += 1;
        digit = bytes[at]! ^ 48;
      }
      fractionDigits = at - first;
      if (fractionDigits === 0) return -1;
      if (fractionDigits > INT_DIGITS) return this.readLong(bytes, start, index);
    }
    if (bytes[at] !== QUOTE) return -1;
    this.wholes[index] = whole;
    this.fractions[index] = fraction;
    this.decimals[index] = fractionDigits;
    return at + 1;
  }

  /** The same for up to fifteen digits on either side of the point, in doubles. */
  private readLong(bytes: Uint8Array, start: number, index: number): number {
    let at = start;
    let whole = 0;
    for (let digit = bytes[at]! ^ 48; digit < 10; digit = bytes[at]! ^ 48) {
      if (at - start === DIGITS_MAX) return -1;
      whole = whole * 10 + digit;
      at += 1;
    }
    let fraction = 0;
    let fractionDigits = 0;
    if (bytes[at] === POINT) {
      const first = (at += 1);
      for (let digit = bytes[at]! ^ 48; digit < 10; digit = bytes[at]! ^ 48) {
        if (at - first === DIGITS_MAX) return -1;
        fraction = fraction * 10 + digit;
        at += 1;
      }
      fractionDigits = at - first;
      if (fractionDigits === 0) return -1;
    }
    if (bytes[at] !== QUOTE) return -1;
    this.wholes[index] = whole;
    this.fractions[index] = fraction;
    this.decimals[index] = fractionDigits;
    return at + 1;
  }

  private put(at: number, text: string): boolean {
    const digits = digitsOfText(text);
    if (digits === null) return false;
    [this.wholes[at], this.fractions[at], this.decimals[at]] = digits;
    return true;
  }

  private text(at: number): string {
    if (this.texts !== null) return this.texts[at]!;
    return textOfDigits(this.wholes[at]!, this.fractions[at]!, this.decimals[at]!);
  }

  private allTexts(): string[] {
    return Array.from({ length: 2 * this.count }, (_, at) => this.text(at));
  }

  private grow(): void {
    const size = 2 * this.wholes.length;
    const { wholes, fractions, decimals } = this;
    this.wholes = new Float64Array(size);
    this.fractions = new Float64Array(size);
    this.decimals = new Uint8Array(size);
    this.wholes.set(wholes);
    this.fractions.set(fractions);
    this.decimals.set(decimals);
  }
}
