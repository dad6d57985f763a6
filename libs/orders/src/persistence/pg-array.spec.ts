import { describe, expect, it } from 'vitest';
import { pgArray } from './pg-array.js';

describe('pgArray', () => {
  it.each([
    [[], '{}'],
    [['a', null, '1.505'], '{a,NULL,1.505}'],
    [['null', 'NULL', ''], '{"null","NULL",""}'],
    [['a b', 'c,d', '{e}', '"', '\\'], '{"a b","c,d","{e}","\\"","\\\\"}'],
  ])('writes %j as %s', (values, text) => {
    expect(pgArray(values)).toBe(text);
  });
});
