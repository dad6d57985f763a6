import { describe, expect, it } from 'vitest';
import { UuidV7Source, isUuid } from './ids.js';

describe('UuidV7Source', () => {
  it('makes ids of version 7 that rise, many in one millisecond and over clock steps backwards', () => {
    const times = [5, 5, 5, 4, 3, 6];
    let call = 0;
    const source = new UuidV7Source(() => 1_700_000_000_000 + times[call++ % times.length]!);
    const ids = Array.from({ length: 20_000 }, () => source.uuid());
    expect(ids.every((id) => isUuid(id) && id[14] === '7' && '89ab'.includes(id[19]!))).toBe(true);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('holds the time in its first 48 bits', () => {
    expect(new UuidV7Source(() => 0x0123456789ab).uuid().slice(0, 13)).toBe('01234567-89ab');
  });
});
