import { repeatEvery, type Scheduler } from '#libs/kernel';
import type { SimMarketEvent } from '../../../exchange/types.js';

/** Whoever receives a stream. */
export interface StreamSink {
  deliver(stream: string, payload: string, tag: { readonly type: string; readonly sequenced: boolean }): void;
}

/**
 * One stream by its name. It works only while somebody is subscribed: `start` with the first, `stop` with the last.
 */
export abstract class Topic {
  private readonly sinks = new Set<StreamSink>();

  constructor(
    readonly name: string,
    private readonly eventType: string,
    private readonly sequenced = false,
  ) {}

  add(sink: StreamSink): void {
    this.sinks.add(sink);
    if (this.sinks.size === 1) this.start();
  }

  /** True when nobody is left. */
  remove(sink: StreamSink): boolean {
    if (!this.sinks.delete(sink) || this.sinks.size > 0) return false;
    this.stop();
    return true;
  }

  protected publish(payload: string): void {
    const tag = { type: this.eventType, sequenced: this.sequenced };
    for (const sink of this.sinks) sink.deliver(this.name, payload, tag);
  }

  protected abstract start(): void;
  abstract stop(): void;
}

/** A stream of something that is looked at regularly. */
export abstract class TimedTopic extends Topic {
  private stopTicking: (() => void) | null = null;

  constructor(
    name: string,
    eventType: string,
    private readonly scheduler: Scheduler,
    private readonly everyMs: number,
    sequenced = false,
  ) {
    super(name, eventType, sequenced);
  }

  protected start(): void {
    this.stopTicking = repeatEvery(this.scheduler, this.everyMs, () => this.tick());
  }

  stop(): void {
    this.stopTicking?.();
    this.stopTicking = null;
  }

  protected abstract tick(): void;
}

/** Hands market events to those who want them, per market. */
export interface MarketFeed {
  listen(symbol: string, listener: (event: SimMarketEvent) => void): () => void;
}
