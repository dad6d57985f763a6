import { pauseFor } from '#libs/kernel';
import type { Scheduler } from '#libs/kernel';
import { JournalUnavailable } from '../application/order-journal.js';
import { StoreFault } from './journal-store.js';

interface Entry<T, R> {
  readonly item: T;
  /** Told once: when it is durable, or when the first try to make it so failed. */
  settle: ((result: R | null, error: Error | null) => void) | null;
}

export interface BehindWriterOptions<T, R> {
  readonly maxBatch: number;
  /** Waits so long for company when idle, ms: a statement costs as much for one item as for many. Nobody waits for it: see `hurry`. */
  readonly lingerMs: number;
  readonly retryMs: number;
  /** Answers one result per item. @throws StoreFault */
  readonly write: (items: readonly T[]) => Promise<readonly R[]>;
  /** An item that the database refuses for good: it is put aside, so that the others go on. */
  readonly onPoison: (item: T, error: unknown) => void;
  readonly onFault: (error: unknown, backlog: number) => void;
}

/**
 * Writes items in their order, many at a time, and again until they are durable: nothing leaves the queue before that.
 * Writing an item twice must change nothing.
 */
export class BehindWriter<T, R> {
  private queue: Entry<T, R>[] = [];
  private running = false;
  /** Takes back the wait for company; `null` while there is none. */
  private stopLingering: (() => void) | null = null;
  private flushedWaiters: { readonly count: number; readonly resolve: () => void }[] = [];
  private taken = 0;
  private written = 0;

  constructor(
    private readonly options: BehindWriterOptions<T, R>,
    private readonly scheduler: Scheduler,
  ) {}

  add(item: T): void {
    this.push({ item, settle: null });
  }

  /** @throws JournalUnavailable when the first try failed; the item stays in the queue all the same. */
  addDurably(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.push({ item, settle: (result, error) => (error === null ? resolve(result as R) : reject(error)) });
    });
  }

  backlog(): number {
    return this.taken - this.written;
  }

  /** Resolves when everything added so far is durable. */
  flushed(): Promise<void> {
    const count = this.taken;
    if (this.written >= count) return Promise.resolve();
    this.hurry();
    return new Promise((resolve) => this.flushedWaiters.push({ count, resolve }));
  }

  /** Takes items back out of the queue, besides those being written now. Whoever waits for one is told that it was not written. */
  withdraw(wanted: (item: T) => boolean): T[] {
    const gone = this.queue.filter((entry, index) => index >= this.writing && wanted(entry.item));
    if (gone.length === 0) return [];
    this.queue = this.queue.filter((entry) => !gone.includes(entry));
    this.count(gone.length);
    for (const entry of gone) entry.settle?.(null, new JournalUnavailable('overtaken by another replica'));
    return gone.map((entry) => entry.item);
  }

  private push(entry: Entry<T, R>): void {
    this.queue.push(entry);
    this.taken += 1;
    if (!this.running) {
      this.running = true;
      this.stopLingering = this.scheduler.after(this.options.lingerMs, () => this.start());
    }
    if (entry.settle !== null) this.hurry();
  }

  /** Somebody waits for what is in the queue: no more lingering. */
  private hurry(): void {
    if (this.stopLingering === null) return;
    this.stopLingering();
    this.stopLingering = this.scheduler.after(0, () => this.start());
  }

  private start(): void {
    this.stopLingering = null;
    void this.run();
  }

  private writing = 0;

  private async run(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.queue.slice(0, this.options.maxBatch);
      this.writing = batch.length;
      const error = await this.tryWrite(batch);
      if (error !== null && isRefusal(error)) await this.writeSingly(batch);
      else if (error !== null) await this.pause(batch, error);
      this.writing = 0;
    }
    this.running = false;
  }

  private async tryWrite(batch: readonly Entry<T, R>[]): Promise<unknown> {
    try {
      const results = await this.options.write(batch.map((entry) => entry.item));
      this.done(batch, results);
      return null;
    } catch (error) {
      return error ?? new Error('unknown fault');
    }
  }

  /** The database said no to the batch: find out to which item, and let the others pass. */
  private async writeSingly(batch: readonly Entry<T, R>[]): Promise<void> {
    for (const entry of batch) {
      const error = await this.tryWrite([entry]);
      if (error === null) continue;
      if (!isRefusal(error)) return this.pause([entry], error);
      this.options.onPoison(entry.item, error);
      entry.settle?.(null, new JournalUnavailable('the journal refused it'));
      entry.settle = null;
      this.leave([entry]);
    }
  }

  private async pause(batch: readonly Entry<T, R>[], error: unknown): Promise<void> {
    this.options.onFault(error, this.backlog());
    for (const entry of batch) {
      entry.settle?.(null, new JournalUnavailable('the journal cannot be written now'));
      entry.settle = null;
    }
    await pauseFor(this.scheduler, this.options.retryMs);
  }

  private done(batch: readonly Entry<T, R>[], results: readonly R[]): void {
    this.leave(batch);
    batch.forEach((entry, index) => entry.settle?.(results[index] as R, null));
  }

  private leave(batch: readonly Entry<T, R>[]): void {
    this.queue.splice(0, batch.length);
    this.writing = Math.max(0, this.writing - batch.length);
    this.count(batch.length);
  }

  private count(items: number): void {
    this.written += items;
    if (this.flushedWaiters.length === 0) return;
    const ready = this.flushedWaiters.filter((waiter) => waiter.count <= this.written);
    this.flushedWaiters = this.flushedWaiters.filter((waiter) => waiter.count > this.written);
    for (const waiter of ready) waiter.resolve();
  }
}

/** The store answered, and its answer was no, for a reason that does not pass by itself: data, not resources. */
function isRefusal(error: unknown): boolean {
  return error instanceof StoreFault && error.failure === 'refused';
}
