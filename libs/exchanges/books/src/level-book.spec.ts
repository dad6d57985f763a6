import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDecimalTexts, isZeroText } from './digits.js';
import { LevelBatch } from './level-batch.js';
import { LevelBook } from './level-book.js';

type Pair = readonly [price: string, quantity: string];

function batchOf(levels: readonly Pair[]): LevelBatch {
  const batch = new LevelBatch();
  for (const [price, quantity] of levels) batch.add(price, quantity);
  return batch;
}

/** What a book is, in the plainest words: the last quantity of each price, sorted. */
class Model {
  private levels: Pair[] = [];

  apply(changes: readonly Pair[]): void {
    for (const [price, quantity] of changes) {
      this.levels = this.levels.filter(([known]) => compareDecimalTexts(known, price) !== 0);
      if (!isZeroText(quantity)) this.levels.push([price, quantity]);
    }
  }

  sorted(sign: number): Pair[] {
    return this.levels.toSorted((a, b) => sign * compareDecimalTexts(b[0], a[0]));
  }
}

const venueText = fc.tuple(fc.nat(400), fc.nat(99)).map(([whole, cents]) => `${whole}.${String(cents).padStart(2, '0')}000000`);
const mixedText = fc.oneof(
  venueText,
  fc.nat(400).map(String),
  fc.tuple(fc.nat(400), fc.stringMatching(/^[0-9]{1,12}$/)).map(([whole, fraction]) => `${whole}.${fraction}`),
);
const anyText = fc.oneof(mixedText, fc.stringMatching(/^[0-9]{1,20}(\.[0-9]{1,20})?$/));
const quantity = fc.oneof(fc.constantFrom('0', '0.00000000', '0.0'), venueText, fc.constant('123456789012.00000000'));

const changesOf = (text: fc.Arbitrary<string>) => fc.array(fc.array(fc.tuple(text, quantity), { maxLength: 60 }), { maxLength: 25 });

describe('a book of levels', () => {
  it.each([
    ['the venue writes all prices alike', venueText],
    ['prices have any number of decimals', mixedText],
    ['prices are of any size and spelling', anyText],
  ])('is the last quantity of each price, best first, when %s', (_sentence, text) => {
    fc.assert(
      fc.property(changesOf(text), changesOf(text), (bids, asks) => {
        const book = new LevelBook();
        const model = { bids: new Model(), asks: new Model() };
        for (let at = 0; at < Math.max(bids.length, asks.length); at += 1) {
          book.apply(batchOf(bids[at] ?? []), batchOf(asks[at] ?? []));
          model.bids.apply(bids[at] ?? []);
          model.asks.apply(asks[at] ?? []);
        }
        expect(book.top(10_000)).toEqual({ bids: model.bids.sorted(1), asks: model.asks.sorted(-1) });
        expect([book.bidCount, book.askCount]).toEqual([model.bids.sorted(1).length, model.asks.sorted(-1).length]);
      }),
      { numRuns: 200 },
    );
  });

  it('stays right through tens of thousands of insertions and removals', () => {
    const book = new LevelBook();
    const model = new Map<number, string>();
    let state = 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let event = 0; event < 600; event += 1) {
      const batch = new LevelBatch();
      const middle = 5_000 + random(400);
      const touched = Array.from({ length: 60 }, () => middle - random(1 + random(1_500))).sort((a, b) => b - a);
      for (const cents of touched) {
        const size = random(2) === 0 ? 0 : random(1_000_000);
        batch.add(`${cents}.00`, `${size}.5`.replace(/^0\.5$/, '0.0'));
        if (size === 0) model.delete(cents);
        else model.set(cents, `${size}.5`);
      }
      book.apply(batch, new LevelBatch());
      if (event % 50 !== 0) continue;
      const expected = [...model].sort(([a], [b]) => b - a).map(([cents, size]) => [`${cents}.00`, size]);
      expect(book.top(10_000).bids).toEqual(expected);
    }
  });

  it('[lesson 33] keeps the venue text of price and quantity, trailing zeros included', () => {
    const book = new LevelBook();
    book.apply(
      batchOf([
        ['61837.63000000', '3.78826000'],
        ['61837', '1'],
      ]),
      batchOf([['61838.10', '0.50']]),
    );
    expect(book.top(5)).toEqual({
      bids: [
        ['61837.63000000', '3.78826000'],
        ['61837', '1'],
      ],
      asks: [['61838.10', '0.50']],
    });
  });

  it('takes two spellings of a price for the same level, and shows the newer', () => {
    const book = new LevelBook();
    book.apply(batchOf([['1.50', '2']]), new LevelBatch());
    book.apply(batchOf([['1.5', '3']]), new LevelBatch());
    expect(book.top(5).bids).toEqual([['1.5', '3']]);
  });

  it('takes the removal of an absent level as normal', () => {
    const book = new LevelBook();
    book.apply(batchOf([['1', '0.00000000']]), batchOf([['2', '0']]));
    expect([book.bidCount, book.askCount]).toEqual([0, 0]);
  });

  it.each([
    ['a bid above the best ask', '101', '100', true],
    ['a bid at the best ask', '100.0', '100', true],
    ['a bid below the best ask', '99.99', '100', false],
    ['prices beyond all numbers', '123456789012345678901.5', '123456789012345678901.4', true],
  ])('says whether it is crossed: %s', (_sentence, bid, ask, crossed) => {
    const book = new LevelBook();
    book.apply(batchOf([[bid, '1']]), batchOf([[ask, '1']]));
    expect(book.isCrossed()).toBe(crossed);
  });

  it('is not crossed while a side is empty, or has become empty', () => {
    const book = new LevelBook();
    expect(book.isCrossed()).toBe(false);
    book.apply(batchOf([['100', '1']]), batchOf([['99', '1']]));
    book.apply(new LevelBatch(), batchOf([['99', '0']]));
    expect(book.isCrossed()).toBe(false);
  });

  it('starts anew after clear, whatever it held', () => {
    const book = new LevelBook();
    book.apply(batchOf([['0000123.5', '1']]), batchOf([['200', '1']]));
    book.clear();
    expect(book.top(5)).toEqual({ bids: [], asks: [] });
    book.apply(batchOf([['1.5', '1']]), new LevelBatch());
    expect(book.top(5).bids).toEqual([['1.5', '1']]);
  });
});
