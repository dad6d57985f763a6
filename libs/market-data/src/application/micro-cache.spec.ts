import { describe, expect, it } from 'vitest';
import { ManualClock } from '#libs/kernel';
import { MicroCache } from './micro-cache.js';

describe('an answer that is shared for a second', () => {
  function setUp(entriesMax = 100) {
    const clock = new ManualClock();
    const asked: string[] = [];
    const cache = new MicroCache<string>(1_000, entriesMax, () => clock.monotonicMs());
    const get = (key: string, answer: () => Promise<string> = () => Promise.resolve(`${key}${asked.length}`)) =>
      cache.get(key, () => {
        asked.push(key);
        return answer();
      });
    return { clock, asked, cache, get };
  }

  it('is asked for once by all who come while it is under way', async () => {
    const { asked, get } = setUp();
    expect(await Promise.all([get('a'), get('a'), get('a')])).toEqual(['a1', 'a1', 'a1']);
    expect(asked).toEqual(['a']);
  });

  it('is asked for again only when it is a second old', async () => {
    const { clock, asked, get } = setUp();
    await get('a');
    clock.advance(999);
    expect(await get('a')).toBe('a1');
    clock.advance(1);
    expect(await get('a')).toBe('a2');
    expect(asked).toEqual(['a', 'a']);
  });

  it('is as old as its answer, not as its question', async () => {
    const { clock, asked, get } = setUp();
    let answer: (text: string) => void = () => undefined;
    const first = get('a', () => new Promise((resolve) => (answer = resolve)));
    clock.advance(5_000);
    answer('late');
    expect(await first).toBe('late');
    expect(await get('a')).toBe('late');
    expect(asked).toEqual(['a']);
  });

  it('is a failure for all who wait, and for nobody afterwards', async () => {
    const { get } = setUp();
    const fail = () => Promise.reject(new Error('down'));
    const both = await Promise.allSettled([get('a', fail), get('a', fail)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await get('a')).toBe('a2');
  });

  it('is not mixed up with that to another question', async () => {
    const { get } = setUp();
    expect([await get('a'), await get('b'), await get('a')]).toEqual(['a1', 'b2', 'a1']);
  });

  it('is forgotten when there are too many, the oldest first', async () => {
    const { cache, get } = setUp(3);
    for (const key of ['a', 'b', 'c', 'd']) await get(key);
    await get('e');
    expect(cache.size).toBeLessThanOrEqual(4);
    expect(await get('e')).toBe('e5');
  });
});
