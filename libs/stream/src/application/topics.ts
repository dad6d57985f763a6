import { Inject, Injectable } from '@nestjs/common';
import { AccountStore } from '#libs/accounts';
import { ProblemException, invalidRequest } from '#libs/http';
import { Clock, Scheduler } from '#libs/kernel';
import { OrderFeed, orderResponse } from '#libs/orders';
import type { OpenOrders } from '#libs/orders';
import { AccountTails } from './account-tails.js';
import type { TailLease } from './account-tails.js';
import type { Topic } from './client-message.js';
import { DurableSubscription } from './durable-subscription.js';
import { SequenceGap } from './durable-tail.js';
import { snapshotMessage } from './messages.js';
import type { DurableChannel } from './messages.js';
import { NewestSubscription } from './newest-subscription.js';
import { Sources } from './sources.js';
import { STREAM_LIMITS } from './stream-limits.js';
import type { StreamLimits } from './stream-limits.js';
import type { Subscription } from './subscription.js';

type DurableTopic = Extract<Topic, { readonly channel: DurableChannel }>;

/** Where a numbered subscription begins: after which number, and what is told before. */
interface Beginning {
  readonly afterSeq: number;
  readonly snapshot: Iterator<Buffer>;
}

/** Begins subscriptions. */
@Injectable()
export class Topics {
  private readonly limits: StreamLimits = STREAM_LIMITS;

  constructor(
    @Inject(AccountStore) private readonly accounts: AccountStore,
    @Inject(AccountTails) private readonly tails: AccountTails,
    @Inject(OrderFeed) private readonly feed: OrderFeed,
    @Inject(Sources) private readonly sources: Sources,
    @Inject(Scheduler) private readonly scheduler: Scheduler,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * @param since - replays what came after this number, instead of a snapshot.
   * @param onNews - called when there is something to send.
   * @throws {ProblemException} `account-not-found`, `invalid-request`, or what a market lacks; and what the database throws.
   */
  async open(topic: Topic, since: number | null, onNews: () => void): Promise<Subscription> {
    if ('account' in topic && (await this.accounts.find(topic.account)) === null)
      throw new ProblemException('account-not-found', `there is no account ${topic.account}`);
    if (isDurable(topic)) return this.openDurable(topic, since, onNews);
    const source = this.sources.of(topic);
    return new NewestSubscription({ topic, source, limits: this.limits, onNews, onClose: () => this.sources.settle(topic) });
  }

  private async openDurable(topic: DurableTopic, since: number | null, onNews: () => void): Promise<Subscription> {
    const { limits, scheduler } = this;
    const lease = await this.tails.hold(topic.account);
    try {
      const beginning = since === null ? await this.fromNow(topic) : await this.fromThen(topic, since, lease);
      return new DurableSubscription({ channel: topic.channel, lease, ...beginning, limits, scheduler, onNews });
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  private async fromNow({ channel, account }: DurableTopic): Promise<Beginning> {
    const atMs = this.clock.nowMs();
    if (channel === 'orders') {
      const open = await this.feed.openOrders(account);
      return { afterSeq: open.seq, snapshot: this.ordersSnapshot(account, open, atMs) };
    }
    const { fills } = await this.feed.heads(account);
    const only = snapshotMessage('fills', account, { seq: fills, data: [], more: false, atMs });
    return { afterSeq: fills, snapshot: [only].values() };
  }

  private async fromThen({ channel, account }: DurableTopic, since: number, { tail }: TailLease): Promise<Beginning> {
    const heads = await this.feed.heads(account);
    const head = heads[channel];
    if (since > head) throw invalidRequest([{ path: '/since', message: `is in the future: the newest number is ${head}` }]);
    if (since < head) {
      const page = await tail
        .of(channel)
        .page(since + 1)
        .catch(tooOld);
      if (page.firstSeq > since + 1) tooOld(new SequenceGap('the beginning is missing'));
    }
    return { afterSeq: since, snapshot: [][Symbol.iterator]() };
  }

  /** Made part by part while it is sent, so that a long list is never held as text. */
  private *ordersSnapshot(account: string, { seq, states }: OpenOrders, atMs: number): Iterator<Buffer> {
    const { snapshotOrdersMax } = this.limits;
    let from = 0;
    do {
      const data = states.slice(from, from + snapshotOrdersMax).map(orderResponse);
      from += snapshotOrdersMax;
      yield snapshotMessage('orders', account, { seq, data, more: from < states.length, atMs });
    } while (from < states.length);
  }
}

function isDurable(topic: Topic): topic is DurableTopic {
  return topic.channel === 'orders' || topic.channel === 'fills';
}

function tooOld(error: unknown): never {
  if (!(error instanceof SequenceGap)) throw error;
  throw invalidRequest([{ path: '/since', message: 'is older than what is kept; subscribe without it' }]);
}
