import { describe, expect, it } from 'vitest';
import { isUuid } from '#libs/kernel';
import { VirtualTime } from '../time/virtual-time.js';
import { SeededIdSource } from './seeded-ids.js';
import { SeededRandom } from './seeded-random.js';

const numbers = (random: SeededRandom, count = 5) => Array.from({ length: count }, () => random.uint32());

describe('SeededRandom', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    expect(numbers(new SeededRandom(7))).toEqual(numbers(new SeededRandom(7)));
    expect(numbers(new SeededRandom(7))).not.toEqual(numbers(new SeededRandom(8)));
    expect(numbers(new SeededRandom(1))).not.toEqual(numbers(new SeededRandom(1 + 2 ** 32)));
  });

  it('forks by label, whatever was drawn before', () => {
    const one = new SeededRandom(7);
    numbers(one, 100);
    expect(numbers(one.fork('a'))).toEqual(numbers(new SeededRandom(7).fork('a')));
    expect(numbers(one.fork('a'))).not.toEqual(numbers(one.fork('b')));
    expect(numbers(one.fork('a').fork('b'))).not.toEqual(numbers(one.fork('b').fork('a')));
  });

  it('spreads evenly, over many seeds as within one', () => {
    const random = new SeededRandom(42);
    const within = Array.from({ length: 20_000 }, () => random.next());
    const across = Array.from({ length: 20_000 }, (_, seed) => new SeededRandom(seed).next());
    for (const values of [within, across]) {
      const tenths = Array.from({ length: 10 }, () => 0);
      for (const value of values) tenths[Math.floor(value * 10)]! += 1;
      for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(250);
    }
  });

  it('stays within what was asked for', () => {
    const random = new SeededRandom(3);
    const drawn = new Set(Array.from({ length: 500 }, () => random.between(-1, 2)));
    expect([...drawn].toSorted((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
    expect(random.shuffle([1, 2, 3, 4]).toSorted()).toEqual([1, 2, 3, 4]);
    expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
    expect(['x', 'y']).toContain(random.pick(['x', 'y']));
  });
});

describe('SeededIdSource', () => {
  it('makes rising UUIDv7 that the seed and the time decide', async () => {
    const make = async () => {
      const time = new VirtualTime();
      const ids = new SeededIdSource(time.process('a').clock, new SeededRandom(5).fork('ids'));
      const first = Array.from({ length: 5_000 }, () => ids.uuid());
      await time.run(10);
      return [...first, ids.uuid()];
    };
    const ids = await make();
    expect(await make()).toEqual(ids);
    expect(ids.every(isUuid)).toBe(true);
    expect(ids.every((id) => /^.{14}7.{4}[89ab]/.test(id))).toBe(true);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
