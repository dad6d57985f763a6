import { invariant } from '#libs/kernel';

/** The bound on waiting items is reached: nothing was taken, and the caller may say "try later". */
export class GroupCommitFullError extends Error {
  override readonly name = 'GroupCommitFullError';
}

/** The committer is draining: nothing was taken. */
export class GroupCommitClosedError extends Error {
  override readonly name = 'GroupCommitClosedError';
}

export interface GroupCommitOptions<T, R> {
  /** Items in one flush, at most. */
  readonly maxBatch: number;
  /** Items waiting for a flush, at most; those in a running flush do not count. */
  readonly maxWaiting: number;
  /** Flushes under way at once: 1 keeps the order of items across flushes, 2 hides the wait for the disk. Default 1. */
  readonly concurrency?: 1 | 2;
  /**
   * Makes all items durable as one, and answers one result per item, in their order. When it rejects, every item of the
   * batch rejects with that error: a fault of a single item belongs in its result.
   */
  readonly flush: (items: readonly T[]) => Promise<readonly R[]>;
  /** Runs the first flush of an idle committer: after the input that is already there has been read. Default `setImmediate`. */
  readonly defer?: (run: () => void) => void;
}

export interface GroupCommitStats {
  readonly waiting: number;
  readonly flushing: number;
  readonly flushes: number;
  readonly items: number;
  readonly largestBatch: number;
}

interface Waiter<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets items that arrive together share one durable write. Whatever arrives while a flush is under way makes the next
 * batch: no timer, so a lone item waits for nobody, and under load the batch grows by itself. Knows no SQL.
 */
export class GroupCommit<T, R> {
  private waiting: Waiter<T, R>[] = [];
  private running = 0;
  private deferred = false;
  private closed = false;
  private readonly idle: (() => void)[] = [];
  private readonly concurrency: number;
  private readonly defer: (run: () => void) => void;
  private flushes = 0;
  private items = 0;
  private largestBatch = 0;

  constructor(private readonly options: GroupCommitOptions<T, R>) {
    invariant(Number.isInteger(options.maxBatch) && options.maxBatch > 0, 'maxBatch is a positive integer');
    invariant(Number.isInteger(options.maxWaiting) && options.maxWaiting > 0, 'maxWaiting is a positive integer');
    this.concurrency = options.concurrency ?? 1;
    this.defer = options.defer ?? setImmediate;
  }

  /**
   * Resolves with the item's result when the flush that carried it is done.
   * @throws {GroupCommitFullError} `maxWaiting` items wait already.
   * @throws {GroupCommitClosedError} after `drain()` was called.
   * @throws whatever the flush rejected with.
   */
  add(item: T): Promise<R> {
    if (this.closed) return Promise.reject(new GroupCommitClosedError('draining: nothing new is taken'));
    if (this.waiting.length >= this.options.maxWaiting) {
      return Promise.reject(new GroupCommitFullError(`${this.options.maxWaiting} items wait already`));
    }
    return new Promise<R>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.wake();
    });
  }

  /** Takes nothing new; resolves when everything taken is settled. */
  drain(): Promise<void> {
    this.closed = true;
    if (this.waiting.length === 0 && this.running === 0) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  stats(): GroupCommitStats {
    return {
      waiting: this.waiting.length,
      flushing: this.running,
      flushes: this.flushes,
      items: this.items,
      largestBatch: this.largestBatch,
    };
  }

  private wake(): void {
    if (this.deferred || this.running >= this.concurrency) return;
    this.deferred = true;
    this.defer(() => {
      this.deferred = false;
      this.startFlushes();
    });
  }

  private startFlushes(): void {
    while (this.running < this.concurrency && this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.options.maxBatch);
      this.running += 1;
      this.flushes += 1;
      this.items += batch.length;
      this.largestBatch = Math.max(this.largestBatch, batch.length);
      void this.flush(batch);
    }
  }

  private async flush(batch: readonly Waiter<T, R>[]): Promise<void> {
    try {
      const results = await this.options.flush(batch.map((waiter) => waiter.item));
      invariant(results.length === batch.length, 'a flush answers one result per item');
      batch.forEach((waiter, index) => waiter.resolve(results[index] as R));
    } catch (error) {
      for (const waiter of batch) waiter.reject(error);
    } finally {
      this.running -= 1;
      this.afterFlush();
    }
  }

  private afterFlush(): void {
    // What has gathered meanwhile goes at once: the disk is free, and waiting would gain nothing.
    if (!this.deferred) this.startFlushes();
    if (this.running === 0 && this.waiting.length === 0) for (const resolve of this.idle.splice(0)) resolve();
  }
}
