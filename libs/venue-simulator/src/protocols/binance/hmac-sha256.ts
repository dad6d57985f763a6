import { createHash, hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
const MESSAGE_BYTES_FIRST = 4_096;
/** The most bytes that UTF-8 takes per UTF-16 unit. */
const BYTES_PER_UNIT_MAX = 3;

/**
 * HMAC-SHA256 (RFC 2104) under one key. The padded keys are made once and each half is one hash in one call: no native object is made
 * per message, which is what most of the time of `createHmac` goes into.
 */
export class HmacSha256 {
  private inner: Buffer;
  private readonly outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

  constructor(secret: string) {
    const bytes = Buffer.from(secret, 'utf8');
    const key = bytes.length > BLOCK_BYTES ? createHash('sha256').update(bytes).digest() : bytes;
    this.inner = Buffer.alloc(BLOCK_BYTES + MESSAGE_BYTES_FIRST);
    for (let i = 0; i < BLOCK_BYTES; i += 1) {
      const byte = key[i] ?? 0;
      this.inner[i] = byte ^ INNER_PAD;
      this.outer[i] = byte ^ OUTER_PAD;
    }
  }

  /** The code of a message as lower-case hex. */
  hex(message: string): string {
    this.makeRoom(BLOCK_BYTES + message.length * BYTES_PER_UNIT_MAX);
    const end = BLOCK_BYTES + this.inner.write(message, BLOCK_BYTES, 'utf8');
    this.outer.write(hash('sha256', this.inner.subarray(0, end), 'hex'), BLOCK_BYTES, 'hex');
    return hash('sha256', this.outer, 'hex');
  }

  private makeRoom(bytes: number): void {
    if (bytes <= this.inner.length) return;
    const larger = Buffer.alloc(bytes);
    this.inner.copy(larger, 0, 0, BLOCK_BYTES);
    this.inner = larger;
  }
}
