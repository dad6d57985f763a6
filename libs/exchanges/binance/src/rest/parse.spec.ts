import { parseLosslessJson } from '#libs/exchanges/transport';
import { decimalText, type Decimal } from '#libs/kernel';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCancelReplace } from './cancel-replace.js';
import {
  parseAcknowledgement,
  parseAmended,
  parseBalances,
  parseCommissionRates,
  parseFills,
  parseOrder,
  parseOrderList,
  parseOrders,
} from './parse.js';
import { UnreadableAnswer, type Raw } from './responses.js';

const fixture = (name: string): unknown => parseLosslessJson(readFileSync(new URL(`../../fixtures/${name}.json`, import.meta.url), 'utf8'));
const toSymbol = (venueSymbol: string): string => (venueSymbol === 'BTCUSDT' ? 'BTC/USDT' : venueSymbol);
const text = (value: Decimal | null) => (value === null ? null : decimalText(value));

describe('parseOrder', () => {
  it('reads a placed order with its fills, of which it was the taker', () => {
    const report = parseOrder(fixture('http_post_order_full'), toSymbol);
    expect({
      ...report,
      quantity: text(report.quantity),
      price: text(report.price),
      filledQuantity: text(report.filledQuantity),
      filledQuote: text(report.filledQuote),
      fills: report.fills.length,
    }).toEqual({
      symbol: 'BTC/USDT',
      venueOrderId: '28',
      venueClientId: 'gw-1',
      status: 'partially-filled',
      side: 'buy',
      type: 'limit',
      timeInForce: 'GTC',
      quantity: '0.01',
      price: '20000',
      stopPrice: null,
      filledQuantity: '0.004',
      filledQuote: '80',
      venueTimeMs: 1_700_000_000_100,
      reason: null,
      fills: 1,
    });
    const [fill] = report.fills;
    expect({ ...fill, price: text(fill!.price), quantity: text(fill!.quantity), fee: text(fill!.fee!.amount) }).toEqual({
      symbol: 'BTC/USDT',
      venueTradeId: '56',
      venueOrderId: '28',
      side: 'buy',
      price: '20000',
      quantity: '0.004',
      fee: '0.000004',
      liquidity: 'taker',
      venueTimeMs: 1_700_000_000_100,
    });
  });

  it('takes the id of the order on a cancel, never that of the cancel request', () => {
    expect(parseOrder(fixture('http_delete_order'), toSymbol)).toMatchObject({ venueClientId: 'gw-1', status: 'canceled', fills: [] });
  });

  it('keeps an id beyond 2^53, says why an order expired, and that an old amount is not known', () => {
    expect(parseOrder(fixture('http_get_order'), toSymbol)).toMatchObject({
      venueOrderId: '9007199254740993',
      status: 'expired',
      reason: 'SELF_TRADE_PREVENTION',
      type: 'stop-limit',
      filledQuote: null,
      venueTimeMs: 1_700_000_000_300,
    });
  });

  it('reads an amended order, the new quantity being the whole one', () => {
    const report = parseAmended(fixture('http_put_order_amend'), toSymbol);
    expect(report).toMatchObject({ venueOrderId: '28', venueClientId: 'gw-1', status: 'partially-filled', venueTimeMs: 1_700_000_000_400 });
    expect([text(report.quantity), text(report.filledQuantity), text(report.filledQuote)]).toEqual(['0.006', '0.004', '80']);
  });

  const good = fixture('http_post_order_full') as Raw;

  it.each<[string, Raw]>([
    ['a status that is new', { ...good, status: 'HALF_OPEN' }],
    ['no status', { ...good, status: undefined }],
    ['a side that is new', { ...good, side: 'SHORT' }],
    ['no id', { ...good, orderId: null }],
    ['a fractional id', { ...good, orderId: 1.5 }],
    ['no client id', { ...good, clientOrderId: '' }],
    ['a quantity that is no decimal', { ...good, origQty: '1e3' }],
    ['no filled quantity', { ...good, executedQty: undefined }],
    ['a fill without a trade id', { ...good, fills: [{ price: '1', qty: '1', commission: '0', commissionAsset: 'BTC' }] }],
    ['a fill without a price', { ...good, fills: [{ tradeId: 1, qty: '1', commission: '0', commissionAsset: 'BTC' }] }],
    ['fills that are no list', { ...good, fills: {} }],
    ['fills without a time', { ...good, transactTime: undefined }],
  ])('guesses nothing: %s', (_what, raw) => {
    expect(() => parseOrder(raw, toSymbol)).toThrow(UnreadableAnswer);
  });

  it('lets descriptive words that are new degrade', () => {
    expect(parseOrder({ ...good, type: 'PEGGED', timeInForce: 'GTX', selfTradePreventionMode: 'NEW_MODE' }, toSymbol)).toMatchObject({
      type: 'limit',
      timeInForce: null,
    });
    expect(parseOrder({ ...good, symbol: 'NEWCOIN', fills: undefined }, toSymbol)).toMatchObject({ symbol: 'NEWCOIN', fills: [] });
  });

  it('takes an acknowledgement for what it is, and not for an order', () => {
    expect(() => parseOrder(fixture('http_post_order_ack'), toSymbol)).toThrow(UnreadableAnswer);
    expect(parseAcknowledgement(fixture('http_post_order_ack'), toSymbol)).toEqual({
      symbol: 'BTC/USDT',
      venueOrderId: '28',
      venueClientId: 'gw-1',
      venueTimeMs: 1_700_000_000_100,
    });
  });
});

describe('the other private answers', () => {
  it('reads both halves of a cancel-replace', () => {
    const { data } = fixture('http_post_cancelReplace_409') as Raw;
    expect(parseCancelReplace(data, toSymbol)).toMatchObject({
      canceled: { status: 'canceled', venueClientId: 'gw-1' },
      placed: { code: 'insufficient-funds', outcome: 'refused', venueCode: '-2010' },
    });
    expect(
      parseCancelReplace({ cancelResponse: { code: -2011, msg: 'Unknown order sent.' }, newOrderResponse: null }, toSymbol),
    ).toMatchObject({
      canceled: { code: 'order-not-found' },
      placed: null,
    });
  });

  it('reads order lists, alone and among orders', () => {
    const oco = fixture('http_post_orderList_oco');
    expect(parseOrderList(oco, toSymbol)).toMatchObject({
      venueListId: '5',
      contingency: 'OCO',
      orders: [{ venueOrderId: '41' }, { venueOrderId: '42' }],
    });
    const orders = parseOrders([fixture('http_delete_order'), oco], toSymbol);
    expect(orders.map((order) => [order.venueOrderId, order.type, order.status])).toEqual([
      ['28', 'limit', 'canceled'],
      ['41', 'stop-limit', 'new'],
      ['42', 'limit', 'new'],
    ]);
  });

  it('reads fills', () => {
    const fills = parseFills(fixture('http_get_myTrades'), toSymbol);
    expect(
      fills.map((fill) => [fill.venueTradeId, fill.venueOrderId, fill.side, fill.liquidity, text(fill.price), fill.fee?.asset]),
    ).toEqual([
      ['56', '28', 'buy', 'taker', '20000', 'BTC'],
      ['57', '29', 'sell', 'maker', '20001', 'USDT'],
    ]);
  });

  it('reads balances', () => {
    expect(parseBalances(fixture('http_get_account')).map(({ asset, free, locked }) => [asset, text(free), text(locked)])).toEqual([
      ['BTC', '1', '0.5'],
      ['USDT', '0.00000001', '0'],
    ]);
  });

  it('adds up the rates of a fee, and says where there are none', () => {
    const rates = parseCommissionRates(fixture('http_post_order_test'))!;
    expect([text(rates.maker), text(rates.taker)]).toEqual(['0.0010011', '0.0020022']);
    expect(parseCommissionRates({})).toBeNull();
  });
});

describe('whatever comes', () => {
  const readers: readonly [string, (value: unknown) => unknown][] = [
    ['http_post_order_full', (value) => parseOrder(value, toSymbol)],
    ['http_put_order_amend', (value) => parseAmended(value, toSymbol)],
    ['http_post_orderList_oco', (value) => parseOrders([value], toSymbol)],
    ['http_get_myTrades', (value) => parseFills(value, toSymbol)],
    ['http_get_account', (value) => parseBalances(value)],
    ['http_post_order_test', (value) => parseCommissionRates(value)],
  ];

  /** Puts `junk` in the place of the part that `at` picks. */
  function spoiled(value: unknown, at: number[], junk: unknown): unknown {
    const [first, ...rest] = at;
    if (first === undefined || typeof value !== 'object' || value === null) return junk;
    const names = Object.keys(value);
    if (names.length === 0) return junk;
    const name = names[first % names.length]!;
    const copy = structuredClone(value) as Record<string, unknown>;
    copy[name] = spoiled(copy[name], rest, junk);
    return copy;
  }

  it.each(readers)('%s is read or called unreadable, and nothing else happens', (name, read) => {
    const good = fixture(name);
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 4 }), fc.jsonValue(), (at, junk) => {
        try {
          read(spoiled(good, at, junk));
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableAnswer);
        }
      }),
      { numRuns: 300 },
    );
  });
});
