import { describe, expect, it } from 'vitest';
import type { Intent } from './intents.js';
import { note } from './intents.js';
import { judge } from './judge.js';
import type { OurFill, OurOrder } from './judge.js';
import type { Ledger, LedgerOrder } from './venue.js';

function intentOf(clientOrderId: string, ids: readonly string[] = [], toldEnd: string | null = null): Intent {
  return { clientOrderId, group: 'order.journaled', body: {}, idempotencyKey: null, ids: new Set(ids), toldEnd };
}

const INTENT = intentOf('c-1', ['o-1'], 'filled');
const ORDER: OurOrder = {
  id: 'o-1',
  clientOrderId: 'c-1',
  venueOrderId: '7',
  status: 'filled',
  quantity: '0.001',
  filledQuantity: '0.001',
};
const FILL: OurFill = { orderId: 'o-1', venueTradeId: '99', venueOrderId: '7', quantity: '0.001' };
const AT_VENUE: LedgerOrder = { venueOrderId: '7', clientOrderId: 'v-1', status: 'filled', quantity: '0.00100', filledQuantity: '0.00100' };
const LEDGER: Ledger = { orders: [AT_VENUE], fills: [{ venueTradeId: '99', venueOrderId: '7', quantity: '0.00100' }] };

const verdicts = (intents: readonly Intent[], orders: readonly OurOrder[], fills: readonly OurFill[], ledger: Ledger) =>
  judge(intents, orders, fills, ledger).map(({ verdict, clientOrderId }) => `${verdict} ${clientOrderId}`);

describe('the verdict over crashes', () => {
  it('finds nothing where clients, gateway and venue say the same', () => {
    expect(verdicts([INTENT], [ORDER], [FILL], LEDGER)).toEqual([]);
  });

  it('finds nothing in an order that was refused and never reached the venue', () => {
    const refused = { ...ORDER, venueOrderId: null, status: 'rejected', filledQuantity: '0' };
    expect(verdicts([intentOf('c-1', ['o-1'])], [refused], [], { orders: [], fills: [] })).toEqual([]);
  });

  it.each<[string, string, Intent, readonly OurOrder[], readonly OurFill[], Ledger]>([
    [
      'an order that the venue took twice',
      'twice c-1',
      INTENT,
      [ORDER, { ...ORDER, id: 'o-2', clientOrderId: 'c-2', venueOrderId: '8' }],
      [FILL],
      { ...LEDGER, orders: [AT_VENUE, { ...AT_VENUE, venueOrderId: '8' }] },
    ],
    [
      'two orders of one client order id',
      'twice c-1',
      INTENT,
      [ORDER, { ...ORDER, id: 'o-2', venueOrderId: null, status: 'rejected' }],
      [FILL],
      LEDGER,
    ],
    [
      'a client that was told two ids',
      'twice c-1',
      intentOf('c-1', ['o-1', 'o-2']),
      [ORDER, { ...ORDER, id: 'o-2', venueOrderId: null, status: 'rejected' }],
      [FILL],
      LEDGER,
    ],
    ['a fill that is booked twice', 'twice c-1', INTENT, [ORDER], [FILL, FILL], LEDGER],
    ['an order that a client was told of and that is gone', 'lost c-1', INTENT, [], [], { orders: [], fills: [] }],
    [
      'an order at the venue that nobody here knows',
      'lost null',
      INTENT,
      [ORDER],
      [FILL],
      { ...LEDGER, orders: [AT_VENUE, { ...AT_VENUE, venueOrderId: '8', clientOrderId: 'v-2' }] },
    ],
    ['an order that the venue does not have', 'lost c-1', INTENT, [ORDER], [FILL], { ...LEDGER, orders: [] }],
    ['a trade that is not booked', 'lost c-1', INTENT, [ORDER], [], LEDGER],
    ['a trade that the venue does not have', 'guessed c-1', INTENT, [ORDER], [FILL], { ...LEDGER, fills: [] }],
    ['a trade of another quantity', 'guessed c-1', INTENT, [ORDER], [{ ...FILL, quantity: '0.002' }], LEDGER],
    ['another state than at the venue', 'guessed c-1', intentOf('c-1', ['o-1']), [{ ...ORDER, status: 'canceled' }], [FILL], LEDGER],
    ['another filled quantity than at the venue', 'guessed c-1', INTENT, [{ ...ORDER, filledQuantity: '0' }], [FILL], LEDGER],
    ['another quantity than at the venue', 'guessed c-1', INTENT, [{ ...ORDER, quantity: '0.002' }], [FILL], LEDGER],
    ['an end that was told and did not last', 'guessed c-1', intentOf('c-1', ['o-1'], 'canceled'), [ORDER], [FILL], LEDGER],
    [
      'an open order without a place at the venue',
      'guessed c-1',
      intentOf('c-1', ['o-1']),
      [{ ...ORDER, venueOrderId: null, status: 'new' }],
      [],
      { orders: [], fills: [] },
    ],
    [
      'an outcome that is still open',
      'unknown c-1',
      intentOf('c-1', ['o-1']),
      [{ ...ORDER, status: 'unknown', venueOrderId: null }],
      [],
      { orders: [], fills: [] },
    ],
  ])('finds %s', (_what, verdict, intent, orders, fills, ledger) => {
    expect(verdicts([intent], orders, fills, ledger)).toContain(verdict);
  });

  it('takes the order id from an acceptance and from a refusal, and an end only from an acceptance', () => {
    const intent = intentOf('c-1');
    note(intent, 202, { id: 'o-1', status: 'unknown' });
    note(intent, 422, { orderId: 'o-1', status: 422 });
    expect([...intent.ids]).toEqual(['o-1']);
    expect(intent.toldEnd).toBeNull();
    note(intent, 200, { id: 'o-1', status: 'canceled' });
    expect(intent.toldEnd).toBe('canceled');
  });
});
