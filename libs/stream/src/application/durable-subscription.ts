import type { Scheduler } from '#libs/kernel';
import type { Follower, Page } from './durable-tail.js';
import type { TailLease } from './account-tails.js';
import type { DurableChannel } from './messages.js';
import type { StreamLimits } from './stream-limits.js';
import type { Outlet, Subscription } from './subscription.js';

export interface DurableSubscriptionOptions {
  readonly channel: DurableChannel;
  readonly lease: TailLease;
  /** The first update is the one after this number. */
  readonly afterSeq: number;
  /** Sent before everything else. */
  readonly snapshot: Iterator<Buffer>;
  readonly limits: StreamLimits;
  readonly scheduler: Scheduler;
  /** There is something to send. */
  readonly onNews: () => void;
}

/**
 * One client's place in a numbered stream. It takes from the tail's ring as long as the socket has room, and reads the past page by
 * page until it gets there: what it holds is a place and at most one page.
 */
export class DurableSubscription implements Subscription, Follower {
  readonly channel: DurableChannel;
  private cursor: number;
  private page: Page | null = null;
  private snapshot: Iterator<Buffer> | null;
  /** It has once been at the end: from then on it has to keep up. */
  private isLive = false;
  private isLoading = false;
  private isClosed = false;

  constructor(private readonly options: DurableSubscriptionOptions) {
    this.channel = options.channel;
    this.cursor = options.afterSeq;
    this.snapshot = options.snapshot;
    this.tail.follow(this);
  }

  wake(): void {
    this.options.onNews();
  }

  hasTakenAll(): boolean {
    // Whoever still reads the past is not waited for.
    return !this.isLive || this.cursor >= this.tail.ring.lastSeq;
  }

  isSettled(): boolean {
    return this.snapshot === null && this.cursor >= this.tail.ring.lastSeq;
  }

  pump(outlet: Outlet): 'kept-up' | 'too-slow' {
    const { limits } = this.options;
    this.sendSnapshot(outlet);
    while (this.snapshot === null && outlet.waitingBytes() < limits.socketBytesMax) {
      const next = this.cursor + 1;
      if (next > this.tail.ring.lastSeq) {
        this.isLive = true;
        this.page = null;
        break;
      }
      const message = this.tail.ring.at(next) ?? this.fromPage(next);
      if (message === undefined) {
        this.load(next);
        break;
      }
      outlet.send(message);
      this.cursor = next;
    }
    this.tail.tookSome();
    const behindBytes = this.tail.ring.bytesAfter(this.cursor) + outlet.waitingBytes();
    return this.isLive && behindBytes > limits.behindBytesMax ? 'too-slow' : 'kept-up';
  }

  close(): void {
    this.isClosed = true;
    this.tail.unfollow(this);
    this.options.lease.release();
  }

  private get tail() {
    return this.options.lease.tail.of(this.options.channel);
  }

  private sendSnapshot(outlet: Outlet): void {
    while (this.snapshot !== null && outlet.waitingBytes() < this.options.limits.socketBytesMax) {
      const part = this.snapshot.next();
      if (part.done === true) this.snapshot = null;
      else outlet.send(part.value);
    }
  }

  private fromPage(seq: number): Buffer | undefined {
    return this.page === null || seq < this.page.firstSeq ? undefined : this.page.messages[seq - this.page.firstSeq];
  }

  private load(seq: number): void {
    if (this.isLoading || this.isClosed) return;
    this.isLoading = true;
    this.page = null;
    this.tail
      .page(seq)
      .then((page) => {
        this.page = page;
        this.loaded(this.fromPage(seq) !== undefined);
      })
      .catch(() => this.loaded(false));
  }

  /** What could not be read is asked for again: the client stays where it is, and misses nothing. */
  private loaded(isThere: boolean): void {
    const goOn = (): void => {
      this.isLoading = false;
      if (!this.isClosed) this.options.onNews();
    };
    if (isThere) goOn();
    else this.options.scheduler.after(this.options.limits.retryAfterMs, goOn);
  }
}
