import { isTransient, sqlState } from '#libs/database';
import type { Scheduler } from '#libs/kernel';
import { JournalUnavailable } from '../application/order-journal.js';

interface Entry<T> {
  readonly item: T;
  /** Told once: when it is durable, or when the first try to make it so failed. */
  settle: ((error: Error | null) => void) | null;
}

export interface BehindWriterOptions<T> {
  readonly maxBatch: number;
  /** Waits so long for company when idle, ms: a statement costs as much for one item as for many. Nobody waits for it: see `hurry`. */
  readonly lingerMs: number;
  readonly retryMs: number;
  readonly write: (items: readonly T[]) => Promise<void>;
  /** An item that the database refuses for good: it is put aside, so that the others go on. */
  readonly onPoison: (item: T, error: unknown) => void;
  readonly onFault: (error: unknown, backlog: number) => void;
}

/**
 * Writes items in their order, many at a time, and again until they are durable: nothing leaves the queue before that.
 * Writing an item twice must change nothing.
 */
export class BehindWriter<T> {
  private queue: Entry<T>[] = [];
  private running = false;
  /** Takes back the wait for company; `null` while there is none. */
  private stopLingering: (() => void) | null = null;
  private flushedWaiters: { readonly count: number; readonly resolve: () => void }[] = [];
  private taken = 0;
  private written = 0;

  constructor(
    private readonly options: BehindWriterOptions<T>,
    private readonly scheduler: Scheduler,
  ) {}

  add(item: T): void {
    this.push({ item, settle: null });
  }

  /** @throws JournalUnavailable when the first try failed; the item stays in the queue all the same. */
  addDurably(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.push({ item, settle: (error) => (error === null ? resolve() : reject(error)) });
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

  private push(entry: Entry<T>): void {
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

  private async run(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.queue.slice(0, this.options.maxBatch);
      const error = await this.tryWrite(batch);
      if (error === null) this.done(batch);
      else if (isRefusal(error)) await this.writeSingly(batch);
      else await this.pause(batch, error);
    }
    this.running = false;
  }

  private async tryWrite(batch: readonly Entry<T>[]): Promise<unknown> {
    try {
      await this.options.write(batch.map((entry) => entry.item));
      return null;
    } catch (error) {
      return error ?? new Error('unknown fault');
    }
  }

  /** The database said no to the batch: find out to which item, and let the others pass. */
  private async writeSingly(batch: readonly Entry<T>[]): Promise<void> {
    for (const entry of batch) {
      const error = await this.tryWrite([entry]);
      if (error !== null && !isRefusal(error)) return this.pause([entry], error);
      if (error !== null) {
        this.options.onPoison(entry.item, error);
        entry.settle?.(new JournalUnavailable('the journal refused it'));
        entry.settle = null;
      }
      this.done([entry]);
    }
  }

  private async pause(batch: readonly Entry<T>[], error: unknown): Promise<void> {
    this.options.onFault(error, this.backlog());
    for (const entry of batch) {
      entry.settle?.(new JournalUnavailable('the journal cannot be written now'));
      entry.settle = null;
    }
    await new Promise<void>((resolve) => this.scheduler.after(this.options.retryMs, resolve));
  }

  private done(batch: readonly Entry<T>[]): void {
    this.queue.splice(0, batch.length);
    this.written += batch.length;
    for (const entry of batch) entry.settle?.(null);
    if (this.flushedWaiters.length === 0) return;
    const ready = this.flushedWaiters.filter((waiter) => waiter.count <= this.written);
    this.flushedWaiters = this.flushedWaiters.filter((waiter) => waiter.count > this.written);
    for (const waiter of ready) waiter.resolve();
  }
}

/** The server answered, and its answer was no, for a reason that does not pass by itself: data, not resources. */
function isRefusal(error: unknown): boolean {
  const state = sqlState(error);
  return state !== null && /^(22|23|42)/.test(state) && !isTransient(error);
}
