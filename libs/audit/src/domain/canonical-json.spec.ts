import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, storableText, type JsonValue } from './canonical-json.js';

describe('canonicalJson', () => {
  it('orders keys, drops what is undefined and writes no white space', () => {
    expect(canonicalJson({ b: [1, null, true], a: { d: 'x', c: undefined } })).toBe('{"a":{"d":"x"},"b":[1,null,true]}');
  });

  it('says the same for equal values, whatever the order in which keys were set', () => {
    const leaf = fc.oneof(fc.string(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null));
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 5 }),
      ),
    })).value as fc.Arbitrary<JsonValue>;
    fc.assert(
      fc.property(tree, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(reversed(JSON.parse(text) as JsonValue))).toBe(text);
      }),
    );
  });

  it.each([1.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])('refuses %s, because it may not come back the same', (value) => {
    expect(() => canonicalJson({ value })).toThrow('safe integers');
  });

  it('replaces what Postgres cannot store and leaves whole pairs alone', () => {
    expect(storableText('a\0b')).toBe('a\ufffdb');
    expect(storableText('\ud83d')).toBe('\ufffd');
    expect(storableText('😀')).toBe('😀');
  });
});

function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return (value as JsonValue[]).map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value as Record<string, JsonValue>)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}
