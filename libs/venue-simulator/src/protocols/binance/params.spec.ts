import { describe, expect, it } from 'vitest';
import { Params, readUrlEncoded } from './params.js';

const of = (query: string, body = ''): Params => new Params(readUrlEncoded(query, body));

describe('request parameters', () => {
  it('keeps the value of the query when a name is in the body too', () => {
    expect(of('price=1', 'price=2&quantity=3').raw('price')).toBe('1');
    expect(of('price=1', 'price=2&quantity=3').raw('quantity')).toBe('3');
  });

  it('refuses a name that comes twice in one place', () => {
    expect(() => of('a=1&a=2')).toThrow(expect.objectContaining({ code: -1101, message: 'Duplicate values for a parameter detected.' }));
    expect(() => of('', 'a=1&a=1')).toThrow(expect.objectContaining({ code: -1101 }));
  });

  it('decodes percent-encoding', () => {
    expect(of('symbols=%5B%22BTCUSDT%22%5D').raw('symbols')).toBe('["BTCUSDT"]');
  });

  it('counts what it knows when a name is unknown', () => {
    expect(() => of('symbol=A&colour=red').refuseUnknown(new Set(['symbol']))).toThrow(
      expect.objectContaining({ code: -1104, message: "Not all sent parameters were read; read '1' parameter(s) but was sent '2'." }),
    );
  });

  it.each([
    ['q=1', '1'],
    ['q=0.00000001', '0.00000001'],
    ['q=1.1000000000', '1.1'],
  ])('reads the decimal %s', (query, text) => {
    expect(of(query).decimal('q')?.toFixed()).toBe(text);
  });

  it.each([
    ['q=0.000000001', -1111],
    ['q=1e5', -1100],
    ['q=-1', -1100],
    ['q=1,5', -1100],
    ['q=', -1105],
  ])('refuses the decimal %s with %i', (query, code) => {
    expect(() => of(query).decimal('q')).toThrow(expect.objectContaining({ code }));
  });

  it('refuses a limit below one and takes the maximum for more', () => {
    expect(() => of('limit=0').limit(500, 1_000)).toThrow(expect.objectContaining({ code: -1130 }));
    expect(of('limit=2000').limit(500, 1_000)).toBe(1_000);
    expect(of('').limit(500, 1_000)).toBe(500);
  });
});
