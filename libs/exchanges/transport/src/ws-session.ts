import { repeatEvery, TimerScheduler, type Clock, type Scheduler } from '#libs/kernel';
import { backoffMs, type BackoffOptions } from './backoff.js';
import { systemRandom, type RandomSource } from './random.js';
import { connectWebSocket, SOCKET_CLOSED, SOCKET_CONNECTING, type SocketFactory, type StreamSocket } from './stream-socket.js';

/** `idle`: not started. `waiting`: between attempts. `closed`: for good. */
export type WsSessionState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

export interface WsSessionOptions {
  /** Asked at every attempt, so that the address may change. Never put into a reason or a log. */
  readonly url: () => string;
  readonly clock: Clock;
  /** The socket is open: subscribe here. Runs once per connection. */
  readonly onOpen?: (session: WsSession) => void;
  /** One whole message; the buffer is the receiver's to keep. `receivedAtMs` is the wall clock. */
  readonly onMessage: (data: Buffer, receivedAtMs: number) => void;
  /** Every change of state. `reason` says why a connection ended; it holds no address and no payload. */
  readonly onStateChange?: (state: WsSessionState, reason: string | null) => void;
  /** We ping this often, and drop a link on which nothing at all came since the last ping, ms. */
  readonly pingIntervalMs?: number;
  /** Reconnect when no data message came for this long, ms; `null`: a quiet stream is normal there. */
  readonly silenceMs?: number | null;
  /** Roll the connection before the venue cuts it, ms; up to 5 % is taken off at random. `null`: never. */
  readonly maxAgeMs?: number | null;
  readonly handshakeTimeoutMs?: number;
  /** A connection that lived this long starts the backoff anew, ms. */
  readonly stableAfterMs?: number;
  readonly messageBytesMax?: number;
  /** What may wait in the send buffer before the link counts as dead. */
  readonly sendBufferBytesMax?: number;
  readonly backoff?: BackoffOptions;
  /** Asked before every repeated attempt: wait at least this long, ms (the venue may have asked for silence). */
  readonly holdMs?: () => number;
  readonly random?: RandomSource;
  readonly scheduler?: Scheduler;
  /** Opens the socket; by default a real one. */
  readonly connect?: SocketFactory;
}

/** What a session draws its time, sockets and chance from: one choice for all sessions of an adapter. */
export type SessionPorts = Pick<WsSessionOptions, 'scheduler' | 'connect' | 'random'>;

const DEFAULTS = {
  pingIntervalMs: 15_000,
  silenceMs: null,
  maxAgeMs: null,
  handshakeTimeoutMs: 5_000,
  stableAfterMs: 10_000,
  messageBytesMax: 32 * 1024 * 1024,
  sendBufferBytesMax: 1024 * 1024,
  backoff: { firstMs: 250, maxMs: 15_000, minMs: 50 },
  holdMs: () => 0,
} as const;

const CLOSE_WAIT_MS = 500;
const TIMERS = new TimerScheduler();

/**
 * One WebSocket connection that is kept for ever: it reconnects with jittered backoff, notices dead and silent links,
 * and rolls before the venue cuts it. It owns at most one socket at a time, and calls nothing after `close()`.
 * What was said on an earlier connection is lost: subscribe and reconcile in `onOpen`.
 */
export class WsSession {
  private socket: StreamSocket | null = null;
  private current: WsSessionState = 'idle';
  private attempt = 0;
  private changedAtMs = 0;
  private openedAtMs = 0;
  private lastFrameAtMs = 0;
  private lastDataAtMs = 0;
  private lastPingAtMs = 0;
  private readonly scheduler: Scheduler;
  private stopRetry: (() => void) | null = null;
  private stopWatch: (() => void) | null = null;
  private stopAge: (() => void) | null = null;
  private readonly settings: Required<Omit<WsSessionOptions, 'url' | 'clock' | 'onOpen' | 'onMessage' | 'onStateChange' | 'scheduler'>>;

  constructor(private readonly options: WsSessionOptions) {
    this.settings = { ...DEFAULTS, random: systemRandom, connect: connectWebSocket, ...withoutUndefined(options) };
    this.scheduler = options.scheduler ?? TIMERS;
  }

  get state(): WsSessionState {
    return this.current;
  }

  /** Wall clock of the last change of state, ms. */
  get sinceMs(): number {
    return this.changedAtMs;
  }

  /** Begins to connect. Safe to call twice; does nothing after `close()`. */
  start(): void {
    if (this.current === 'idle') this.connect();
  }

  /** Hands one text message to the socket. `false`: not open, nothing was written. */
  send(text: string): boolean {
    const socket = this.socket;
    if (this.current !== 'open' || socket === null) return false;
    if (socket.bufferedAmount > this.settings.sendBufferBytesMax) {
      this.drop('send-buffer-full');
      return false;
    }
    socket.send(text);
    return true;
  }

  /** Ends this connection and opens another one at once (after a backoff when it was short-lived). */
  reconnect(reason: string): void {
    if (this.socket !== null) this.drop(reason);
  }

  /** Stops for good and frees socket and timers. Safe to call twice. Resolves when the socket is gone. */
  async close(): Promise<void> {
    if (this.current === 'closed') return;
    this.clearTimers();
    const socket = this.release();
    this.change('closed', null);
    if (socket !== null) await shut(socket, this.scheduler);
  }

  private connect(): void {
    this.stopRetry = null;
    this.change('connecting', null);
    if (this.current !== 'connecting') return;
    let socket: StreamSocket;
    try {
      const { connect, handshakeTimeoutMs, messageBytesMax } = this.settings;
      socket = connect(this.options.url(), { handshakeTimeoutMs, messageBytesMax });
    } catch {
      this.scheduleRetry('bad-address');
      return;
    }
    this.socket = socket;
    socket.on('open', () => this.opened());
    socket.on('message', (data) => this.received(data));
    socket.on('ping', () => this.sawFrame());
    socket.on('pong', () => this.sawFrame());
    socket.on('close', (code) => this.drop(`closed-${code}`));
    socket.on('unexpected-response', (_request, response) => this.drop(`http-${response.statusCode ?? 0}`));
    socket.on('error', (error) => {
      this.drop(typeof error.code === 'string' ? error.code.toLowerCase() : 'socket-error');
    });
  }

  private opened(): void {
    const now = this.options.clock.monotonicMs();
    this.openedAtMs = this.lastFrameAtMs = this.lastDataAtMs = this.lastPingAtMs = now;
    const { pingIntervalMs, silenceMs, maxAgeMs, random } = this.settings;
    const watchMs = Math.max(10, Math.min(pingIntervalMs, silenceMs === null ? pingIntervalMs : silenceMs / 4));
    this.stopWatch = repeatEvery(this.scheduler, watchMs, () => this.watch());
    if (maxAgeMs !== null) this.stopAge = this.scheduler.after(maxAgeMs * (0.95 + random() * 0.05), () => this.drop('rolled'));
    this.change('open', null);
    if (this.current !== 'open') return;
    this.guarded(() => this.options.onOpen?.(this));
  }

  private received(data: Buffer): void {
    const now = this.options.clock.monotonicMs();
    this.lastFrameAtMs = now;
    this.lastDataAtMs = now;
    this.guarded(() => this.options.onMessage(data, this.options.clock.nowMs()));
  }

  private sawFrame(): void {
    this.lastFrameAtMs = this.options.clock.monotonicMs();
  }

  /** Dead link: nothing came since our last ping. Silent link: it lives, but brings no data. */
  private watch(): void {
    const now = this.options.clock.monotonicMs();
    const { silenceMs, pingIntervalMs } = this.settings;
    if (silenceMs !== null && now - this.lastDataAtMs >= silenceMs) return this.drop('silent');
    if (now - this.lastPingAtMs < pingIntervalMs * 0.9) return;
    if (this.lastPingAtMs > this.openedAtMs && this.lastFrameAtMs < this.lastPingAtMs) return this.drop('no-pong');
    this.lastPingAtMs = now;
    this.socket?.ping();
  }

  /** A callback that throws must not take the process down; the connection is given up, so that its user starts clean. */
  private guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.drop(`handler-failed: ${error instanceof Error ? error.name : 'error'}`);
    }
  }

  private drop(reason: string): void {
    const socket = this.release();
    if (socket === null) return;
    socket.terminate();
    this.clearTimers();
    const lived = this.current === 'open' ? this.options.clock.monotonicMs() - this.openedAtMs : 0;
    if (lived >= this.settings.stableAfterMs) this.attempt = 0;
    this.scheduleRetry(reason);
  }

  private scheduleRetry(reason: string): void {
    const waitMs = Math.max(backoffMs(this.attempt, this.settings.backoff, this.settings.random), this.settings.holdMs());
    this.attempt += 1;
    this.stopRetry = this.scheduler.after(waitMs, () => this.connect());
    this.change('waiting', reason);
  }

  /** Takes the socket away from us: none of its later events is heard. */
  private release(): StreamSocket | null {
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return null;
    socket.removeAllListeners();
    socket.on('error', ignoreLateError);
    return socket;
  }

  private clearTimers(): void {
    this.stopRetry?.();
    this.stopWatch?.();
    this.stopAge?.();
    this.stopRetry = this.stopWatch = this.stopAge = null;
  }

  private change(state: WsSessionState, reason: string | null): void {
    this.current = state;
    this.changedAtMs = this.options.clock.nowMs();
    this.options.onStateChange?.(state, reason);
  }
}

/** A released socket may still report that it was cut while connecting: nobody waits for that. */
function ignoreLateError(): void {}

function withoutUndefined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

/** Says goodbye, and cuts the line when the other side does not answer. */
function shut(socket: StreamSocket, scheduler: Scheduler): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === SOCKET_CLOSED) return resolve();
    const stop = scheduler.after(CLOSE_WAIT_MS, () => {
      socket.terminate();
      resolve();
    });
    socket.on('close', () => {
      stop();
      resolve();
    });
    if (socket.readyState === SOCKET_CONNECTING) socket.terminate();
    else socket.close(1000);
  });
}
