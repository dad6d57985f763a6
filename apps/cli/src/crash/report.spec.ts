import { describe, expect, it } from 'vitest';
import { episodesOf, groupsOf } from './episodes.js';
import { Report } from './report.js';

const silent = (): void => undefined;

describe('the table of crashes', () => {
  it('counts a point as good where it was reached and nothing was found', () => {
    const report = new Report(['order.journaled'], silent);
    report.crashed('order.journaled');
    expect(report.totals()).toEqual({ numPassedTests: 1, numFailedTests: 0 });
  });

  it('fails a point that was never reached, one that was missed once, and one with a finding', () => {
    const report = new Report(['order.accepted', 'order.journaled', 'order.answered'], silent);
    report.crashed('order.journaled');
    report.notReached('order.journaled');
    report.crashed('order.answered');
    const intent = { clientOrderId: 'c-1', group: 'order.answered', body: {}, idempotencyKey: null, ids: new Set<string>(), toldEnd: null };
    report.judged([intent], [{ verdict: 'lost', clientOrderId: 'c-1', what: 'o-1 is gone' }]);
    expect(report.totals()).toEqual({ numPassedTests: 0, numFailedTests: 3 });
    expect(report.table().join('\n')).toMatch(/order\.journaled +1, NOT REACHED 1[^]*lost: c-1: o-1 is gone/);
  });

  it('fails the run where a finding belongs to no point, or something failed beside the points', () => {
    const report = new Report([], silent);
    report.judged([], [{ verdict: 'lost', clientOrderId: null, what: 'an order at the venue is not known here' }]);
    expect(report.totals()).toEqual({ numPassedTests: 0, numFailedTests: 1 });
    const other = new Report([], silent);
    other.failed('', 'the gateway ended by itself with 1');
    expect(other.totals()).toEqual({ numPassedTests: 0, numFailedTests: 1 });
  });
});

describe('the plan of crashes', () => {
  const plan = { rounds: 3, points: ['resolver.absent', 'resolver.resubmitted', 'order.journaled'] as const, storms: 2, pauses: 1 };

  it('plays both points of an absence together, and every other one by itself, in every round', () => {
    const kinds = episodesOf(plan, () => 0.99).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'absence')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'point')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'storm')).toHaveLength(2);
  });

  it('arms a point at its first passing or a later one', () => {
    const passingsOf = (random: number) => episodesOf(plan, () => random).flatMap((one) => (one.kind === 'point' ? [one.passing] : []));
    expect(passingsOf(0)).toEqual([1, 1, 1]);
    expect(passingsOf(0.999)).toEqual([8, 8, 8]);
  });

  it('has a line for every point, and for storms and pauses where there are any', () => {
    expect(groupsOf(plan)).toHaveLength(5);
    expect(groupsOf({ ...plan, storms: 0, pauses: 0 })).toHaveLength(3);
  });
});
