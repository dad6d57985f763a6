import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascii } from './frame-scanner.js';
import { LevelBatch } from './level-batch.js';

type Pairs = readonly (readonly [string, string])[];

const readPairs = (text: string): { end: number; levels: Pairs } => {
  const batch = new LevelBatch();
  const end = batch.read(Buffer.from(text), 0);
  const levels = Array.from({ length: batch.count }, (_, at) => [batch.priceText(at), batch.quantityText(at)] as const);
  return { end, levels };
};

const number = fc.oneof(
  fc.tuple(fc.nat(999_999_999), fc.stringMatching(/^[0-9]{1,9}$/)).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc.nat().map(String),
  fc.stringMatching(/^[1-9][0-9]{9,17}(\.[0-9]{1,18})?$/),
);
const pairs = fc.array(fc.tuple(number, number), { maxLength: 200 });

describe('levels read from bytes', () => {
  it('are those that JSON.parse reads, text for text, or none', () => {
    fc.assert(
      fc.property(pairs, (levels) => {
        const text = JSON.stringify(levels);
        const read = readPairs(text);
        if (read.end === -1) expect(levels.flat().some((one) => /\d{16}/.test(one))).toBe(true);
        else expect(read).toEqual({ end: text.length, levels });
      }),
    );
  });

  it('are never misread where the text was changed anywhere', () => {
    const change = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom('put', 'cut', 'swap'),
      text: fc.constantFrom(...'[]",.0 -e\\1:{}', ''),
    });
    fc.assert(
      fc.property(pairs, fc.array(change, { minLength: 1, maxLength: 3 }), (levels, changes) => {
        let text = JSON.stringify(levels);
        for (const { at, kind, text: piece } of changes) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + piece + text.slice(place + (kind === 'put' ? 0 : 1));
        }
        const read = readPairs(text);
        if (read.end === -1) return;
        expect(read.levels).toEqual(JSON.parse(text.slice(0, read.end)));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    '',
    '[',
    '[[',
    '[["1"',
    '[["1","2"',
    '[["1","2"]',
    '[["1","2"],',
    '[["1","2"],]',
    '[["1" ,"2"]]',
    '[[1,"2"]]',
    '[["01","2"]]',
    '[["1.","2"]]',
    '[["-1","2"]]',
    '[["1","2","3"]]',
    '[["","2"]]',
  ])('refuse %j', (text) => {
    expect(readPairs(text).end).toBe(-1);
  });

  it('may be none', () => {
    expect(readPairs('[]')).toEqual({ end: 2, levels: [] });
  });

  it('grow as far as the message goes', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => [String(at + 1), '0.10'] as const);
    expect(readPairs(JSON.stringify(many)).levels).toEqual(many);
  });

  it('may stand as two named members', () => {
    const batch = new LevelBatch();
    expect(batch.readPair(Buffer.from('"25.35","B":"31.20"}'), 0, ascii(',"B":'))).toBe(19);
    expect([batch.priceText(0), batch.quantityText(0)]).toEqual(['25.35', '31.20']);
  });

  it.each(['"25.35","b":"31.20"}', '"25.35" ,"B":"31.20"}', '"25.35","B":31.20}', '"25.35'])('refuse the members %s', (text) => {
    expect(new LevelBatch().readPair(Buffer.from(text), 0, ascii(',"B":'))).toBe(-1);
  });
});

describe('levels added as text', () => {
  it('keep their text, also where it fits no number', () => {
    const levels = [
      ['1.50', '2'],
      ['00.5', '3'],
      ['1', '12345678901234567.00'],
    ] as const;
    const batch = new LevelBatch();
    for (const [price, quantity] of levels) expect(batch.add(price, quantity)).toBe(true);
    expect(levels.map((_, at) => [batch.priceText(at), batch.quantityText(at)])).toEqual(levels);
  });

  it.each([
    ['1', 'x'],
    ['1e5', '1'],
    ['', '1'],
    ['1', '-1'],
  ])('refuse %j', (price, quantity) => {
    const batch = new LevelBatch();
    expect(batch.add(price, quantity)).toBe(false);
    expect(batch.count).toBe(0);
  });

  it.each([
    ['0', true],
    ['0.00000000', true],
    ['000', true],
    ['0.00000001', false],
  ])('of quantity %s are a removal: %s', (quantity, is) => {
    const batch = new LevelBatch();
    batch.add('1', quantity);
    expect(batch.isRemoval(0)).toBe(is);
  });
});
