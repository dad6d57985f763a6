import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GroupCommit, GroupCommitClosedError, GroupCommitFullError, type GroupCommitOptions } from './group-commit.js';

/** A committer whose flushes end when the test says so. */
function held(options: Partial<GroupCommitOptions<number, string>> = {}) {
  const flushes: { items: readonly number[]; end: () => void; fail: (error: Error) => void }[] = [];
  const committer = new GroupCommit<number, string>({
    maxBatch: 100,
    maxWaiting: 100,
    defer: (run) => run(),
    flush: (items) =>
      new Promise((resolve, reject) => {
        flushes.push({ items, end: () => resolve(items.map((item) => `r${item}`)), fail: reject });
      }),
    ...options,
  });
  return { committer, flushes };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('items that arrive together', () => {
  test('share the next flush while one is under way', async () => {
    const { committer, flushes } = held();
    const first = committer.add(1);
    const others = [committer.add(2), committer.add(3), committer.add(4)];
    expect(flushes.map(({ items }) => items)).toEqual([[1]]);
    flushes[0]?.end();
    expect(await first).toBe('r1');
    await settled();
    expect(flushes.map(({ items }) => items)).toEqual([[1], [2, 3, 4]]);
    flushes[1]?.end();
    expect(await Promise.all(others)).toEqual(['r2', 'r3', 'r4']);
  });

  test('share the first flush when they arrive within one turn of the loop', async () => {
    const batches: number[][] = [];
    const committer = new GroupCommit<number, number>({
      maxBatch: 10,
      maxWaiting: 10,
      flush: (items) => {
        batches.push([...items]);
        return Promise.resolve(items);
      },
    });
    await Promise.all([1, 2, 3].map((item) => committer.add(item)));
    expect(batches).toEqual([[1, 2, 3]]);
  });

  test('go in flushes of maxBatch, two at once where two are allowed', () => {
    const { committer, flushes } = held({ maxBatch: 2, concurrency: 2 });
    const all = [1, 2, 3, 4, 5].map((item) => committer.add(item));
    all.forEach((one) => void one.catch(() => undefined));
    expect(flushes.map(({ items }) => items)).toEqual([[1], [2]]);
    expect(committer.stats()).toMatchObject({ waiting: 3, flushing: 2 });
  });
});

describe('a limit', () => {
  test('on waiting items refuses the one beyond it at once, and takes again later', async () => {
    const { committer, flushes } = held({ maxWaiting: 2 });
    const taken = [committer.add(1), committer.add(2), committer.add(3)];
    await expect(committer.add(4)).rejects.toBeInstanceOf(GroupCommitFullError);
    flushes[0]?.end();
    await settled();
    const later = committer.add(5);
    flushes[1]?.end();
    await settled();
    flushes[2]?.end();
    expect(await Promise.all([...taken, later])).toEqual(['r1', 'r2', 'r3', 'r5']);
  });
});

describe('a failed flush', () => {
  test('fails all its items with its error, and no others', async () => {
    const { committer, flushes } = held();
    const first = committer.add(1);
    const others = [committer.add(2), committer.add(3)];
    const fault = new Error('disk');
    flushes[0]?.fail(fault);
    await expect(first).rejects.toBe(fault);
    await settled();
    flushes[1]?.end();
    expect(await Promise.all(others)).toEqual(['r2', 'r3']);
  });

  test('that answers too few results fails its items, since nobody knows whose are missing', async () => {
    const committer = new GroupCommit<number, number>({ maxBatch: 10, maxWaiting: 10, flush: (items) => Promise.resolve(items.slice(1)) });
    const results = await Promise.allSettled([committer.add(1), committer.add(2)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

describe('draining', () => {
  test('finishes what was taken, takes nothing new, and then is done', async () => {
    const { committer, flushes } = held();
    const taken = [committer.add(1), committer.add(2)];
    let drained = false;
    const drain = committer.drain().then(() => (drained = true));
    await expect(committer.add(3)).rejects.toBeInstanceOf(GroupCommitClosedError);
    flushes[0]?.end();
    await settled();
    expect(drained).toBe(false);
    flushes[1]?.end();
    await drain;
    expect(await Promise.all(taken)).toEqual(['r1', 'r2']);
  });

  test('of an idle committer is done at once', async () => {
    await expect(held().committer.drain()).resolves.toBeUndefined();
  });
});

test('every item is answered exactly once, with its own result, in flushes within the limits, whatever fails', async () => {
  const arrival = fc.record({ turns: fc.nat(3), fails: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(arrival, { maxLength: 60 }),
      fc.integer({ min: 1, max: 7 }),
      fc.constantFrom<1 | 2>(1, 2),
      async (arrivals, maxBatch, concurrency) => {
        let running = 0;
        let mostRunning = 0;
        const flushed: number[] = [];
        const committer = new GroupCommit<number, number>({
          maxBatch,
          maxWaiting: 1000,
          concurrency,
          flush: async (items) => {
            running += 1;
            mostRunning = Math.max(mostRunning, running);
            expect(items.length).toBeLessThanOrEqual(maxBatch);
            flushed.push(...items);
            await settled();
            running -= 1;
            if (items.some((item) => arrivals[item]?.fails === true)) throw new Error('flush');
            return items.map((item) => item * 10);
          },
        });
        const answers: Promise<PromiseSettledResult<number>>[] = [];
        for (const [item, { turns }] of arrivals.entries()) {
          for (let turn = 0; turn < turns; turn += 1) await settled();
          answers.push(Promise.allSettled([committer.add(item)]).then(([answer]) => answer));
        }
        await committer.drain();
        const results = await Promise.all(answers);
        expect(flushed.toSorted((a, b) => a - b)).toEqual(arrivals.map((_, item) => item));
        expect(mostRunning).toBeLessThanOrEqual(concurrency);
        results.forEach((result, item) => {
          if (result.status === 'fulfilled') expect(result.value).toBe(item * 10);
          if (arrivals[item]?.fails === true) expect(result.status).toBe('rejected');
        });
        if (concurrency === 1) expect(flushed).toEqual(arrivals.map((_, item) => item));
      },
    ),
    { numRuns: 60 },
  );
});
