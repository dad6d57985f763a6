import { expect, it } from 'vitest';
import { isInScope, isKillScope, subjectOf } from './kill-switch.js';

it('knows the three kinds of scopes and nothing else', () => {
  for (const good of ['all', 'venue:binance', 'account:binance-sim']) expect(isKillScope(good), good).toBe(true);
  for (const bad of ['', 'ALL', 'venue:', 'account:', 'venue', 'order:1', 'all:x', 'account:a b', 'venue:Binance', 'account:a\n'])
    expect(isKillScope(bad), bad).toBe(false);
});

it('covers the accounts that it names, those of its venue, or all', () => {
  expect(isInScope('all', 'one', 'binance')).toBe(true);
  expect(isInScope('venue:binance', 'one', 'binance')).toBe(true);
  expect(isInScope('venue:kraken', 'one', 'binance')).toBe(false);
  expect(isInScope('account:one', 'one', 'binance')).toBe(true);
  expect(isInScope('account:on', 'one', 'binance')).toBe(false);
});

it('says what a scope names', () => {
  expect(subjectOf('all')).toBeNull();
  expect(subjectOf('venue:binance')).toEqual({ kind: 'venue', name: 'binance' });
  expect(subjectOf('account:one')).toEqual({ kind: 'account', name: 'one' });
});
