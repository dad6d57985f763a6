import { TimerScheduler, type Clock, type Scheduler } from '#libs/kernel';
import type { AccountEvent } from '#libs/exchanges/contract';
import { parseLosslessJson, WsSession, type AdapterLogger, type SessionPorts } from '#libs/exchanges/transport';
import type { ToSymbol } from '../rest/parse.js';
import { UnreadableAnswer, type Raw } from '../rest/responses.js';
import { messagePayload, type Signer } from '../rest/sign.js';
import { unwrap } from './messages.js';
import { parseAccountEvent } from './parse.js';

export interface UserStreamOptions {
  /** Whole address of the WebSocket API. */
  readonly url: string;
  readonly account: string;
  readonly apiKey: string;
  readonly signer: Signer;
  readonly recvWindowMs: number;
  readonly clock: Clock;
  readonly logger: AdapterLogger;
  readonly toSymbol: ToSymbol;
  /** The venue's time, at the earliest. */
  readonly timestampMs: () => number;
  readonly syncClock: () => Promise<void>;
  /** How long the venue asked to be left alone, ms. */
  readonly silentForMs: () => number;
  /** The venue asked for silence on this connection. */
  readonly onSilence: (untilMs: number, banned: boolean) => void;
  readonly listener: (event: AccountEvent) => void;
  readonly answerTimeoutMs?: number;
  readonly session?: SessionPorts | undefined;
}

const LOGON = 'logon';
const SUBSCRIBE = 'subscribe';

/** Binance cuts every connection at 24 hours; we go before, and not at the same minute everywhere. */
const AGE_MS_MAX = 23.5 * 3_600_000;
const ANSWER_TIMEOUT_MS = 5_000;
/** Where the venue does not say for how long. */
const SILENCE_MS = 60_000;
const TIMERS = new TimerScheduler();

/**
 * The private stream over the WebSocket API (listen keys are gone since 2026-02-20): one connection, joined again for ever.
 * It says `live` when the venue has acknowledged the subscription, and `lost` when events may be missing from now on.
 * There is no replay: who hears `live` asks the venue what happened before.
 */
export class BinanceUserStream {
  private readonly session: WsSession;
  private live = false;
  private told: 'live' | 'lost' | null = null;
  private closed = false;
  private readonly scheduler: Scheduler;
  private stopAnswerWait: (() => void) | null = null;
  private sinceMs: number | null = null;

  constructor(private readonly options: UserStreamOptions) {
    this.scheduler = options.session?.scheduler ?? TIMERS;
    this.session = new WsSession({
      ...options.session,
      url: () => options.url,
      clock: options.clock,
      maxAgeMs: AGE_MS_MAX,
      holdMs: () => options.silentForMs(),
      onOpen: () => this.join(),
      onMessage: (data) => this.receive(data),
      onStateChange: (state, reason) => {
        if (state === 'waiting' || state === 'closed') this.lost(reason ?? 'closed');
      },
    });
  }

  start(): void {
    this.session.start();
  }

  status(): { readonly name: string; readonly state: string; readonly sinceMs: number | null } {
    return { name: `${this.options.account} orders`, state: this.live ? 'live' : this.session.state, sinceMs: this.sinceMs };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.clearTimer();
    await this.session.close();
  }

  /** HMAC and RSA keys sign the subscription itself; only an Ed25519 key can log on, and subscribes then. */
  private join(): void {
    if (this.options.signer.kind === 'ed25519') this.ask(LOGON, 'session.logon', this.signedParams());
    else this.ask(SUBSCRIBE, 'userDataStream.subscribe.signature', this.signedParams());
  }

  private signedParams(): object {
    const { apiKey, recvWindowMs, signer } = this.options;
    const timestamp = this.options.timestampMs();
    const payload = messagePayload([
      ['apiKey', apiKey],
      ['recvWindow', `${recvWindowMs}`],
      ['timestamp', `${timestamp}`],
    ]);
    return { apiKey, recvWindow: recvWindowMs, timestamp, signature: signer.signMessage(payload) };
  }

  private ask(id: string, method: string, params: object | null): void {
    this.session.send(JSON.stringify(params === null ? { id, method } : { id, method, params }));
    this.clearTimer();
    const waitMs = this.options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS;
    this.stopAnswerWait = this.scheduler.after(waitMs, () => this.session.reconnect('no-answer'));
  }

  private receive(data: Buffer): void {
    let frame: ReturnType<typeof unwrap>;
    try {
      frame = unwrap(parseLosslessJson(data.toString('utf8')));
    } catch (error) {
      if (!(error instanceof UnreadableAnswer) && !(error instanceof SyntaxError)) throw error;
      this.emit({ kind: 'unreadable', reason: `frame: ${error.message}` });
      return;
    }
    if (frame.kind === 'answer') return this.answered(frame.id, frame.status, frame.raw);
    if (frame.kind === 'acknowledgement') return;
    const { events, control } = parseAccountEvent(frame.name, frame.raw, this.options.toSymbol);
    for (const event of events) this.emit(event);
    if (control === 'reconnect') this.session.reconnect(frame.name);
  }

  private answered(id: string | number | null, status: number, raw: Raw): void {
    if (status !== 200) return this.refused(id, status, raw);
    if (id === LOGON) return this.ask(SUBSCRIBE, 'userDataStream.subscribe', null);
    if (id !== SUBSCRIBE) return;
    this.clearTimer();
    this.live = true;
    this.say('live', null);
  }

  /** Refused to join, or a key that was revoked while we listened (`id` null): either way this connection is of no use. */
  private refused(id: string | number | null, status: number, raw: Raw): void {
    const { code, data } = (raw['error'] ?? {}) as { code?: unknown; data?: { retryAfter?: unknown } | null };
    if (status === 418 || status === 429) {
      const untilMs = typeof data?.retryAfter === 'number' ? data.retryAfter : this.options.timestampMs() + SILENCE_MS;
      this.options.onSilence(untilMs, status === 418);
    }
    const word = typeof code === 'number' ? `${code}` : `${status}`;
    this.options.logger.warn({ venue: 'binance', account: this.options.account, status, venueCode: word }, 'private stream refused');
    if (code === -1021) void this.options.syncClock();
    if (id === LOGON || id === SUBSCRIBE || id === null) this.session.reconnect(`refused ${word}`);
  }

  private lost(reason: string): void {
    this.clearTimer();
    this.live = false;
    if (!this.closed) this.say('lost', reason);
  }

  /** Every `live`; a `lost` only once until the next `live`. */
  private say(state: 'live' | 'lost', reason: string | null): void {
    if (state === 'lost' && this.told === 'lost') return;
    this.told = state;
    this.sinceMs = this.options.clock.nowMs();
    this.emit({ kind: 'stream', state, reason });
  }

  private emit(event: AccountEvent): void {
    if (!this.closed) this.options.listener(event);
  }

  private clearTimer(): void {
    this.stopAnswerWait?.();
    this.stopAnswerWait = null;
  }
}
