import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteTable } from './byte-table.js';
import { ascii, FrameScanner } from './frame-scanner.js';

function scanning(text: string): FrameScanner {
  const scan = new FrameScanner();
  scan.begin(Buffer.from(text));
  return scan;
}

describe('a frame scanner', () => {
  it('reads every integer that JSON.parse reads, where it takes it at all', () => {
    const text = fc.oneof(fc.nat().map(String), fc.maxSafeNat().map(String), fc.stringMatching(/^-?[0-9]{1,20}(\.[0-9])?$/));
    fc.assert(
      fc.property(text, (digits) => {
        const scan = scanning(digits);
        const value = scan.integer();
        if (scan.finished()) expect(value).toBe(JSON.parse(digits));
      }),
    );
  });

  it.each(['0', '7', '999999999', '1234567890', '999999999999999'])('takes %s', (text) => {
    const scan = scanning(text);
    expect([scan.integer(), scan.finished()]).toEqual([JSON.parse(text), true]);
  });

  it.each(['', '01', '-1', '1.5', '1e3', '1234567890123456', ' 1', 'x'])('does not take %j for an integer', (text) => {
    const scan = scanning(text);
    scan.integer();
    expect(scan.finished()).toBe(false);
  });

  it('reads every string that JSON.parse reads, where it takes it at all', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
        const json = JSON.stringify(text);
        const scan = scanning(json);
        const start = scan.plainString();
        if (scan.finished()) expect(scan.textFrom(start)).toBe(text);
      }),
    );
  });

  it.each(['"', '"a', '"a\\"', '"é"', '"a\nb"', 'a"', ''])('does not take %j for a string', (text) => {
    const scan = scanning(text);
    scan.plainString();
    expect(scan.finished()).toBe(false);
  });

  it.each([
    ['"0.10"', '0.10'],
    ['"5"', '5'],
    ['"007.5"', '007.5'],
  ])('reads the decimal text %s', (json, text) => {
    const scan = scanning(json);
    expect([scan.decimalText(), scan.finished()]).toEqual([text, true]);
  });

  it.each(['""', '"."', '"1."', '".1"', '"1e5"', '"-1"', '1', '"1', '"1.5'])('does not take %s for decimal text', (json) => {
    const scan = scanning(json);
    scan.decimalText();
    expect(scan.finished()).toBe(false);
  });

  it('stays failed after the first thing that was not expected', () => {
    const scan = scanning('{"a":1}');
    scan.expect(ascii('{"b":'));
    scan.integer();
    scan.expect(ascii('{"a":1}'));
    expect([scan.ok, scan.position, scan.finished()]).toEqual([false, 0, false]);
  });

  it('is not finished while something is left, and not beyond the end', () => {
    const scan = scanning('true ');
    expect([scan.boolean(), scan.finished()]).toEqual([true, false]);
    scan.expect(ascii('  '));
    expect(scan.ok).toBe(false);
  });
});

describe('a byte table', () => {
  it('makes each value once, and never mixes two runs of bytes', () => {
    const made: string[] = [];
    const table = new ByteTable((text) => ({ text, made: made.push(text) }), 1_000);
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 4 }), { maxLength: 20 }), (texts) => {
        for (const text of texts) {
          const bytes = Buffer.from(`<${text}>`);
          expect(table.at(bytes, 1, bytes.length - 1).text).toBe(Buffer.from(text).toString());
        }
      }),
    );
    expect(new Set(made).size).toBe(made.length);
  });

  it('does not depend on the bytes it was given afterwards', () => {
    const table = new ByteTable((text) => text, 10);
    const bytes = Buffer.from('BTCUSDT');
    table.at(bytes, 0, 7);
    bytes.write('ETH');
    expect(table.at(Buffer.from('BTCUSDT'), 0, 7)).toBe('BTCUSDT');
  });

  it('goes on answering when it is full', () => {
    const table = new ByteTable((text) => text, 1);
    const at = (text: string): string => table.at(Buffer.from(text), 0, text.length);
    expect(['a', 'b', 'b', 'a'].map(at)).toEqual(['a', 'b', 'b', 'a']);
  });
});
