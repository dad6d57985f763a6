import { decimal, decimalText } from '#libs/kernel';
import { describe, expect, it } from 'vitest';
import { BINANCE_CAPABILITIES } from './capabilities.js';
import { roundDownToStep } from './filters.js';
import { orderStatus } from './order-status-map.js';
import { orderType, side, timeInForce, venueOrderType } from './order-terms.js';
import { depthWeight } from './weights.js';

describe('orderStatus', () => {
  it.each([
    ['PENDING_NEW', 'pending-new'],
    ['NEW', 'new'],
    ['PARTIALLY_FILLED', 'partially-filled'],
    ['FILLED', 'filled'],
    ['CANCELED', 'canceled'],
    ['REJECTED', 'rejected'],
    ['EXPIRED', 'expired'],
    ['EXPIRED_IN_MATCH', 'expired'],
  ])('%s is %s', (word, status) => {
    expect(orderStatus(word, false)).toBe(status);
  });

  it('holds an order for open whose cancel is pending, for it can still trade', () => {
    expect(orderStatus('PENDING_CANCEL', false)).toBe('new');
    expect(orderStatus('PENDING_CANCEL', true)).toBe('partially-filled');
  });

  it.each(['', 'filled', 'HALF_OPEN', 'constructor'])('does not guess %j', (word) => {
    expect(orderStatus(word, false)).toBeNull();
  });
});

describe('order terms', () => {
  it('speaks post-only as a type of its own', () => {
    expect(venueOrderType('limit', true)).toBe('LIMIT_MAKER');
    expect(orderType('LIMIT_MAKER', true)).toBe('limit');
  });

  it('drops the time in force where it means nothing', () => {
    expect(timeInForce('GTC', 'market')).toBeNull();
    expect(timeInForce('GTC', 'limit')).toBe('GTC');
  });

  it('knows two sides', () => {
    expect([side('BUY'), side('SELL'), side('buy'), side('BOTH')]).toEqual(['buy', 'sell', null, null]);
  });
});

describe('capabilities', () => {
  it('[lesson 36] takes every UUID for a client id, and nothing that the venue would refuse', () => {
    expect(BINANCE_CAPABILITIES.clientIdPattern.test('0190b3a0-1111-7abc-8def-001122334455')).toBe(true);
    for (const bad of ['', 'a'.repeat(37), 'a.b', 'ä']) expect(BINANCE_CAPABILITIES.clientIdPattern.test(bad)).toBe(false);
  });
});

describe('roundDownToStep', () => {
  it.each([
    ['0.0007856509959147719', '0.00001', '0.00078'],
    ['1', '0.1', '1'],
    ['0.99', '1', '0'],
    ['5', '0', '5'],
    ['0.3', '0.1', '0.3'],
  ])('%s by %s is %s', (quantity, step, rounded) => {
    expect(decimalText(roundDownToStep(decimal(quantity), decimal(step)))).toBe(rounded);
  });
});

describe('depthWeight', () => {
  it.each([
    [5, 5],
    [100, 5],
    [101, 25],
    [500, 25],
    [501, 50],
    [1_000, 50],
    [1_001, 250],
    [5_000, 250],
  ])('%i levels weigh %i', (limit, weight) => {
    expect(depthWeight(limit)).toBe(weight);
  });
});
