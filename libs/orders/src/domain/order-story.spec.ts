import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal, sum } from '#libs/kernel';
import { isFinal } from '#libs/model';
import type { VenueOrderReport } from '#libs/model';
import { nextState, testFill, testOrder, testReport, testTerms } from '../testing.js';
import type { OrderState, OrderTerms } from './order.js';
import type { OrderEvent, ReportSource } from './order-event.js';
import { observeFills, observeReport } from './observe.js';

const REASON = { code: 'insufficient-funds', message: 'not enough', venueCode: '-2010' };

/** Takes a report in and returns the state after it. */
function told(state: OrderState, report: VenueOrderReport, source: ReportSource = 'stream'): OrderState {
  const { event } = observeReport(state, report, source);
  return event === null ? state : nextState(state, event);
}

describe('an order', () => {
  const terms = testTerms();
  const part = testFill(terms, 't1', '0.4');
  const rest = testFill(terms, 't2', '0.6');

  it('is pending until the venue speaks, and new when it has it', () => {
    expect(testOrder(terms).status).toBe('pending-new');
    expect(told(testOrder(terms), testReport(terms)).status).toBe('new');
  });

  it('is filled by fills alone, in whatever order they and the acknowledgement come', () => {
    const filled = testReport(terms, { status: 'filled', filledQuantity: decimal('1'), fills: [rest] });
    const state = told(
      told(testOrder(terms), testReport(terms, { status: 'partially-filled', filledQuantity: decimal('0.4'), fills: [part] })),
      filled,
    );
    expect(state).toMatchObject({ status: 'filled', acknowledgedAtMs: expect.any(Number) });
    expect(state.filledQuantity.toFixed()).toBe('1');
    expect(told(state, testReport(terms))).toBe(state); // The acknowledgement, late: nothing new.
  });

  it('waits for its fills before it ends, and asks for them', () => {
    const observed = observeReport(testOrder(terms), testReport(terms, { status: 'filled', filledQuantity: decimal('1') }), 'query');
    expect(observed.effects).toEqual(['fetch-fills']);
    const waiting = nextState(testOrder(terms), observed.event!);
    expect(waiting.status).toBe('new');
    const { event } = observeFills(waiting, [part, rest], 'query');
    expect(nextState(waiting, event!).status).toBe('filled');
  });

  it('counts a fill once, whatever brings it again', () => {
    const once = told(testOrder(terms), testReport(terms, { status: 'partially-filled', filledQuantity: decimal('0.4'), fills: [part] }));
    expect(told(once, testReport(terms, { status: 'partially-filled', filledQuantity: decimal('0.4'), fills: [part, part] }))).toBe(once);
    expect(observeFills(once, [part], 'query').event).toBeNull();
  });

  it('is booked in the market of its order, whatever name the adapter knew it by', () => {
    const terms = testTerms();
    const { event } = observeFills(testOrder(terms), [{ ...testFill(terms, '1', '0.5'), symbol: 'BTCUSDT' }], 'stream');
    expect(event).toMatchObject({ change: { fills: [{ symbol: terms.symbol }] } });
  });

  it('books a fill that arrives after the cancel was confirmed, because it is real money', () => {
    const canceled = told(testOrder(terms), testReport(terms, { status: 'canceled', filledQuantity: decimal('0') }));
    const { event } = observeFills(canceled, [part], 'stream');
    expect(nextState(canceled, event!)).toMatchObject({ status: 'canceled' });
    expect(nextState(canceled, event!).filledQuantity.toFixed()).toBe('0.4');
  });

  it('stays unknown after a lost answer, and follows the stream when it speaks', () => {
    const unknown = testOrder(terms, { type: 'outcome-unknown', reason: REASON });
    expect(unknown).toMatchObject({ status: 'unknown', openAttempt: { number: 1 } });
    expect(told(unknown, testReport(terms))).toMatchObject({ status: 'new', openAttempt: null });
  });

  it('is not made unknown by a lost answer once the stream has acknowledged it', () => {
    expect(nextState(told(testOrder(terms), testReport(terms)), { type: 'outcome-unknown', reason: REASON }).status).toBe('new');
  });

  it('remembers a cancel that came before the acknowledgement, and carries it out then', () => {
    const wished = testOrder(terms, { type: 'cancel-requested', apiKeyId: 'k' });
    expect(wished.status).toBe('pending-new');
    const seen = observeReport(wished, testReport(terms), 'answer');
    expect(seen.effects).toEqual(['send-cancel']);
    expect(nextState(wished, seen.event!).status).toBe('pending-cancel');
  });

  it('goes back to what it was when the venue refuses the cancel', () => {
    const open = told(testOrder(terms), testReport(terms));
    const pending = nextState(open, { type: 'cancel-requested', apiKeyId: 'k' });
    expect(pending.status).toBe('pending-cancel');
    expect(nextState(pending, { type: 'cancel-refused', reason: REASON }).status).toBe('new');
  });

  it('is canceled, not expired, where an order that never rests leaves a rest', () => {
    const ioc = testTerms({ timeInForce: 'IOC' });
    expect(
      told(testOrder(ioc), testReport(ioc, { status: 'expired', filledQuantity: decimal('0'), reason: 'UNFILLED_IOC_QUANTITY_EXPIRED' }))
        .status,
    ).toBe('canceled');
    expect(told(testOrder(terms), testReport(terms, { status: 'expired', filledQuantity: decimal('0'), reason: 'x' })).status).toBe(
      'expired',
    );
  });

  it('ends as rejected where absence was proven, and comes back when the venue shows it after all', () => {
    const absent = testOrder(
      terms,
      { type: 'outcome-unknown', reason: REASON },
      { type: 'not-created', evidence: { horizonMs: 0, negatives: [], balances: 'explained' } },
    );
    expect(absent).toMatchObject({ status: 'rejected', rejectReason: { code: 'not-created' } });
    expect(told(absent, testReport(terms))).toMatchObject({ status: 'new', rejectReason: null });
  });

  it('takes a lower quantity from an amend, and is full at that quantity', () => {
    const open = told(testOrder(terms), testReport(terms));
    const asked = nextState(open, { type: 'amend-requested', apiKeyId: 'k', quantity: decimal('0.4') });
    const amended = told(asked, testReport(terms, { quantity: decimal('0.4') }), 'answer');
    expect(amended).toMatchObject({ status: 'new', amendRequested: null });
    expect(
      told(amended, testReport(terms, { quantity: decimal('0.4'), status: 'filled', filledQuantity: decimal('0.4'), fills: [part] }))
        .status,
    ).toBe('filled');
  });

  it('learns the quantity of a market buy by value from the venue', () => {
    const market = testTerms({ type: 'market', timeInForce: null, price: null, quantity: null, quoteQuantity: decimal('100') });
    const filled = testReport(market, {
      status: 'filled',
      quantity: decimal('1'),
      filledQuantity: decimal('1'),
      fills: [testFill(market, 't1', '1')],
    });
    expect(told(testOrder(market), filled)).toMatchObject({ status: 'filled' });
  });

  it('is rejected with the reason of the venue', () => {
    expect(testOrder(terms, { type: 'refused', source: 'answer', reason: REASON })).toMatchObject({
      status: 'rejected',
      rejectReason: REASON,
      openAttempt: null,
    });
  });
});

/** Any event that the shell could record, in any order: facts do not ask whether they are expected. */
function anyEvent(terms: OrderTerms): fc.Arbitrary<OrderEvent | VenueOrderReport> {
  const fills = fc.subarray(['0.1', '0.2', '0.3', '0.4'].map((quantity, index) => testFill(terms, `t${index}`, quantity)));
  const report = fc
    .record({ status: fc.constantFrom('new', 'partially-filled', 'filled', 'canceled', 'expired', 'rejected'), fills })
    .map(({ status, fills: some }) =>
      testReport(terms, {
        status: status as never,
        fills: some,
        filledQuantity: status === 'filled' ? decimal('1') : sum(some.map((fill) => fill.quantity)),
      }),
    );
  const own = fc.constantFrom<OrderEvent>(
    { type: 'outcome-unknown', reason: REASON },
    { type: 'refused', source: 'answer', reason: REASON },
    { type: 'not-sent', reason: REASON },
    { type: 'cancel-requested', apiKeyId: 'k' },
    { type: 'cancel-refused', reason: REASON },
    { type: 'cancel-unknown', reason: REASON },
    { type: 'not-created', evidence: { horizonMs: 0, negatives: [], balances: 'explained' } },
  );
  return fc.oneof(report, own);
}

describe('any story', () => {
  const terms = testTerms();
  const stories = fc.array(anyEvent(terms), { maxLength: 25 });

  it('never lowers what is filled, and always holds the sum of its distinct fills', () => {
    fc.assert(
      fc.property(stories, (story) => {
        let state = testOrder(terms);
        const seen = new Set<string>();
        for (const step of story) {
          const before = state.filledQuantity;
          if ('venueOrderId' in step && step.status !== 'rejected') for (const fill of step.fills) seen.add(fill.venueTradeId);
          state = 'venueOrderId' in step ? told(state, step) : nextState(state, step);
          expect(state.filledQuantity.gte(before)).toBe(true);
          expect([...state.tradeIds].toSorted()).toEqual([...seen].toSorted());
        }
        const total = sum([...state.tradeIds].map((id) => decimal(['0.1', '0.2', '0.3', '0.4'][Number(id.slice(1))]!)));
        expect(state.filledQuantity.eq(total)).toBe(true);
      }),
    );
  });

  it('never leaves filled, canceled or expired for an open status', () => {
    fc.assert(
      fc.property(stories, (story) => {
        let state = testOrder(terms);
        for (const step of story) {
          const before = state.status;
          state = 'venueOrderId' in step ? told(state, step) : nextState(state, step);
          if (before === 'filled') expect(state.status).toBe('filled');
          if (before === 'canceled' || before === 'expired') expect(isFinal(state.status)).toBe(true);
        }
      }),
    );
  });

  it('comes to the same fills whatever the order of the messages', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (order) => {
        const quantities = ['0.1', '0.2', '0.3', '0.4'];
        let state = testOrder(terms);
        for (const index of order)
          state = told(
            state,
            testReport(terms, {
              status: 'partially-filled',
              filledQuantity: null,
              fills: [testFill(terms, `t${index}`, quantities[index]!)],
            }),
          );
        expect(state.status).toBe('filled');
        expect(state.filledQuantity.toFixed()).toBe('1');
      }),
    );
  });
});
