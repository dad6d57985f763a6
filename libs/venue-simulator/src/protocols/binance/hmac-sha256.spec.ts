import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HmacSha256 } from './hmac-sha256.js';

describe('HMAC-SHA256', () => {
  it('is what the library says, for any key and message, one after the other under one key', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        fc.array(fc.string({ unit: 'grapheme', maxLength: 300 })),
        (secret, messages) => {
          const mac = new HmacSha256(secret);
          for (const message of messages) expect(mac.hex(message)).toBe(createHmac('sha256', secret).update(message).digest('hex'));
        },
      ),
    );
  });

  it('takes messages of any length', () => {
    const mac = new HmacSha256('a secret');
    for (const message of ['', 'x'.repeat(100_000), 'short']) {
      expect(mac.hex(message)).toBe(createHmac('sha256', 'a secret').update(message).digest('hex'));
    }
  });
});
