import type { OrderFeed } from '#libs/orders';
import type { Scheduler } from '#libs/kernel';
import { DurableTail } from './durable-tail.js';
import { fillMessage, orderMessage } from './messages.js';
import type { DurableChannel } from './messages.js';
import type { StreamLimits } from './stream-limits.js';

export interface AccountTailOptions {
  readonly account: string;
  readonly feed: OrderFeed;
  readonly limits: StreamLimits;
  readonly scheduler: Scheduler;
  /** A round failed, or after failures one succeeded (`null`). */
  readonly onRound: (account: string, error: unknown) => void;
}

/** Watches the streams of one account as long as somebody hears them: at news of this process at once, and regularly for that of others. */
export class AccountTail {
  readonly orders: DurableTail;
  readonly fills: DurableTail;
  private stopped = false;
  private isNews = false;
  private wakeUp: (() => void) | null = null;
  private isFailing = false;

  private constructor(
    private readonly options: AccountTailOptions,
    heads: { readonly orders: number; readonly fills: number },
  ) {
    const { account, feed, limits, scheduler } = options;
    const readOrders = async (seq: number, limit: number) =>
      (await feed.ordersAfter(account, seq, limit)).map((update) => orderMessage(account, update));
    const readFills = async (seq: number, limit: number) =>
      (await feed.fillsAfter(account, seq, limit)).map((update) => fillMessage(account, update));
    this.orders = new DurableTail(readOrders, heads.orders, limits, scheduler);
    this.fills = new DurableTail(readFills, heads.fills, limits, scheduler);
  }

  /** Starts at the present end. Throws what the database throws. */
  static async start(options: AccountTailOptions): Promise<AccountTail> {
    const tail = new AccountTail(options, await options.feed.heads(options.account));
    void tail.run();
    return tail;
  }

  of(channel: DurableChannel): DurableTail {
    return this[channel];
  }

  /** Something was written in this account. */
  wake(): void {
    this.isNews = true;
    this.wakeUp?.();
  }

  stop(): void {
    this.stopped = true;
    this.wakeUp?.();
  }

  /** Reads everything that is durable now. Throws what the database throws. */
  async readOn(): Promise<void> {
    const { orders, fills } = await this.options.feed.heads(this.options.account);
    await Promise.all([this.orders.advance(orders), this.fills.advance(fills)]);
  }

  private async run(): Promise<void> {
    const { account, feed, limits } = this.options;
    while (!this.stopped) {
      await this.news(this.isFailing ? limits.retryAfterMs : limits.pollEveryMs);
      if (this.stopped) return;
      this.isNews = false;
      // Not awaited, or clients that are slow with orders would hold up fills.
      await feed.heads(account).then(
        (heads) => {
          this.advance(this.orders, heads.orders);
          this.advance(this.fills, heads.fills);
        },
        (error: unknown) => this.noteRound(error),
      );
    }
  }

  private advance(tail: DurableTail, head: number): void {
    tail.advance(head).then(
      () => this.noteRound(null),
      (error: unknown) => this.noteRound(error),
    );
  }

  /** Says once that reading fails, and once that it succeeds again. */
  private noteRound(error: unknown): void {
    const isFailing = error !== null;
    if (isFailing) this.isNews = false;
    if (isFailing !== this.isFailing) this.options.onRound(this.options.account, error);
    this.isFailing = isFailing;
  }

  private async news(withinMs: number): Promise<void> {
    if (this.isNews || this.stopped) return;
    await new Promise<void>((resolve) => {
      const cancel = this.options.scheduler.after(withinMs, resolve);
      this.wakeUp = () => {
        cancel();
        resolve();
      };
    });
    this.wakeUp = null;
  }
}
