import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { parseLosslessJson } from './lossless-json.js';

describe('parseLosslessJson', () => {
  it('keeps the text of integers that a double cannot hold', () => {
    expect(parseLosslessJson('{"orderId":1234567890123456789,"n":9007199254740991,"m":9007199254740993}')).toEqual({
      orderId: '1234567890123456789',
      n: 9_007_199_254_740_991,
      m: '9007199254740993',
    });
  });

  it('keeps the text of decimals and exponents, with their trailing zeros', () => {
    expect(parseLosslessJson('[1.10,-0.00000001, 1e-7 ,5]')).toEqual(['1.10', '-0.00000001', '1e-7', 5]);
    expect(parseLosslessJson('{"a" : 0.3552}')).toEqual({ a: '0.3552' });
  });

  it('leaves strings alone that look like numbers', () => {
    const text = '{"a":"x:1.50,12345678901234567890","b\\"":"[ 1.5 ]","c":1.5}';
    expect(parseLosslessJson(text)).toEqual({ a: 'x:1.50,12345678901234567890', 'b"': '[ 1.5 ]', c: '1.5' });
  });

  it('refuses what is no JSON without repeating it', () => {
    for (const text of ['', '<html>secret</html>', '{"a":1', '{"a":1.5', '[1.2.3]', '{"secret":01.5}x']) {
      expect(() => parseLosslessJson(text)).toThrow(/^not JSON$/);
    }
  });

  it('reads everything else as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const withoutDecimals = JSON.parse(
          JSON.stringify(value, (_key, part: unknown) => (typeof part === 'number' && !Number.isSafeInteger(part) ? null : part)),
        );
        const text = JSON.stringify(withoutDecimals);
        expect(parseLosslessJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is quick on long hostile text', () => {
    const hostile = `{"a":1.5,"b":"${'\\'.repeat(99_998)}"}`;
    const began = performance.now();
    parseLosslessJson(hostile);
    expect(() => parseLosslessJson(`[1.5,"${'a\\'.repeat(100_000)}`)).toThrow();
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
