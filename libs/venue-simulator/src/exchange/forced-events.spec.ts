import { describe, expect, it } from 'vitest';
import { decimal, decimalText } from '#libs/kernel';
import { TEST_START_MS, balanceText, current, orderOf, placed, quietExchange, recordEvents } from './testing.js';
import type { SimExchange, SimOrder } from './types.js';

const refOf = (order: SimOrder) => ({ account: order.account, symbol: order.symbol, orderId: order.orderId, clientOrderId: null });

function force(exchange: SimExchange, order: SimOrder, quantity: string, price = '60000') {
  return exchange.forceFill(refOf(order), decimal(quantity), decimal(price), TEST_START_MS + 1);
}

function expectConserved(exchange: SimExchange): void {
  for (const { asset, deposited, accounts, makers, fees } of exchange.totals()) {
    expect(decimalText(accounts.plus(makers).plus(fees)), asset).toBe(decimalText(deposited));
  }
}

describe('a forced fill', () => {
  it('fills a part of an open order, which goes on resting with the rest', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange);
    expect(force(exchange, order, '0.4').ok).toBe(true);
    expect(current(exchange, order)).toMatchObject({ status: 'partially-filled' });
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('940000/36000');
    expect(decimalText(exchange.depth('BTC/USDT', 1).bids[0]![1])).toBe('0.6');
    expectConserved(exchange);
  });

  it('is booked after a cancel, and leaves the order cancelled', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange);
    exchange.cancel(refOf(order), 'c', TEST_START_MS);
    const lines = recordEvents(exchange);
    expect(force(exchange, order, '0.25').ok).toBe(true);
    expect(current(exchange, order).status).toBe('canceled');
    expect(decimalText(current(exchange, order).filledQuantity)).toBe('0.25');
    expect(lines).toContain(`alice ${order.clientOrderId} trade canceled 0.25@60000`);
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('985000/0');
    expectConserved(exchange);
  });

  it('beyond the quantity of an open order makes two fills: its rest, and what is too much', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange);
    const fills = force(exchange, order, '1.5', '59000');
    expect(fills.ok && fills.value.map(({ quantity }) => decimalText(quantity))).toEqual(['1', '0.5']);
    expect(current(exchange, order).status).toBe('filled');
    expect(decimalText(current(exchange, order).filledQuantity)).toBe('1.5');
    expect(exchange.openOrders('alice', null)).toEqual([]);
    expect(exchange.depth('BTC/USDT', 1).bids).toEqual([]);
    expectConserved(exchange);
  });

  it('is refused where nobody could pay it, off the grid, or worse than the limit', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange);
    expect(force(exchange, order, '100')).toEqual({ ok: false, error: { code: 'insufficient-balance' } });
    expect(force(exchange, order, '0.1', '60000.01')).toMatchObject({ error: { filter: 'price' } });
    expect(force(exchange, order, '0')).toMatchObject({ error: { filter: 'lot-size' } });
    expectConserved(exchange);
  });
});

describe('an order that was accepted', () => {
  it('can be rejected afterwards, which frees what it locked', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange);
    const lines = recordEvents(exchange);
    expect(exchange.forceReject(refOf(order), 'no reason', TEST_START_MS)).toMatchObject({ ok: true, value: { status: 'rejected' } });
    expect(lines).toContain(`alice ${order.clientOrderId} rejected rejected`);
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('1000000/0');
    expect(exchange.forceReject(refOf(order), 'no reason', TEST_START_MS)).toMatchObject({ ok: false });
  });

  it('may share its client id only where the venue was told not to care', () => {
    const exchange = quietExchange();
    placed(exchange, { clientOrderId: 'same' });
    expect(exchange.place(orderOf({ clientOrderId: 'same' }), TEST_START_MS).ok).toBe(false);
    exchange.keepClientIdsUnique(false);
    expect(exchange.place(orderOf({ clientOrderId: 'same' }), TEST_START_MS).ok).toBe(true);
  });
});
