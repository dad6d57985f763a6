import { describe, expect, it } from 'vitest';
import { defaultMarkets } from './default-markets.js';
import { TEST_START_MS, type OrderText, orderOf, placed, quietExchange, refused } from './testing.js';

/** Each refused order with its nearest accepted neighbour. */
const CASES: readonly { readonly rule: string; readonly refusal: string; readonly bad: OrderText; readonly good: OrderText }[] = [
  { rule: 'a price off the tick', refusal: 'price', bad: { price: '60000.001' }, good: { price: '60000.01' } },
  {
    rule: 'a trigger off the tick',
    refusal: 'price',
    bad: { type: 'stop-limit', stopPrice: '65000.001' },
    good: { type: 'stop-limit', stopPrice: '65000.01' },
  },
  { rule: 'a price above the maximum', refusal: 'price', bad: { price: '1000000.01' }, good: { price: '100000' } },
  { rule: 'a price of zero', refusal: 'price', bad: { price: '0' }, good: { price: '60000' } },
  { rule: 'more than 8 decimals', refusal: 'precision', bad: { quantity: '0.100000001' }, good: { quantity: '0.1' } },
  { rule: 'a quantity off the step', refusal: 'lot-size', bad: { quantity: '0.123456' }, good: { quantity: '0.12345' } },
  { rule: 'a quantity of zero', refusal: 'lot-size', bad: { quantity: '0' }, good: { quantity: '0.0001' } },
  {
    rule: 'a quantity above the maximum',
    refusal: 'lot-size',
    bad: { side: 'sell', quantity: '9000.00001' },
    good: { side: 'sell', quantity: '10' },
  },
  {
    rule: 'a market quantity above its own maximum',
    refusal: 'market-lot-size',
    bad: { type: 'market', side: 'sell', quantity: '120.00001' },
    good: { type: 'market', side: 'sell', quantity: '1' },
  },
  {
    rule: 'too small a value',
    refusal: 'notional',
    bad: { price: '50000', quantity: '0.00009' },
    good: { price: '50000', quantity: '0.0001' },
  },
  {
    rule: 'too large a value',
    refusal: 'notional',
    bad: { price: '90000', quantity: '100.00001' },
    good: { price: '90000', quantity: '0.1' },
  },
  {
    rule: 'too small a market order at the mean price',
    refusal: 'notional',
    bad: { type: 'market', side: 'sell', quantity: '0.00007' },
    good: { type: 'market', side: 'sell', quantity: '0.00008' },
  },
  {
    rule: 'too small a quote quantity',
    refusal: 'notional',
    bad: { type: 'market', side: 'sell', quoteQuantity: '4.99' },
    good: { type: 'market', side: 'sell', quoteQuantity: '5' },
  },
  { rule: 'a price below the band', refusal: 'percent-price', bad: { price: '12000' }, good: { price: '13000' } },
  {
    rule: 'a price above the band',
    refusal: 'percent-price',
    bad: { side: 'sell', price: '330000' },
    good: { side: 'sell', price: '310000' },
  },
  {
    rule: 'an iceberg of more than 100 parts',
    refusal: 'iceberg',
    bad: { quantity: '1.01', icebergQuantity: '0.01' },
    good: { quantity: '1', icebergQuantity: '0.01' },
  },
  {
    rule: 'an iceberg that shows more than there is',
    refusal: 'iceberg',
    bad: { quantity: '1', icebergQuantity: '1.1' },
    good: { quantity: '1', icebergQuantity: '1' },
  },
  {
    rule: 'an iceberg that cannot rest',
    refusal: 'iceberg',
    bad: { icebergQuantity: '0.1', timeInForce: 'IOC' },
    good: { icebergQuantity: '0.1' },
  },
];

describe('filters', () => {
  it.each(CASES)('refuse $rule, and pass its neighbour', ({ refusal, bad, good }) => {
    const exchange = quietExchange();
    placed(exchange, { account: 'bob', price: '50000', quantity: '2' });
    expect(refused(exchange, bad)).toBe(refusal);
    expect(placed(exchange, good).order.orderId).toBe(2);
  });

  it('refuse one open order too many, until one has ended', () => {
    const exchange = quietExchange({ markets: defaultMarkets(2) });
    const first = placed(exchange, { quantity: '0.1' });
    placed(exchange, { quantity: '0.1' });
    expect(refused(exchange, { quantity: '0.1' })).toBe('max-open-orders');
    expect(placed(exchange, { symbol: 'ETH/USDT', price: '3000' }).order.status).toBe('new');
    exchange.cancel({ account: 'alice', symbol: 'BTC/USDT', orderId: first.order.orderId, clientOrderId: null }, 'c', TEST_START_MS);
    expect(placed(exchange, { quantity: '0.1' }).order.status).toBe('new');
  });

  it('are all that `check` looks at, and it leaves no trace', () => {
    const exchange = quietExchange();
    const before = JSON.stringify([exchange.balances('alice'), exchange.depth('BTC/USDT', 5)]);
    expect(exchange.check(orderOf(), TEST_START_MS)).toEqual({ ok: true, value: null });
    expect(exchange.check(orderOf({ price: '60000.001' }), TEST_START_MS)).toEqual({
      ok: false,
      error: { code: 'filter', filter: 'price' },
    });
    expect(JSON.stringify([exchange.balances('alice'), exchange.depth('BTC/USDT', 5)])).toBe(before);
    expect(placed(exchange).order.orderId).toBe(1);
  });

  it('know no other market', () => {
    expect(refused(quietExchange(), { symbol: 'BTC/EUR' })).toBe('unknown-symbol');
  });

  it('throw at an order that is put together wrongly, because the protocol must not let it through', () => {
    expect(() => quietExchange().place(orderOf({ type: 'market', price: '60000' }), TEST_START_MS)).toThrow('limit orders have a price');
  });
});

describe('client order ids', () => {
  it('are refused twice only while the first order is open', () => {
    const exchange = quietExchange();
    const first = placed(exchange, { clientOrderId: 'same', quantity: '0.1' });
    expect(refused(exchange, { clientOrderId: 'same', quantity: '0.1' })).toBe('duplicate-client-order-id');
    expect(placed(exchange, { account: 'bob', clientOrderId: 'same', quantity: '0.1' }).order.status).toBe('new');
    exchange.cancel({ account: 'alice', symbol: 'BTC/USDT', orderId: first.order.orderId, clientOrderId: null }, 'c', TEST_START_MS);
    const second = placed(exchange, { clientOrderId: 'same', quantity: '0.2' });
    const ref = { account: 'alice', symbol: 'BTC/USDT', orderId: null, clientOrderId: 'same' };
    expect(exchange.order(ref)?.orderId).toBe(second.order.orderId);
    expect(exchange.order({ ...ref, orderId: first.order.orderId })?.status).toBe('canceled');
  });
});
