import type { Topic } from './client-message.js';
import { newestMessage } from './messages.js';
import type { PolledSource } from './polled-source.js';
import type { StreamLimits } from './stream-limits.js';
import type { Outlet, Subscription } from './subscription.js';

export interface NewestSubscriptionOptions {
  readonly topic: Topic;
  readonly source: PolledSource;
  readonly limits: StreamLimits;
  readonly onNews: () => void;
  readonly onClose: () => void;
}

/** One client's hearing of something of which only the newest counts: a client that is slow gets it less often, and never old. */
export class NewestSubscription implements Subscription {
  readonly channel: string;
  private seq = 0;
  private seen = 0;

  constructor(private readonly options: NewestSubscriptionOptions) {
    this.channel = options.topic.channel;
    options.source.hear(options.onNews);
  }

  isSettled(): boolean {
    return true;
  }

  pump(outlet: Outlet): 'kept-up' {
    const { source, topic, limits } = this.options;
    if (source.version === this.seen || outlet.waitingBytes() >= limits.marketSocketBytesMax) return 'kept-up';
    const news = source.newsSince(this.seen);
    this.seen = source.version;
    if (news === null) return 'kept-up';
    this.seq += 1;
    outlet.send(newestMessage(topic, this.seq, news.data, news.atMs));
    return 'kept-up';
  }

  close(): void {
    this.options.source.unhear(this.options.onNews);
    this.options.onClose();
  }
}
