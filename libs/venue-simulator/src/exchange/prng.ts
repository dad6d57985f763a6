/**
 * Small seeded randomness: xoshiro128** (Blackman and Vigna) fed by a hash of its keys, so that a stream can be opened at any
 * (seed, market, step) without running through the ones before. Whole numbers only: prices made from it stay exact.
 */

/** Mixes 32-bit words into one (the finalizer of MurmurHash3 after each word). */
export function hash32(...words: readonly number[]): number {
  let h = 0x9e3779b9;
  for (const word of words) {
    // The high half counts too: seeds and minute numbers may exceed 32 bits.
    h = mix(h ^ (word | 0));
    h = mix(h ^ (Math.floor(word / 0x1_0000_0000) | 0));
  }
  return h >>> 0;
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

  constructor(...keys: readonly number[]) {
    this.a = hash32(1, ...keys);
    this.b = hash32(2, ...keys);
    this.c = hash32(3, ...keys);
    this.d = hash32(4, ...keys) | 1; // Never all zero.
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
