import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Scheduler } from '#libs/kernel';
import { JournalUnavailable } from '../application/order-journal.js';
import { BehindWriter } from './behind-writer.js';
import { StoreFault } from './journal-store.js';

/** Runs what is scheduled as soon as the work before it is done. */
class EagerScheduler extends Scheduler {
  after(_delayMs: number, task: () => void): () => void {
    const handle = setImmediate(task);
    return () => clearImmediate(handle);
  }
}

/** Runs only what is due at once: whatever waits, waits for ever. */
class ImpatientScheduler extends EagerScheduler {
  override after(delayMs: number, task: () => void): () => void {
    return delayMs === 0 ? super.after(0, task) : () => undefined;
  }
}

const refusal = (): Error => new StoreFault('refused');
const outage = (): Error => new StoreFault('unknown');

/** A writer whose database does as `verdict` says at each try: an error, or nothing. */
function writerWith(verdict: (items: readonly number[], attempt: number) => Error | null, scheduler: Scheduler = new EagerScheduler()) {
  const stored: number[] = [];
  const poison: number[] = [];
  let attempt = 0;
  const writer = new BehindWriter<number, string>(
    {
      maxBatch: 4,
      lingerMs: 1,
      retryMs: 1,
      write: (items) => {
        const error = verdict(items, (attempt += 1));
        if (error !== null) return Promise.reject(error);
        stored.push(...items);
        return Promise.resolve(items.map((item) => `written ${item}`));
      },
      onPoison: (item) => poison.push(item),
      onFault: () => undefined,
    },
    scheduler,
  );
  return { writer, stored, poison };
}

describe('BehindWriter', () => {
  it('writes everything once and in order, through any outage', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 10 }), fc.integer({ min: 1, max: 30 }), async (outages, count) => {
        const { writer, stored } = writerWith((_items, attempt) => (outages[attempt - 1] ? outage() : null));
        const items = Array.from({ length: count }, (_, index) => index);
        for (const item of items) writer.add(item);
        await writer.flushed();
        expect(stored).toEqual(items);
        expect(writer.backlog()).toBe(0);
      }),
    );
  });

  it('puts aside what the database refuses for good, and lets the others pass', async () => {
    const { writer, stored, poison } = writerWith((items) => (items.includes(2) ? refusal() : null));
    for (const item of [1, 2, 3]) writer.add(item);
    await writer.flushed();
    expect([stored, poison]).toEqual([[1, 3], [2]]);
  });

  it('tells a waiter at the first failure, and writes the item all the same', async () => {
    const { writer, stored } = writerWith((_items, attempt) => (attempt === 1 ? outage() : null));
    await expect(writer.addDurably(7)).rejects.toThrow(JournalUnavailable);
    await writer.flushed();
    expect(stored).toEqual([7]);
  });

  it('waits for company, but lets nobody wait for it', async () => {
    const { writer, stored } = writerWith(() => null, new ImpatientScheduler());
    writer.add(1);
    expect(stored).toEqual([]);
    await writer.addDurably(2);
    expect(stored).toEqual([1, 2]);
    writer.add(3);
    await writer.flushed();
    expect(stored).toEqual([1, 2, 3]);
  });

  it('tells a waiter the result of its own item', async () => {
    const { writer } = writerWith(() => null);
    expect(await Promise.all([writer.addDurably(1), writer.addDurably(2)])).toEqual(['written 1', 'written 2']);
  });

  it('takes items back that are not being written yet, and tells whoever waits for them', async () => {
    const { writer, stored } = writerWith(() => null);
    writer.add(1);
    const waiting = writer.addDurably(2).catch((error: unknown) => error);
    expect(writer.withdraw((item) => item === 2)).toEqual([2]);
    expect(await waiting).toBeInstanceOf(JournalUnavailable);
    await writer.flushed();
    expect([stored, writer.backlog()]).toEqual([[1], 0]);
  });

  it('counts what is not durable yet', async () => {
    const { writer } = writerWith(() => null);
    writer.add(1);
    expect(writer.backlog()).toBe(1);
    await writer.flushed();
    expect(writer.backlog()).toBe(0);
  });
});
