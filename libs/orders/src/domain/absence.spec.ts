import { describe, expect, it } from 'vitest';
import { CLOCK_ERROR_MS, absenceHorizonMs, proveAbsence } from './absence.js';
import type { Negative } from './order-event.js';

const H = 20_000;
const look = (family: Negative['family'], atMs: number): Negative => ({ family, atMs });

describe('proof of absence', () => {
  it('begins only when the venue can no longer be working on the request', () => {
    expect(absenceHorizonMs(5_000, { engineTimeMs: 10_000, visibilityLagMs: 4_000 })).toBe(19_000 + CLOCK_ERROR_MS);
  });

  it.each<[string, Negative[]]>([
    ['nothing was looked at', []],
    ['any number of looks was made too early', Array.from({ length: 50 }, (_, i) => look(i % 2 ? 'by-id' : 'open-orders', H - i))],
    ['only one kind of record was looked at', [look('by-id', H + 1), look('by-id', H + 2), look('by-id', H + 3)]],
    ['there were only two looks', [look('by-id', H + 1), look('open-orders', H + 2)]],
    ['one of three looks was at the horizon itself', [look('by-id', H), look('by-id', H + 1), look('open-orders', H + 2)]],
  ])('is refused where %s', (_name, negatives) => {
    expect(proveAbsence(H, negatives)).toBeNull();
  });

  it('takes three clean looks at two kinds of record after the horizon, and keeps them as evidence', () => {
    const negatives = [look('by-id', H - 1), look('by-id', H + 1), look('open-orders', H + 2), look('by-id', H + 3)];
    expect(proveAbsence(H, negatives)).toEqual({ horizonMs: H, negatives: negatives.slice(1), balances: 'explained' });
  });
});
