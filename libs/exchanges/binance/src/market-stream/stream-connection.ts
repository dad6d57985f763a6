import { WsSession, type SessionPorts, type WsSessionState } from '#libs/exchanges/transport';
import type { Clock } from '#libs/kernel';
import { controlMessage, firstBatch, WindowBudget } from './control-messages.js';
import { MarketFrameReader } from './frame-reader.js';
import type { ControlFrame, MarketFrame } from './frames.js';
import type { MarketStreamLimits } from './limits.js';

export interface StreamConnectionOptions {
  readonly url: () => string;
  readonly clock: Clock;
  readonly limits: MarketStreamLimits;
  readonly session?: SessionPorts | undefined;
  readonly onFrame: (frame: MarketFrame, bytes: Buffer, receivedAtMs: number) => void;
  /** The venue has acknowledged these: from now on their events come, or the connection is lost. */
  readonly onConfirmed: (streams: readonly string[]) => void;
  /** Events of these may be missing from now on. */
  readonly onLost: (streams: readonly string[], reason: string) => void;
}

interface Waiting {
  readonly method: 'SUBSCRIBE' | 'UNSUBSCRIBE' | 'LIST_SUBSCRIPTIONS';
  readonly streams: readonly string[];
  readonly sentAtMs: number;
}

/**
 * One connection for many streams. It makes the venue's subscriptions equal to `wanted`, in batches and within the
 * venue's budget of control messages, and again after every reconnect. A connection on which nothing comes is asked for
 * a sign of life: pongs alone prove nothing about data.
 */
export class StreamConnection {
  readonly wanted = new Set<string>();
  readonly reader = new MarketFrameReader();
  /** Monotonic time of the last opening, ms. */
  openedAtMs = 0;
  private readonly session: WsSession;
  private readonly confirmed = new Set<string>();
  private readonly waiting = new Map<number, Waiting>();
  /** Refused by the venue: not asked for again before the given time. */
  private readonly refused = new Map<string, number>();
  private budget: WindowBudget;
  private lastId = 0;
  private lastDataAtMs = 0;
  private lastReason: string | null = null;

  constructor(private readonly options: StreamConnectionOptions) {
    const { url, clock, limits, session } = options;
    this.budget = new WindowBudget(limits.controlsPerSecondMax, 1_000);
    this.session = new WsSession({
      url,
      clock,
      ...session,
      onOpen: () => this.opened(),
      onMessage: (data, receivedAtMs) => this.received(data, receivedAtMs),
      onStateChange: (state, reason) => this.changed(state, reason),
    });
  }

  start(): void {
    this.session.start();
  }

  async close(): Promise<void> {
    await this.session.close();
  }

  get state(): WsSessionState {
    return this.session.state;
  }

  get sinceMs(): number {
    return this.session.sinceMs;
  }

  /** Why it was last lost; holds no address. */
  get reason(): string | null {
    return this.lastReason;
  }

  /** True while the venue sends the events of this stream here. */
  covers(stream: string): boolean {
    return this.confirmed.has(stream);
  }

  /** True when all that is wanted is confirmed. */
  get complete(): boolean {
    for (const stream of this.wanted) if (!this.confirmed.has(stream)) return false;
    return this.state === 'open';
  }

  /** Milliseconds without any message. */
  silentMs(nowMs: number): number {
    return nowMs - this.lastDataAtMs;
  }

  /** Sends what is due; gives up a connection that does not answer. Called regularly, and after `wanted` has changed. */
  flush(nowMs: number): void {
    if (this.state !== 'open') return;
    for (const { sentAtMs } of this.waiting.values()) {
      if (nowMs - sentAtMs > this.options.limits.controlTimeoutMs) return this.session.reconnect('control-unanswered');
    }
    while (this.sendNext(nowMs));
  }

  private sendNext(nowMs: number): boolean {
    const busy = new Set([...this.waiting.values()].flatMap(({ streams }) => streams));
    const add = [...this.wanted].filter((stream) => !this.confirmed.has(stream) && !busy.has(stream) && this.mayAsk(stream, nowMs));
    if (add.length > 0) return this.send('SUBSCRIBE', firstBatch(add, this.options.limits), nowMs);
    const remove = [...this.confirmed].filter((stream) => !this.wanted.has(stream) && !busy.has(stream));
    if (remove.length > 0) return this.send('UNSUBSCRIBE', firstBatch(remove, this.options.limits), nowMs);
    const quiet = this.waiting.size === 0 && this.silentMs(nowMs) > this.options.limits.probeAfterMs;
    if (quiet) this.send('LIST_SUBSCRIPTIONS', [], nowMs);
    return false;
  }

  private send(method: Waiting['method'], streams: readonly string[], nowMs: number): boolean {
    if (!this.budget.take(nowMs)) return false;
    this.lastId += 1;
    if (!this.session.send(controlMessage(method, streams, this.lastId))) return false;
    this.waiting.set(this.lastId, { method, streams, sentAtMs: nowMs });
    return true;
  }

  private mayAsk(stream: string, nowMs: number): boolean {
    return (this.refused.get(stream) ?? nowMs) <= nowMs;
  }

  private opened(): void {
    const now = this.options.clock.monotonicMs();
    this.openedAtMs = now;
    this.lastDataAtMs = now;
    this.refused.clear();
    this.budget = new WindowBudget(this.options.limits.controlsPerSecondMax, 1_000);
    this.flush(now);
  }

  private received(bytes: Buffer, receivedAtMs: number): void {
    this.lastDataAtMs = this.options.clock.monotonicMs();
    const frame = this.reader.read(bytes);
    if (frame.kind === 'control') this.answered(frame);
    else this.options.onFrame(frame, bytes, receivedAtMs);
  }

  private answered(frame: ControlFrame): void {
    const waiting = typeof frame.id === 'number' ? this.waiting.get(frame.id) : undefined;
    if (waiting === undefined) {
      // An error without id may be about any message: only a fresh connection is sure to hold what we want.
      if (frame.error !== null) this.session.reconnect('control-refused');
      return;
    }
    if (typeof frame.id === 'number') this.waiting.delete(frame.id);
    const now = this.options.clock.monotonicMs();
    if (frame.error !== null)
      for (const stream of waiting.streams) this.refused.set(stream, now + 2 * this.options.limits.controlTimeoutMs);
    else if (waiting.method === 'SUBSCRIBE') this.confirm(waiting.streams);
    else if (waiting.method === 'UNSUBSCRIBE') this.unconfirm(waiting.streams);
    else if (frame.streams !== null) this.compare(new Set(frame.streams));
    this.flush(now);
  }

  private confirm(streams: readonly string[]): void {
    for (const stream of streams) this.confirmed.add(stream);
    this.options.onConfirmed(streams);
  }

  /** What was wanted again meanwhile has to be asked for again, and may have missed something. */
  private unconfirm(streams: readonly string[]): void {
    for (const stream of streams) this.confirmed.delete(stream);
    const wanted = streams.filter((stream) => this.wanted.has(stream));
    if (wanted.length > 0) this.options.onLost(wanted, 'unsubscribed');
  }

  /** What the venue no longer lists does not come any more, whatever it once acknowledged. */
  private compare(listed: ReadonlySet<string>): void {
    const lost = [...this.confirmed].filter((stream) => !listed.has(stream));
    for (const stream of lost) this.confirmed.delete(stream);
    if (lost.length > 0) this.options.onLost(lost, 'subscription-vanished');
  }

  private changed(state: WsSessionState, reason: string | null): void {
    if (state === 'open' || state === 'connecting') return;
    this.lastReason = reason ?? this.lastReason;
    const lost = [...this.confirmed];
    this.confirmed.clear();
    this.waiting.clear();
    if (lost.length > 0) this.options.onLost(lost, reason ?? 'closed');
  }
}
