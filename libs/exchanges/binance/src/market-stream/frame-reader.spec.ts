import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LevelBatch } from '#libs/exchanges/books';
import { MarketFrameReader } from './frame-reader.js';
import type { MarketFrame } from './frames.js';
import { parseMarketFrame } from './parse.js';

const pairsOf = (batch: LevelBatch): string[][] =>
  Array.from({ length: batch.count }, (_, at) => [batch.priceText(at), batch.quantityText(at)]);

/** A frame that can be compared: batches as text. */
function plain(frame: MarketFrame): unknown {
  return frame.kind === 'depth' || frame.kind === 'top' ? { ...frame, bids: pairsOf(frame.bids), asks: pairsOf(frame.asks) } : frame;
}

const id = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.bigInt(0n, 10n ** 20n)).map(String);
const decimal = fc.oneof(
  fc.tuple(fc.nat(999_999), fc.stringMatching(/^[0-9]{8}$/)).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc.stringMatching(/^[0-9]{1,18}(\.[0-9]{1,18})?$/),
);
const levels = fc.array(fc.tuple(decimal, decimal), { maxLength: 30 });
const symbol = fc.constantFrom('BTCUSDT', 'ETHBTC', '1INCHUSDT', 'SHIBUSDT');
const flag = fc.boolean();

const depth = fc.record({ s: symbol, E: fc.nat(), ids: fc.tuple(id, id), b: levels, a: levels }).map(({ s, E, ids, b, a }) => ({
  s,
  name: 'depth@100ms',
  text: `{"e":"depthUpdate","E":${E},"s":"${s}","U":${ids[0]},"u":${ids[1]},"b":${JSON.stringify(b)},"a":${JSON.stringify(a)}}`,
}));
const top = fc
  .record({ s: symbol, u: id, b: decimal, B: decimal, a: decimal, A: decimal })
  .map(({ s, u, b, B, a, A }) => ({ s, name: 'bookTicker', text: `{"u":${u},"s":"${s}","b":"${b}","B":"${B}","a":"${a}","A":"${A}"}` }));
const trade = fc.record({ s: symbol, t: id, p: decimal, q: decimal, T: fc.nat(), m: flag }).map(({ s, t, p, q, T, m }) => ({
  s,
  name: 'trade',
  text: `{"e":"trade","E":${T + 1},"s":"${s}","t":${t},"p":"${p}","q":"${q}","T":${T},"m":${m},"M":true}`,
}));
const aggregate = fc.record({ s: symbol, a: id, p: decimal, q: decimal, T: fc.nat(), m: flag }).map(({ s, a, p, q, T, m }) => ({
  s,
  name: 'aggTrade',
  text: `{"e":"aggTrade","E":${T},"s":"${s}","a":${a},"p":"${p}","q":"${q}","f":1,"l":2,"T":${T},"m":${m},"M":true}`,
}));

const frame = fc
  .tuple(fc.oneof(depth, top, trade, aggregate), flag)
  .map(([{ s, name, text }, combined]) => (combined ? `{"stream":"${s.toLowerCase()}@${name}","data":${text}}` : text));

describe('frames read from their bytes', () => {
  const reader = new MarketFrameReader();
  const same = (text: string): void => {
    const bytes = Buffer.from(text);
    expect(plain(reader.read(bytes))).toEqual(plain(parseMarketFrame(bytes.toString('utf8'))));
  };

  it('say what the ordinary reader says', () => {
    fc.assert(fc.property(frame, same), { numRuns: 500 });
  });

  it('say what the ordinary reader says wherever they were changed, cut or lengthened', () => {
    const piece = fc.oneof(
      fc.constantFrom(...'{}[]",:\\ 0-.eEuUsS\n\t', '', '\\u0031', '"u":1,', 'é', '00', '}}'),
      fc.string({ unit: 'binary', maxLength: 2 }),
    );
    const change = fc.record({ at: fc.nat(), cut: fc.nat(3), put: piece });
    fc.assert(
      fc.property(frame, fc.array(change, { minLength: 1, maxLength: 3 }), (text, changes) => {
        let changed = text;
        for (const { at, cut, put } of changes) {
          const place = at % (changed.length + 1);
          changed = changed.slice(0, place) + put + changed.slice(place + cut);
        }
        same(changed);
      }),
      { numRuns: 3_000 },
    );
  });

  it('say what the ordinary reader says with blanks, in another order, and with escapes', () => {
    const respell = (text: string, how: 'blanks' | 'reversed' | 'escaped'): string => {
      if (how === 'blanks') return text.replace(/[,:]/g, '$& ');
      if (how === 'escaped') return text.replace('"s":"B', '"s":"\\u0042').replace('"u"', '"\\u0075"');
      const reversed = (value: unknown): unknown =>
        typeof value === 'object' && value !== null && !Array.isArray(value)
          ? Object.fromEntries(
              Object.entries(value)
                .toReversed()
                .map(([key, member]) => [key, reversed(member)]),
            )
          : value;
      return JSON.stringify(reversed(JSON.parse(text)));
    };
    fc.assert(
      fc.property(frame, fc.constantFrom('blanks' as const, 'reversed' as const, 'escaped' as const), (text, how) =>
        same(respell(text, how)),
      ),
      { numRuns: 500 },
    );
  });

  it('take the fast way in the spelling of the venue', () => {
    const fresh = new MarketFrameReader();
    const data = [
      '{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":157,"u":160,"b":[["0.0024","10"]],"a":[["0.0026","100"],["0.0027","0.00000000"]]}',
      '{"u":400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"}',
      '{"e":"trade","E":2,"s":"BNBBTC","t":12345,"p":"0.001","q":"100","T":1,"m":true,"M":true}',
      '{"e":"aggTrade","E":2,"s":"BNBBTC","a":12345,"p":"0.001","q":"100","f":100,"l":105,"T":1,"m":false,"M":true}',
    ];
    const kinds = [
      ...data.map((text) => fresh.read(Buffer.from(text)).kind),
      ...data.map(
        (text) =>
          fresh.read(
            Buffer.from(
              `{"stream":"${text.includes('BTCUSDT') ? 'btcusdt' : text.includes('BNBUSDT') ? 'bnbusdt' : 'bnbbtc'}@x","data":${text}}`,
            ),
          ).kind,
      ),
    ];
    expect(kinds).toEqual(['depth', 'top', 'trade', 'trade', 'depth', 'top', 'trade', 'trade']);
    expect(fresh.ordinaryFrames).toBe(0);
  });

  it('are unreadable when the symbol is not that of the stream', () => {
    const text =
      '{"stream":"ethbtc@trade","data":{"e":"trade","E":2,"s":"BNBBTC","t":12345,"p":"0.001","q":"100","T":1,"m":true,"M":true}}';
    expect(reader.read(Buffer.from(text))).toMatchObject({ kind: 'unreadable', symbol: 'BNBBTC' });
  });

  it('keep ids beyond 2^53 exactly', () => {
    const text = '{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":9007199254740993,"u":9007199254740995,"b":[],"a":[]}';
    expect(reader.read(Buffer.from(text))).toMatchObject({ first: 9_007_199_254_740_993n, last: 9_007_199_254_740_995n });
  });
});
