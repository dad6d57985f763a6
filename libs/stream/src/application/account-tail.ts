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
  private rounds: Promise<void> = Promise.resolve();

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
  readOn(): Promise<void> {
    const round = this.rounds.then(() => this.round());
    this.rounds = round.catch(() => undefined);
    return round;
  }

  private async run(): Promise<void> {
    const { account, limits, onRound } = this.options;
    let failing = false;
    while (!this.stopped) {
      await this.news(failing ? limits.retryAfterMs : limits.pollEveryMs);
      if (this.stopped) return;
      try {
        await this.readOn();
        if (failing) onRound(account, null);
        failing = false;
      } catch (error) {
        if (!failing) onRound(account, error);
        failing = true;
        this.isNews = false;
      }
    }
  }

  private async round(): Promise<void> {
    this.isNews = false;
    const heads = await this.options.feed.heads(this.options.account);
    await Promise.all([this.orders.advance(heads.orders), this.fills.advance(heads.fills)]);
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
