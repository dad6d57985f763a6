import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Scheduler } from '#libs/kernel';
import { OrderFeed, OrderJournal } from '#libs/orders';
import { AccountTail } from './account-tail.js';
import { STREAM_LIMITS } from './stream-limits.js';
import type { StreamLimits } from './stream-limits.js';

interface Held {
  readonly tail: Promise<AccountTail>;
  holders: number;
}

/** A tail that is held; given back when nobody behind it listens any more. */
export interface TailLease {
  readonly tail: AccountTail;
  release(): void;
}

/** The tails of this process: one for each account that somebody hears. */
@Injectable()
export class AccountTails implements OnModuleInit {
  private readonly logger = new Logger('stream');
  private readonly held = new Map<string, Held>();
  private readonly limits: StreamLimits = STREAM_LIMITS;

  constructor(
    @Inject(OrderFeed) private readonly feed: OrderFeed,
    @Inject(OrderJournal) private readonly journal: OrderJournal,
    @Inject(Scheduler) private readonly scheduler: Scheduler,
  ) {}

  onModuleInit(): void {
    this.journal.onWritten((accounts) => {
      for (const account of accounts)
        void this.held.get(account)?.tail.then(
          (tail) => tail.wake(),
          () => undefined,
        );
    });
  }

  /** Throws what the database throws. */
  async hold(account: string): Promise<TailLease> {
    const held = this.held.get(account) ?? this.begin(account);
    held.holders += 1;
    const release = once(() => this.letGo(account, held));
    try {
      return { tail: await held.tail, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Reads everything that is durable now, in every account that somebody hears. Never rejects. */
  async readOn(): Promise<void> {
    await Promise.allSettled([...this.held.values()].map(async ({ tail }) => (await tail).readOn()));
  }

  private begin(account: string): Held {
    const tail = AccountTail.start({
      account,
      feed: this.feed,
      limits: this.limits,
      scheduler: this.scheduler,
      onRound: (name, error) => this.report(name, error),
    });
    const held = { tail, holders: 0 };
    this.held.set(account, held);
    return held;
  }

  private letGo(account: string, held: Held): void {
    held.holders -= 1;
    if (held.holders > 0) return;
    if (this.held.get(account) === held) this.held.delete(account);
    void held.tail.then(
      (tail) => tail.stop(),
      () => undefined,
    );
  }

  private report(account: string, error: unknown): void {
    if (error === null) this.logger.log({ msg: 'stream of an account goes on', account });
    else this.logger.warn({ msg: 'stream of an account cannot be read now', account, err: error });
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
