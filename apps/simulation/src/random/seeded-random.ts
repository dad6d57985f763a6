import { invariant } from '#libs/kernel';

const TWO_32 = 4_294_967_296;
const GOLDEN = 0x9e3779b9;

/** Spreads a number over 32 bits (the finaliser of splitmix32). */
function mixed(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return (bits ^ (bits >>> 15)) >>> 0;
}

function hashed(text: string, seed: number): number {
  let bits = seed >>> 0;
  for (let at = 0; at < text.length; at += 1) bits = mixed(Math.imul(bits, 31) + text.charCodeAt(at) + GOLDEN);
  return bits;
}

/**
 * Numbers that depend on the seed and nothing else (xoshiro128**). Not for secrets. `fork` gives parts of a world numbers of their own, so
 * that one part asking once more changes nothing for the others.
 */
export class SeededRandom {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** @param seed a safe whole number. */
  constructor(
    readonly seed: number,
    private readonly path = '',
  ) {
    invariant(Number.isSafeInteger(seed), 'a seed is a safe whole number');
    // Each word of the state depends on every bit of seed and path, so that neighbouring seeds begin far apart.
    const low = mixed(hashed(path, seed >>> 0) + GOLDEN);
    const high = mixed(hashed(path, Math.floor(seed / TWO_32)) ^ low);
    this.a = mixed(low + 2 * GOLDEN);
    this.b = mixed(high + 3 * GOLDEN);
    this.c = mixed((low ^ this.b) + GOLDEN);
    this.d = mixed((high ^ this.a) + GOLDEN) | 1;
  }

  /** A source of its own. The same label gives the same numbers, however many were drawn before. */
  fork(label: string): SeededRandom {
    return new SeededRandom(this.seed, `${this.path}/${label}`);
  }

  /** 32 bits. */
  uint32(): number {
    const result = Math.imul(rotated(Math.imul(this.b, 5), 7), 9) >>> 0;
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = rotated(this.d, 11);
    return result;
  }

  /** From 0 (included) to 1 (excluded). */
  next(): number {
    return this.uint32() / TWO_32;
  }

  /** The same as a function, for ports that want one. */
  readonly source = (): number => this.next();

  /** True with this probability. 0 and 1 draw nothing. */
  chance(probability: number): boolean {
    if (probability <= 0) return false;
    return probability >= 1 || this.next() < probability;
  }

  /** A whole number, both ends included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick<T>(items: readonly T[]): T {
    invariant(items.length > 0, 'there is something to pick from');
    return items[Math.floor(this.next() * items.length)]!;
  }

  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let at = copy.length - 1; at > 0; at -= 1) {
      const other = this.between(0, at);
      [copy[at], copy[other]] = [copy[other]!, copy[at]!];
    }
    return copy;
  }
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
