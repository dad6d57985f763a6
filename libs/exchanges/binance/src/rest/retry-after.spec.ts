import { describe, expect, it } from 'vitest';
import { bannedUntilMs, retryAfterMs } from './retry-after.js';

describe('retryAfterMs', () => {
  it.each([
    ['0', 0],
    ['5', 5_000],
    [' 120 ', 120_000],
    ['259200', 259_200_000],
  ])('takes %j seconds', (header, ms) => {
    expect(retryAfterMs(header)).toEqual({ ok: true, value: ms });
  });

  it.each([null, '', '-1', '1.5', 'Wed, 21 Oct 2026 07:28:00 GMT', '259201', '99999999999'])('calls %j malformed', (header) => {
    expect(retryAfterMs(header)).toEqual({ ok: false, error: 'malformed' });
  });
});

describe('bannedUntilMs', () => {
  it('finds the time in the text of a ban, and nothing elsewhere', () => {
    expect(bannedUntilMs('Way too much request weight used; IP banned until 1700000123456. Please')).toBe(1_700_000_123_456);
    expect(bannedUntilMs('IP banned until tomorrow')).toBeNull();
  });
});
