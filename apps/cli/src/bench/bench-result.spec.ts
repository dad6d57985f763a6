import { describe, expect, it } from 'vitest';
import { atLeast, atMost, isMet, median, quantile, worst, type BenchLine } from './bench-result.js';
import { benchTable } from './bench-table.js';

const line = (values: readonly number[], goal: BenchLine['goal'] = null): BenchLine => ({ name: 'a ÷ b', unit: '×', values, goal });

describe('median', () => {
  it.each([
    [[3], 3],
    [[1, 9, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe('quantile', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);

  it.each([
    [0.5, 50],
    [0.99, 99],
    [1, 100],
    [0, 1],
  ])('%d of 1 to 100 is %d', (q, expected) => {
    expect(quantile(hundred, q)).toBe(expected);
  });
});

describe('a goal', () => {
  it('is met by the median, so that one disturbed run does not decide', () => {
    expect(isMet(line([1.1, 1.15, 9], atMost(1.2)))).toBe(true);
    expect(isMet(line([1.1, 1.25, 1.3], atMost(1.2)))).toBe(false);
    expect(isMet(line([2, 2.4, 0.1], atLeast(2)))).toBe(true);
    expect(isMet(line([1.9, 1.9, 5], atLeast(2)))).toBe(false);
  });

  it('makes the worst value the one furthest from it', () => {
    expect(worst(line([1, 2, 3], atLeast(2)))).toBe(1);
    expect(worst(line([1, 2, 3], atMost(2)))).toBe(3);
    expect(worst(line([1, 2, 3]))).toBe(3);
  });

  it('that is not there is neither met nor missed', () => {
    expect(isMet(line([1]))).toBeNull();
  });
});

it('the table shows median, worst, goal and verdict', () => {
  const text = benchTable({
    bench: 'orders',
    runs: 3,
    lines: [line([1, 2, 3], atMost(1.2)), { ...line([41.4]), name: 'bare', unit: 'µs' }],
  });
  expect(text.split('\n').slice(1)).toEqual([
    'orders: 3 runs, interleaved',
    '       median   worst  goal',
    'a ÷ b  2.00 ×  3.00 ×  ≤ 1.2 ×  MISSED',
    'bare    41 µs   41 µs',
  ]);
});
