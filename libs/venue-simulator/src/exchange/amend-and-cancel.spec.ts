import { describe, expect, it } from 'vitest';
import { decimal, decimalText } from '#libs/kernel';
import { TEST_START_MS, balanceText, current, placed, quietExchange } from './testing.js';
import type { SimAccountEvent, SimOrder, SimOrderRef } from './types.js';

const refOf = (order: SimOrder): SimOrderRef => ({
  account: order.account,
  symbol: order.symbol,
  orderId: order.orderId,
  clientOrderId: null,
});

describe('amend', () => {
  it('lowers the quantity, keeps the place in the queue and frees what is no longer needed', () => {
    const exchange = quietExchange();
    const first = placed(exchange, { price: '63000', quantity: '2' }).order;
    placed(exchange, { account: 'bob', price: '63000', quantity: '1' });
    const amended = exchange.amend(refOf(first), decimal('1'), 'amended', TEST_START_MS);
    expect(amended.ok && [amended.value.clientOrderId, decimalText(amended.value.originalQuantity)]).toEqual(['amended', '1']);
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('937000/63000');
    expect(decimalText(exchange.depth('BTC/USDT', 1).bids[0]![1])).toBe('2');
    placed(exchange, { account: 'bob', side: 'sell', price: '63000', quantity: '0.5', stpMode: 'none' });
    expect(decimalText(current(exchange, first).filledQuantity)).toBe('0.5');
  });

  it('answers to the new client order id, and no longer to the old one', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange, { clientOrderId: 'old' });
    exchange.amend(refOf(order), decimal('0.5'), 'new', TEST_START_MS);
    const ref = { account: 'alice', symbol: 'BTC/USDT', orderId: null };
    expect(exchange.order({ ...ref, clientOrderId: 'new' })?.orderId).toBe(order.orderId);
    expect(exchange.order({ ...ref, clientOrderId: 'old' })).toBeUndefined();
    expect(placed(exchange, { clientOrderId: 'old', quantity: '0.1' }).order.status).toBe('new');
  });

  it.each([
    { why: 'raising', quantity: '1.1', refusal: { code: 'amend-not-decrease' } },
    { why: 'changing nothing', quantity: '1', refusal: { code: 'amend-no-change' } },
    { why: 'leaving the step', quantity: '0.123456', refusal: { code: 'filter', filter: 'lot-size' } },
    { why: 'falling under the least value', quantity: '0.00001', refusal: { code: 'filter', filter: 'notional' } },
  ])('refuses $why, and leaves the order as it was', ({ quantity, refusal }) => {
    const exchange = quietExchange();
    const { order } = placed(exchange);
    expect(exchange.amend(refOf(order), decimal(quantity), 'x', TEST_START_MS)).toEqual({ ok: false, error: refusal });
    expect(current(exchange, order)).toEqual(order);
  });

  it('ends an order with nothing left to fill', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange, { price: '63000', quantity: '1' });
    placed(exchange, { account: 'bob', side: 'sell', price: '63000', quantity: '0.6' });
    const amended = exchange.amend(refOf(order), decimal('0.5'), 'x', TEST_START_MS);
    expect(amended.ok && [amended.value.status, decimalText(amended.value.originalQuantity)]).toEqual(['expired', '0.6']);
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('962200/0');
  });

  it('tells both client order ids', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange, { clientOrderId: 'old' });
    const events: SimAccountEvent[] = [];
    exchange.onAccountEvent((_account, event) => events.push(event));
    exchange.amend(refOf(order), decimal('0.5'), 'new', TEST_START_MS);
    expect(events[0]).toMatchObject({
      execution: 'replaced',
      requestClientOrderId: 'new',
      previousClientOrderId: 'old',
      order: { clientOrderId: 'new' },
    });
  });
});

describe('cancel', () => {
  it('frees the lock and carries the client id of the request', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange, { clientOrderId: 'order' });
    const events: SimAccountEvent[] = [];
    exchange.onAccountEvent((_account, event) => events.push(event));
    expect(exchange.cancel(refOf(order), 'request', TEST_START_MS)).toMatchObject({
      ok: true,
      value: { status: 'canceled', clientOrderId: 'order' },
    });
    expect(events[0]).toMatchObject({ execution: 'canceled', requestClientOrderId: 'request', previousClientOrderId: null });
    expect(balanceText(exchange, 'alice', 'USDT')).toBe('1000000/0');
    expect(exchange.depth('BTC/USDT', 5).bids).toEqual([]);
  });

  it('knows only open orders of that account and market, and both ids must agree', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange, { clientOrderId: 'a' });
    const unknown = { ok: false, error: { code: 'unknown-order' } };
    for (const wrong of [{ account: 'bob' }, { symbol: 'ETH/USDT' }, { orderId: order.orderId + 1 }, { clientOrderId: 'b' }]) {
      expect(exchange.cancel({ ...refOf(order), ...wrong }, 'c', TEST_START_MS)).toEqual(unknown);
    }
    expect(exchange.cancel({ ...refOf(order), clientOrderId: 'a' }, 'c', TEST_START_MS).ok).toBe(true);
    expect(exchange.cancel(refOf(order), 'c', TEST_START_MS)).toEqual(unknown);
  });

  it('can be restricted to a status', () => {
    const exchange = quietExchange();
    const { order } = placed(exchange);
    expect(exchange.cancel(refOf(order), 'c', TEST_START_MS, 'partially-filled')).toEqual({
      ok: false,
      error: { code: 'cancel-restricted' },
    });
    expect(exchange.cancel(refOf(order), 'c', TEST_START_MS, 'new').ok).toBe(true);
  });

  it('of all takes every open order of one market, waiting stops too', () => {
    const exchange = quietExchange();
    placed(exchange, { quantity: '0.1' });
    placed(exchange, { type: 'stop-limit', stopPrice: '65000', quantity: '0.1' });
    placed(exchange, { symbol: 'ETH/USDT', price: '3000' });
    expect(exchange.cancelAll('alice', 'BTC/USDT', TEST_START_MS).map((order) => order.status)).toEqual(['canceled', 'canceled']);
    expect(exchange.openOrders('alice', null).map((order) => order.symbol)).toEqual(['ETH/USDT']);
  });
});
