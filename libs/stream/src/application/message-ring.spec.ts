import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageRing } from './message-ring.js';

const message = (bytes: number): Buffer => Buffer.alloc(bytes);

describe('the ring of newest messages', () => {
  it('holds nothing at first, and knows where it stands', () => {
    const ring = new MessageRing(41, 100);
    expect([ring.lastSeq, ring.at(41), ring.at(42), ring.bytesAfter(41), ring.bytesAfter(0)]).toEqual([41, undefined, undefined, 0, 0]);
  });

  it('[lesson 42] keeps the newest up to its bytes, and always the very newest', () => {
    const ring = new MessageRing(0, 100);
    ring.push(message(60));
    ring.push(message(60));
    expect([ring.at(1), ring.at(2)?.length]).toEqual([undefined, 60]);
    ring.push(message(500));
    expect([ring.at(2), ring.at(3)?.length, ring.at(4)]).toEqual([undefined, 500, undefined]);
  });

  it('answers as a plain list does, however much has passed through it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 3_000 }), fc.nat(100), (sizes, first) => {
        const ring = new MessageRing(first, 400);
        const all = sizes.map(message);
        for (const one of all) ring.push(one);
        const last = first + all.length;
        expect(ring.lastSeq).toBe(last);
        let bytes = 0;
        for (let seq = last; seq > first; seq -= 1) {
          const one = all[seq - first - 1]!;
          const isHeld = bytes + one.length <= 400 || seq === last;
          expect(ring.at(seq)).toBe(isHeld ? one : undefined);
          if (!isHeld) break;
          expect(ring.bytesAfter(seq)).toBe(bytes);
          bytes += one.length;
        }
        expect(ring.bytesAfter(first - 1)).toBe(bytes);
      }),
      { numRuns: 50 },
    );
  });
});
