import { describe, expect, it } from 'vitest';
import { GuessedSilence } from './guessed-silence.js';

describe('a silence that nobody named', () => {
  it('doubles with each refusal after it was kept, up to a bound, and starts over after a success', () => {
    const silence = new GuessedSilence();
    let nowMs = 0;
    const lengths = Array.from({ length: 7 }, () => {
      const ms = silence.next(10, nowMs);
      nowMs += ms;
      return ms;
    });
    expect(lengths).toEqual([10, 20, 40, 80, 160, 160, 160]);
    silence.succeeded();
    expect(silence.next(10, nowMs)).toBe(10);
  });

  it('is not made longer by refusals of what was under way already', () => {
    const silence = new GuessedSilence();
    expect([silence.next(10, 0), silence.next(10, 3), silence.next(10, 9)]).toEqual([10, 7, 1]);
  });
});
