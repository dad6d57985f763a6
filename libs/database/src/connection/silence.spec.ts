import { describe, expect, it } from 'vitest';
import { Silence } from './silence.js';

const LATE = new Error('Query read timeout');

describe('a database that may fall silent', () => {
  it('lets everyone in until a time-out', () => {
    const silence = new Silence();
    for (let entry = 0; entry < 3; entry += 1) silence.enter();
    expect(silence.failed(LATE)).toBe(true);
  });

  it('is then tried by one at a time, and the others are refused with nothing done', () => {
    const silence = new Silence();
    silence.failed(LATE);
    silence.enter();
    expect(() => silence.enter()).toThrow(expect.objectContaining({ name: 'DatabaseUnavailableError', outcome: 'not-done' }));
    expect(silence.failed(LATE)).toBe(false);
    silence.enter();
    expect(() => silence.enter()).toThrow();
  });

  it('is open to all again with the first answer, or where connections are refused, which costs no time', () => {
    for (const end of [(silence: Silence) => silence.answered(), (silence: Silence) => silence.failed(new Error('connect ECONNREFUSED'))]) {
      const silence = new Silence();
      silence.failed(LATE);
      end(silence);
      expect(() => {
        for (let entry = 0; entry < 3; entry += 1) silence.enter();
      }).not.toThrow();
    }
  });

  it('is not judged by connections of ours that are all in use', () => {
    const silence = new Silence();
    const exhausted = new Error('timeout exceeded when trying to connect');
    expect(silence.failed(exhausted)).toBe(false);
    silence.enter();
    silence.enter();
    silence.failed(LATE);
    silence.failed(exhausted);
    silence.enter();
    expect(() => silence.enter()).toThrow();
  });
});
