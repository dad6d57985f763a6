import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal, sum } from '#libs/kernel';
import { judgeBalance, mayBeTrade } from './compare-balances.js';
import type { AssetLook, BalanceVerdict, DriftRule, PendingTransfer } from './compare-balances.js';

const NOW = 1_700_000_000_000;
const RULE: DriftRule = { looks: 3, settleMs: 10_000 };

function look(more: Partial<AssetLook> = {}): AssetLook {
  return {
    asset: 'USDT',
    venueTotal: decimal('100'),
    expected: decimal('100'),
    recent: [],
    unsettled: null,
    pending: [],
    history: null,
    historyComplete: true,
    ...more,
  };
}

function transfer(amount: string, venueTimeMs = NOW): PendingTransfer {
  return { asset: 'USDT', amount: decimal(amount), venueTimeMs };
}

function judge(more: Partial<AssetLook>, nowMs = NOW): BalanceVerdict {
  return judgeBalance(look(more), nowMs, RULE);
}

describe('the verdict on a total', () => {
  it('is equal only to the last digit', () => {
    expect(judge({})).toEqual({ kind: 'equal' });
    expect(judge({ venueTotal: decimal('100.000000000000000001') }).kind).toBe('differs');
  });

  it('is equal where the newest trades may have come after the answer', () => {
    const recent = [decimal('-10'), decimal('-5')];
    expect(judge({ expected: decimal('85'), recent }).kind).toBe('equal');
    expect(judge({ expected: decimal('85'), venueTotal: decimal('90'), recent }).kind).toBe('equal');
    // That the second came and the first did not is no moment at which the answer can have been taken.
    expect(judge({ expected: decimal('85'), venueTotal: decimal('95'), recent })).toMatchObject({
      kind: 'not-comparable',
      why: 'newer-fill',
    });
  });

  it.each(['unknown-order', 'missing-fill'] as const)('waits for %s', (unsettled) => {
    expect(judge({ venueTotal: decimal('99'), unsettled })).toMatchObject({ kind: 'not-comparable', why: unsettled });
    expect(judge({ unsettled })).toEqual({ kind: 'equal' });
  });

  it('waits while the trade history was not read to its end', () => {
    expect(judge({ venueTotal: decimal('99'), historyComplete: false })).toMatchObject({ why: 'history-incomplete' });
  });

  it.each([
    ['one of them', ['7'], ['7']],
    ['all of them', ['3', '4'], ['3', '4']],
    ['some of them', ['3', '-1', '4'], ['3', '4']],
    ['a withdrawal', ['-2', '9'], ['-2', '9']],
  ])('is explained by reported transfers: %s', (_name, pending, used) => {
    const verdict = judge({ venueTotal: decimal('107'), pending: pending.map((amount, at) => transfer(amount, at)) });
    expect(verdict.kind).toBe('reported');
    expect(verdict.kind === 'reported' && verdict.transfers.map(({ amount }) => amount.toFixed())).toEqual(used);
  });

  it('is not explained by transfers that do not add up', () => {
    expect(judge({ venueTotal: decimal('107'), pending: [transfer('6.99999999')] })).toMatchObject({ kind: 'differs', looks: 1 });
  });

  it('becomes an unreported transfer only after two more looks saw the same, and it stood longer than the venue may lag', () => {
    const venueTotal = decimal('120');
    const seen = (looks: number, sinceMs: number): BalanceVerdict =>
      judge({ venueTotal, history: { difference: decimal('20'), looks, sinceMs } });
    expect(judge({ venueTotal })).toMatchObject({ kind: 'differs', looks: 1 });
    expect(seen(1, NOW - 60_000)).toMatchObject({ kind: 'differs', looks: 2 });
    expect(seen(2, NOW - 9_999)).toMatchObject({ kind: 'differs', looks: 3 });
    expect(seen(2, NOW - 10_000)).toMatchObject({ kind: 'unreported', looks: 3 });
  });

  it('starts anew when the difference is another one', () => {
    const history = { difference: decimal('19'), looks: 9, sinceMs: 0 };
    expect(judge({ venueTotal: decimal('120'), history })).toMatchObject({ kind: 'differs', looks: 1 });
  });

  it('sees the same difference also on an account that goes on trading', () => {
    const history = { difference: decimal('20'), looks: 2, sinceMs: 0 };
    const recent = [decimal('-1')];
    expect(judge({ venueTotal: decimal('120'), expected: decimal('99'), recent, history })).toMatchObject({ kind: 'unreported' });
  });

  it('agrees at whatever moment between trades the venue answered', () => {
    const moves = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), moves, fc.nat(), (start, recent, at) => {
        const amounts = recent.map((amount) => decimal(`${amount}`));
        const until = amounts.slice(0, at % (amounts.length + 1));
        const before = decimal(`${start}`);
        const venueTotal = before.plus(sum(until));
        expect(judge({ venueTotal, expected: before.plus(sum(amounts)), recent: amounts })).toEqual({ kind: 'equal' });
      }),
    );
  });

  it('never calls a difference equal where nothing recent could hide it', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (venue, expected) => {
        const verdict = judge({ venueTotal: decimal(`${venue}`), expected: decimal(`${expected}`) });
        expect(verdict.kind === 'equal').toBe(venue === expected);
      }),
    );
  });
});

describe('movements that may be a trade', () => {
  it.each([
    [['1', '-64000'], true],
    [['-1', '64000'], true],
    [['0', '500'], false],
    [['1', '500'], false],
    [['0', '0'], false],
    [['3'], true],
    [['0'], false],
  ])('%j: %s', (differences, expected) => {
    expect(mayBeTrade(differences.map(decimal))).toBe(expected);
  });
});
