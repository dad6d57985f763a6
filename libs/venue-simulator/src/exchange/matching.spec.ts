import { describe, expect, it } from 'vitest';
import { decimal, decimalText } from '#libs/kernel';
import { defaultMarkets } from './default-markets.js';
import { TEST_START_MS, balanceText, current, placed, quietExchange, recordEvents, refused } from './testing.js';
import type { SimPlaced } from './types.js';

const fillsOf = (result: SimPlaced): string[] => result.fills.map((fill) => `${decimalText(fill.quantity)}@${decimalText(fill.price)}`);

describe('matching', () => {
  it('trades the best price first, and at one price the oldest order first', () => {
    const exchange = quietExchange();
    const dear = placed(exchange, { account: 'bob', side: 'sell', price: '64010', quantity: '1' });
    const first = placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '1' });
    const second = placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '1' });
    const taker = placed(exchange, { price: '64010', quantity: '2.5' });
    expect(fillsOf(taker)).toEqual(['1@64000', '1@64000', '0.5@64010']);
    expect(exchange.fills('bob', null).map((fill) => fill.orderId)).toEqual([
      first.order.orderId,
      second.order.orderId,
      dear.order.orderId,
    ]);
    expect(taker.order.status).toBe('filled');
    expect(current(exchange, dear.order).status).toBe('partially-filled');
  });

  it('rests what is left of a limit order', () => {
    const exchange = quietExchange();
    placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '0.4' });
    const taker = placed(exchange, { price: '64000', quantity: '1' });
    expect(taker.order.status).toBe('partially-filled');
    expect(exchange.depth('BTC/USDT', 5).bids.map(([price, quantity]) => `${decimalText(price)} ${decimalText(quantity)}`)).toEqual([
      '64000 0.6',
    ]);
  });

  it('charges fees in the asset that is received', () => {
    const exchange = quietExchange();
    placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '1' });
    placed(exchange, { price: '65000', quantity: '1' });
    expect(balanceText(exchange, 'alice', 'BTC')).toBe('20.999/0');
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('936000/0');
    expect(balanceText(exchange, 'bob', 'USDT')).toBe('1063936/0');
    expect(exchange.fills('bob', null).map((fill) => [fill.fee.asset, decimalText(fill.fee.amount), fill.isMaker])).toEqual([
      ['USDT', '64', true],
    ]);
  });

  it('charges the maker and the taker each their own rate', () => {
    const markets = defaultMarkets().map((market) => ({ ...market, makerFee: decimal('0.0002'), takerFee: decimal('0.0005') }));
    const exchange = quietExchange({ markets });
    placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '1' });
    placed(exchange, { price: '64000', quantity: '1' });
    expect(balanceText(exchange, 'alice', 'BTC')).toBe('20.9995/0');
    expect(balanceText(exchange, 'bob', 'USDT')).toBe('1063987.2/0');
  });

  it('locks the price limit, and gives back what a better price saved', () => {
    const exchange = quietExchange();
    placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '0.5' });
    const { order } = placed(exchange, { price: '65000', quantity: '1' });
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('935500/32500');
    exchange.cancel({ account: 'alice', symbol: 'BTC/USDT', orderId: order.orderId, clientOrderId: null }, 'c', TEST_START_MS);
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('968000/0');
  });

  it('ends an IOC order after it has taken what there is', () => {
    const exchange = quietExchange();
    placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '0.4' });
    const { order } = placed(exchange, { price: '64000', quantity: '1', timeInForce: 'IOC' });
    expect([order.status, decimalText(order.filledQuantity), order.expiryReason]).toEqual(['expired', '0.4', 'unfilled-ioc-quantity']);
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('974400/0');
  });

  it('fills an FOK order whole or not at all, counting hidden quantity', () => {
    const exchange = quietExchange();
    placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '1', icebergQuantity: '0.1' });
    const killed = placed(exchange, { price: '64000', quantity: '1.1', timeInForce: 'FOK' });
    expect([killed.order.status, killed.order.expiryReason, killed.fills.length]).toEqual(['expired', 'unfilled-fok', 0]);
    expect(placed(exchange, { price: '64000', quantity: '1', timeInForce: 'FOK' }).order.status).toBe('filled');
  });

  it('expires a good-till-date order with the first call at or after its date', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange, { timeInForce: 'GTD', expiresAtMs: TEST_START_MS + 1000 });
    exchange.advance(TEST_START_MS + 999);
    expect(current(exchange, order).status).toBe('new');
    exchange.advance(TEST_START_MS + 1000);
    expect(current(exchange, order).status).toBe('expired');
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('1000000/0');
  });

  it('refuses a post-only order that would take, and rests one that would not', () => {
    const exchange = quietExchange();
    placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '1' });
    expect(refused(exchange, { price: '64000', postOnly: true })).toBe('would-match-immediately');
    expect(placed(exchange, { price: '63999.99', postOnly: true }).order.status).toBe('new');
  });

  it('shows only a part of an iceberg, and sends each next part to the back of the queue', () => {
    const exchange = quietExchange();
    const iceberg = placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '1', icebergQuantity: '0.3' });
    const plain = placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '0.2' });
    expect(decimalText(exchange.depth('BTC/USDT', 1).asks[0]![1])).toBe('0.5');
    placed(exchange, { price: '64000', quantity: '0.6' });
    expect(exchange.fills('bob', null).map((fill) => [fill.orderId, decimalText(fill.quantity)])).toEqual([
      [iceberg.order.orderId, '0.3'],
      [plain.order.orderId, '0.2'],
      [iceberg.order.orderId, '0.1'],
    ]);
    expect(decimalText(exchange.depth('BTC/USDT', 1).asks[0]![1])).toBe('0.2');
  });
});

describe('market orders', () => {
  it('walk the book and expire with what the book could not give', () => {
    const exchange = quietExchange();
    placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '1' });
    const { order } = placed(exchange, { type: 'market', quantity: '1.5' });
    expect([order.status, decimalText(order.filledQuantity), order.expiryReason]).toEqual(['expired', '1', 'no-liquidity']);
  });

  it('are refused by an empty book', () => {
    expect(refused(quietExchange(), { type: 'market', quantity: '1' })).toBe('no-liquidity');
  });

  it('spend a quote quantity down to less than one step', () => {
    const exchange = quietExchange();
    placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '0.01' });
    placed(exchange, { account: 'bob', side: 'sell', price: '65000', quantity: '1' });
    const { order } = placed(exchange, { type: 'market', quoteQuantity: '1000' });
    expect([order.status, decimalText(order.originalQuantity), decimalText(order.filledQuote)]).toEqual(['filled', '0.01553', '999.45']);
  });

  it('need the money for what they would really pay', () => {
    const exchange = quietExchange();
    placed(exchange, { account: 'bob', side: 'sell', price: '64000', quantity: '10' });
    placed(exchange, { account: 'bob', side: 'sell', price: '90000', quantity: '10' });
    expect(refused(exchange, { type: 'market', quantity: '15' })).toBe('insufficient-balance');
    expect(placed(exchange, { type: 'market', quantity: '14' }).order.status).toBe('filled');
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('0/0');
  });

  it('cut quote amounts finer than 8 digits alike for both sides', () => {
    const exchange = quietExchange();
    placed(exchange, { account: 'bob', symbol: 'ETH/BTC', side: 'sell', price: '0.05003', quantity: '0.0123' });
    const { fills } = placed(exchange, { symbol: 'ETH/BTC', price: '0.05003', quantity: '0.0123' });
    expect(decimalText(fills[0]!.quoteQuantity)).toBe('0.00061536');
    expect(balanceText(exchange, 'alice', 'BTC')).toBe('19.99938464/0');
  });
});

describe('events', () => {
  it('come in order of happening: new, trades, then balances; levels are told once per order that passes them', () => {
    const exchange = quietExchange();
    placed(exchange, { account: 'bob', clientOrderId: 'm1', side: 'sell', price: '64000', quantity: '1' });
    placed(exchange, { account: 'bob', clientOrderId: 'm2', side: 'sell', price: '64000', quantity: '1' });
    const sequence = exchange.depth('BTC/USDT', 1).sequence;
    const lines = recordEvents(exchange);
    placed(exchange, { clientOrderId: 'a', price: '64000', quantity: '1.5' });
    expect(lines.filter((line) => !line.startsWith('{'))).toEqual([
      'alice a new new',
      'trade 1@64000',
      'alice a trade partially-filled 1@64000',
      'bob m1 trade filled 1@64000',
      'trade 0.5@64000',
      'alice a trade filled 0.5@64000',
      'bob m2 trade partially-filled 0.5@64000',
      `level sell 64000 0.5 #${sequence + 1}`,
    ]);
    expect(lines.filter((line) => line.startsWith('{"type":"balances"'))).toHaveLength(2);
  });

  it('caused by a listener are heard after those that were already waiting', () => {
    const exchange = quietExchange();
    const heard: string[] = [];
    exchange.onAccountEvent((account, event) => {
      heard.push(`${account} ${event.type}`);
      if (event.type === 'order' && account === 'alice') exchange.deposit('bob', 'USDT', event.order.originalQuantity, TEST_START_MS);
    });
    placed(exchange, { quantity: '1' });
    expect(heard).toEqual(['alice order', 'alice balances', 'bob deposit', 'bob balances']);
  });
});
