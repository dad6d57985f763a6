import { describe, expect, it } from 'vitest';
import { decimal } from '#libs/kernel';
import type { VenueOrderReport } from '#libs/model';
import { testBrief, testReport } from '../testing.js';
import { compareOrders } from './compare-orders.js';
import type { OrderBrief, OrderComparison } from './compare-orders.js';

function compare(venue: VenueOrderReport[], after: OrderBrief[], before = after): OrderComparison {
  return compareOrders({ venue, before, after, settlingMs: 5_000 });
}

describe('the comparison of open orders', () => {
  it('finds nothing where both sides list the same', () => {
    expect(compare([testReport()], [testBrief()])).toEqual({ findings: [], strangers: [] });
  });

  it.each<[string, Partial<OrderBrief>, Partial<VenueOrderReport> | null, string | null]>([
    ['ours, not listed there', {}, null, 'order-not-listed'],
    ['ours, not listed there, and too young to be', { ageMs: 4_999 }, null, null],
    ['filled further there', {}, { filledQuantity: decimal('0.1') }, 'fills-missing'],
    ['filled further here', { filledQuantity: decimal('0.2') }, { filledQuantity: decimal('0.1') }, null],
    ['without a word on fills', {}, { filledQuantity: null }, null],
    ['of unknown outcome, and listed', { status: 'unknown', acknowledged: false, ageMs: 0 }, {}, 'order-unacknowledged'],
    ['not acknowledged for long, and listed', { status: 'pending-new', acknowledged: false }, {}, 'order-unacknowledged'],
    ['just sent, and listed', { status: 'pending-new', acknowledged: false, ageMs: 100 }, {}, null],
    ['about to be canceled', { status: 'pending-cancel' }, {}, null],
    ['ended here meanwhile', { status: 'canceled' }, null, null],
  ])('an order %s', (_name, brief, report, kind) => {
    const { findings } = compare(report === null ? [] : [testReport(report)], [testBrief(brief)]);
    expect(findings.map((finding) => finding.kind)).toEqual(kind === null ? [] : [kind]);
  });

  it('does not miss an order that was placed while the venue was being asked', () => {
    expect(compare([], [testBrief()], []).findings).toEqual([]);
  });

  it('does not miss an order that ended while the venue was being asked', () => {
    expect(compare([], [], [testBrief()]).findings).toEqual([]);
  });

  it('hands on what it does not know, and takes an order that has just ended here for no stranger', () => {
    const other = testReport({ venueClientId: 'web-1', venueOrderId: '2' });
    expect(compare([testReport(), other], [], [testBrief()]).strangers).toEqual([other]);
  });
});
