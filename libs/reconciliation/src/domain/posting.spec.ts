import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZERO, decimal, sum } from '#libs/kernel';
import { assetsOf, isUnified, touchedBy } from './assets.js';
import { postExternalFill, postFill, postOpening, postTransfer, postVoid } from './posting.js';
import type { PostableFill, Posting } from './posting.js';

const FILL: PostableFill & { orderId: string } = {
  account: 'main',
  orderId: 'o1',
  symbol: 'BTC/USDT',
  venueTradeId: '7',
  side: 'buy',
  price: decimal('64000.10'),
  quantity: decimal('0.0025'),
  fee: { asset: 'BTC', amount: decimal('0.0000025') },
  venueTimeMs: 1_700_000_000_000,
};

function holdings(posting: Posting): Record<string, string> {
  const assets = [...new Set(posting.entries.map(({ asset }) => asset))];
  const of = (asset: string): string =>
    sum(posting.entries.filter((entry) => entry.book === 'holdings' && entry.asset === asset).map(({ amount }) => amount)).toFixed();
  return Object.fromEntries(assets.map((asset) => [asset, of(asset)]));
}

function imbalances(posting: Posting): string[] {
  const assets = [...new Set(posting.entries.map(({ asset }) => asset))];
  return assets.filter((asset) => !sum(posting.entries.filter((entry) => entry.asset === asset).map(({ amount }) => amount)).eq(ZERO));
}

const amounts = fc
  .tuple(fc.bigInt({ min: 1n, max: 10n ** 15n }), fc.integer({ min: 0, max: 12 }))
  .map(([units, places]) => decimal(`${units}`).div(decimal(`1${'0'.repeat(places)}`)));

const fills = fc.record({
  account: fc.constant('main'),
  orderId: fc.uuid(),
  symbol: fc.constantFrom('BTC/USDT', 'ETH/BTC', 'SOL/USDT:USDT'),
  venueTradeId: fc.nat().map(String),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  price: amounts,
  quantity: amounts,
  fee: fc.option(fc.record({ asset: fc.constantFrom('BTC', 'USDT', 'BNB'), amount: amounts }), { nil: null }),
  venueTimeMs: fc.nat(),
});

describe('the postings of a fill', () => {
  it.each([
    ['a purchase, its fee in what was bought', {}, { BTC: '0.0024975', USDT: '-160.00025' }],
    [
      'a sale, its fee in what was earned',
      { side: 'sell', fee: { asset: 'USDT', amount: decimal('0.16') } },
      { BTC: '-0.0025', USDT: '159.84025' },
    ],
    ['a fee in a third asset', { fee: { asset: 'BNB', amount: decimal('0.0001') } }, { BTC: '0.0025', USDT: '-160.00025', BNB: '-0.0001' }],
    ['a rebate', { fee: { asset: 'USDT', amount: decimal('-0.01') } }, { BTC: '0.0025', USDT: '-159.99025' }],
    ['no fee', { fee: null }, { BTC: '0.0025', USDT: '-160.00025' }],
    [
      'a derivative, which moves its fee only',
      { symbol: 'BTC/USDT:USDT', fee: { asset: 'USDT', amount: decimal('0.1') } },
      { USDT: '-0.1' },
    ],
  ] as const)('moves holdings by %s', (_name, more, expected) => {
    expect(holdings(postFill({ ...FILL, ...more }, 8))).toEqual(expected);
  });

  it('cuts the amount of a trade as the venue does, and keeps every digit where the venue does', () => {
    const fine = { ...FILL, symbol: 'LTC/BTC', price: decimal('0.001203'), quantity: decimal('0.0015'), fee: null };
    expect(holdings(postFill(fine, 8))).toEqual({ LTC: '0.0015', BTC: '-0.0000018' });
    expect(holdings(postFill(fine, null))).toEqual({ LTC: '0.0015', BTC: '-0.0000018045' });
  });

  it('sum to zero in each asset, whatever the fill', () => {
    fc.assert(
      fc.property(fills, fc.constantFrom(8, null), (fill, decimals) => {
        expect(imbalances(postFill(fill, decimals))).toEqual([]);
        expect(imbalances(postExternalFill(fill, decimals))).toEqual([]);
      }),
    );
  });

  it('are undone by a void to the last digit, in a posting of its own', () => {
    fc.assert(
      fc.property(fills, (fill) => {
        const made = postFill(fill, 8);
        const voided = postVoid(made, { atMs: 5, reason: 'replaced' });
        expect(voided.txId).not.toBe(made.txId);
        expect(imbalances(voided)).toEqual([]);
        const both = { ...made, entries: [...made.entries, ...voided.entries] };
        expect(Object.values(holdings(both)).every((amount) => amount === '0')).toBe(true);
      }),
    );
  });

  it('[lesson 10] have an id that the fill alone decides', () => {
    fc.assert(
      fc.property(fills, fills, (a, b) => {
        expect(postFill(a, 8).txId).toBe(postFill({ ...a, price: b.price, venueTimeMs: b.venueTimeMs }, null).txId);
        if (a.venueTradeId !== b.venueTradeId) expect(postFill(a, 8).txId).not.toBe(postFill({ ...b, orderId: a.orderId }, 8).txId);
      }),
    );
    // An order that trades with one of the same account has two fills of one trade.
    expect(postFill(FILL, 8).txId).not.toBe(postFill({ ...FILL, orderId: 'o2' }, 8).txId);
    expect(postExternalFill(FILL, 8).txId).not.toBe(postExternalFill({ ...FILL, side: 'sell' }, 8).txId);
  });
});

describe('other postings', () => {
  it('open an account once for each asset', () => {
    const opening = postOpening('main', 'BTC', decimal('1.5'), 1);
    expect(holdings(opening)).toEqual({ BTC: '1.5' });
    expect(opening.txId).toBe(postOpening('main', 'BTC', decimal('2'), 9).txId);
    expect(imbalances(opening)).toEqual([]);
  });

  it('book transfers in and out with their reason', () => {
    const out = postTransfer({ account: 'main', asset: 'USDT', amount: decimal('-20.5'), key: 'k', atMs: 1, reason: 'unreported' });
    expect(holdings(out)).toEqual({ USDT: '-20.5' });
    expect(out.reason).toBe('unreported');
    expect(imbalances(out)).toEqual([]);
  });
});

describe('the assets of a market', () => {
  it('are read from its symbol alone', () => {
    expect(assetsOf('BTC/USDT')).toEqual({ base: 'BTC', quote: 'USDT', settle: null });
    expect(touchedBy('BTC/USDT:USDT')).toEqual(['USDT']);
    expect(touchedBy('BTC/USDT:BTC-260327')).toEqual(['BTC']);
    expect(['BTC/USDT', 'BTC/USDT:USDT', 'BTC/USDT:BTC-260327'].every(isUnified)).toBe(true);
  });

  it.each(['BTCUSDT', '', '/USDT', 'A/B/C'])('are refused of %s', (symbol) => {
    expect(isUnified(symbol)).toBe(false);
    expect(() => assetsOf(symbol)).toThrow(RangeError);
  });
});
