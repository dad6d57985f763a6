import { describe, expect, it } from 'vitest';
import { Budget, type Admission } from './budget.js';

const MINUTE = 60_000;
const start = 1_700_000_040_000 - (1_700_000_040_000 % MINUTE);
const weight = { name: 'REQUEST_WEIGHT_1M', limit: 100, windowMs: MINUTE };
const orders = { name: 'ORDERS_10S', limit: 10, windowMs: 10_000 };

function admitted(admission: Admission) {
  if (!admission.admitted) throw new Error(`refused: ${admission.reason}`);
  return admission.ticket;
}

describe('Budget', () => {
  it('refuses queries first, then submits, and keeps a reserve for cancels', () => {
    const budget = new Budget([weight]);
    budget.counted(weight.name, 85, start);
    expect(budget.admit('query', { [weight.name]: 1 }, start).admitted).toBe(false);
    expect(budget.admit('submit', { [weight.name]: 1 }, start).admitted).toBe(true);
    budget.counted(weight.name, 95, start);
    expect(budget.admit('submit', { [weight.name]: 1 }, start).admitted).toBe(false);
    expect(budget.admit('cancel', { [weight.name]: 1 }, start).admitted).toBe(true);
    budget.counted(weight.name, 100, start);
    expect(budget.admit('cancel', { [weight.name]: 1 }, start).admitted).toBe(false);
  });

  it('says how long until the window is over, and starts anew there', () => {
    const budget = new Budget([weight]);
    budget.counted(weight.name, 100, start + 1_000);
    expect(budget.admit('query', { [weight.name]: 1 }, start + 15_000)).toEqual({
      admitted: false,
      reason: 'rate-limited',
      retryAfterMs: 45_000,
    });
    expect(budget.admit('query', { [weight.name]: 1 }, start + MINUTE).admitted).toBe(true);
  });

  it('counts what is under way, so that a burst cannot pass before the first answer', () => {
    const budget = new Budget([weight]);
    const tickets = Array.from({ length: 4 }, () => admitted(budget.admit('query', { [weight.name]: 20 }, start)));
    expect(budget.admit('query', { [weight.name]: 20 }, start).admitted).toBe(false);
    for (const ticket of tickets) budget.done(ticket, true, start);
    budget.counted(weight.name, 4, start);
    expect(budget.usage(start)[0]).toEqual({ name: weight.name, used: 4, limit: 100, windowMs: MINUTE });
  });

  it('counts a call without an answer as if the venue had counted it', () => {
    const budget = new Budget([weight]);
    budget.done(admitted(budget.admit('query', { [weight.name]: 20 }, start)), false, start);
    expect(budget.usage(start)[0]!.used).toBe(20);
  });

  it('does not believe a lower count within a window, for answers overtake one another', () => {
    const budget = new Budget([weight]);
    budget.counted(weight.name, 90, start);
    budget.counted(weight.name, 40, start + 5);
    expect(budget.usage(start + 5)[0]!.used).toBe(90);
  });

  it('is silent for as long as the venue asked, cancels included, and never for less', () => {
    const budget = new Budget([weight]);
    budget.silentUntil(start + 120_000, 'ip-banned');
    budget.silentUntil(start + 1_000, 'rate-limited');
    expect(budget.admit('cancel', {}, start + 60_000)).toEqual({ admitted: false, reason: 'ip-banned', retryAfterMs: 60_000 });
    expect(budget.silentUntilMs(start)).toBe(start + 120_000);
    expect(budget.admit('cancel', {}, start + 120_000).admitted).toBe(true);
    expect(budget.silentUntilMs(start + 120_000)).toBeNull();
  });

  it('holds back only new orders when the order count is exceeded', () => {
    const budget = new Budget([weight, orders]);
    budget.silentUntil(start + 5_000, 'order-rate-limited');
    expect(budget.admit('submit', {}, start)).toEqual({ admitted: false, reason: 'order-rate-limited', retryAfterMs: 5_000 });
    expect(budget.admit('query', {}, start).admitted).toBe(true);
    expect(budget.admit('cancel', {}, start).admitted).toBe(true);
    budget.counted(orders.name, 10, start + 5_000);
    expect(budget.admit('submit', { [orders.name]: 1 }, start + 5_000)).toMatchObject({ admitted: false, reason: 'order-rate-limited' });
  });

  it('lets the order count go up to its limit, and no further', () => {
    const budget = new Budget([orders]);
    for (let order = 0; order < 10; order += 1) admitted(budget.admit('submit', { [orders.name]: 1 }, start));
    expect(budget.admit('submit', { [orders.name]: 1 }, start).admitted).toBe(false);
  });

  it('has no limit where the venue names none, and takes up new limits without forgetting what was counted', () => {
    const budget = new Budget();
    expect(budget.admit('query', { [weight.name]: 1_000_000 }, start).admitted).toBe(true);
    budget.setWindows([weight]);
    budget.counted(weight.name, 99, start);
    budget.setWindows([{ ...weight, limit: 1_000 }]);
    expect(budget.usage(start)[0]).toMatchObject({ used: 99, limit: 1_000 });
  });
});
