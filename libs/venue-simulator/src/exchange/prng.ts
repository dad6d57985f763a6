/**
 * Small seeded randomness: xoshiro128** (Blackman and Vigna) fed by a hash of its keys, so that a stream can be opened at any
 * (seed, market, step) without running through the ones before. Whole numbers only: prices made from it stay exact.
 */

/** Mixes whole numbers into one of 32 bits (the finalizer of MurmurHash3 after each word). */
export function hash32(a: number, b = 0, c = 0, d = 0): number {
  let h = 0x9e3779b9;
  h = absorb(h, a);
  h = absorb(h, b);
  h = absorb(h, c);
  return absorb(h, d) >>> 0;
}

/** The high half counts too: seeds and times may exceed 32 bits. */
function absorb(h: number, word: number): number {
  const low = mix(h ^ (word | 0));
  const high = Math.floor(word / 0x1_0000_0000) | 0;
  return high === 0 ? low : mix(low ^ high);
}

/** A 32-bit hash of a text, for keys such as market symbols. */
export function textHash32(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h) >>> 0;
}

function mix(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

export class Prng {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(a: number, b = 0, c = 0, d = 0) {
    const key = hash32(a, b, c, d);
    this.a = hash32(key, 1);
    this.b = hash32(key, 2);
    this.c = hash32(key, 3);
    this.d = hash32(key, 4) | 1; // Never all zero.
  }

  /** A whole number from 0 to 2^32 − 1. */
  next32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.b, 5), 7), 9);
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = rotateLeft(this.d, 11);
    return result >>> 0;
  }

  /** A whole number from 0 to `limit` − 1; `limit` is whole, from 1 to 2^32. */
  below(limit: number): number {
    return Math.floor((this.next32() * limit) / 0x1_0000_0000);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True once in `n` times on average. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }
}
