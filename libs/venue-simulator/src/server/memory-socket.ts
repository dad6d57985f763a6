import { EventEmitter } from 'node:events';
import type { Scheduler } from '#libs/kernel';

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
const NO_STATUS = 1005;
const ABNORMAL = 1006;
/** The other side's goodbye is waited for this long, as `ws` does. */
const GOODBYE_MS = 30_000;

/** What travels between the two ends of a connection. `cut` is the end of the line itself. */
export type SocketFrame =
  | { readonly kind: 'message' | 'ping' | 'pong'; readonly data: Buffer }
  | { readonly kind: 'close'; readonly code: number }
  | { readonly kind: 'cut' };

export type SocketEnd = 'client' | 'server';

/** The line between two ends. A port: whoever carries frames decides when they arrive, how often, and whether at all. */
export interface SocketLine {
  carry(from: SocketEnd, frame: SocketFrame, deliver: () => void): void;
  /** The timers of the process at this end. */
  scheduler(end: SocketEnd): Scheduler;
}

/**
 * One end of a connection in memory. It behaves as the class of `ws` does, closing handshake included, so that both an adapter's
 * session and the venue's `LiveSocket` work over it. The client's end answers pings by itself.
 */
export class MemorySocket extends EventEmitter {
  readyState = CONNECTING;
  /** Nothing ever waits here. */
  readonly bufferedAmount = 0;
  private peer: MemorySocket | null = null;
  private sentClose: number | null = null;

  constructor(
    private readonly end: SocketEnd,
    private readonly line: SocketLine,
  ) {
    super();
  }

  static pair(line: SocketLine): { readonly client: MemorySocket; readonly server: MemorySocket } {
    const client = new MemorySocket('client', line);
    const server = new MemorySocket('server', line);
    client.peer = server;
    server.peer = client;
    server.readyState = OPEN;
    return { client, server };
  }

  /** The handshake has succeeded. */
  opened(): void {
    if (this.readyState !== CONNECTING) return;
    this.readyState = OPEN;
    this.emit('open');
  }

  /** The handshake has failed: the error first, then the close, as `ws` tells it. */
  failed(code: string): void {
    if (this.readyState === CLOSED) return;
    this.emit('error', Object.assign(new Error('the socket failed'), { code }));
    this.ended(ABNORMAL);
  }

  /** The handshake was answered with another status. */
  refused(statusCode: number): void {
    if (this.readyState !== CONNECTING) return;
    if (!this.emit('unexpected-response', null, { statusCode })) this.failed('EREFUSED');
  }

  send(text: string): void {
    if (this.readyState === OPEN) this.carry({ kind: 'message', data: Buffer.from(text, 'utf8') });
  }

  ping(data = ''): void {
    if (this.readyState === OPEN) this.carry({ kind: 'ping', data: Buffer.from(data) });
  }

  pong(data: Buffer): void {
    if (this.readyState === OPEN) this.carry({ kind: 'pong', data });
  }

  close(code = NO_STATUS): void {
    if (this.readyState === CONNECTING) return this.terminate();
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    this.sentClose = code;
    this.carry({ kind: 'close', code });
    this.line.scheduler(this.end).after(GOODBYE_MS, () => this.terminate());
  }

  terminate(): void {
    if (this.readyState === CLOSED) return;
    const wasConnecting = this.readyState === CONNECTING;
    this.readyState = CLOSING;
    this.carry({ kind: 'cut' });
    this.line.scheduler(this.end).after(0, () => {
      if (wasConnecting) this.failed('EABORTED');
      else this.ended(ABNORMAL);
    });
  }

  private carry(frame: SocketFrame): void {
    this.line.carry(this.end, frame, () => this.peer?.receive(frame));
  }

  /** A frame has arrived. Called by the line; who owns the line may also let one arrive that was never sent. */
  receive(frame: SocketFrame): void {
    if (this.readyState === CLOSED) return;
    switch (frame.kind) {
      case 'cut':
        return this.ended(ABNORMAL);
      case 'close':
        return this.heardClose(frame.code);
      case 'ping':
        if (this.end === 'client') this.pong(frame.data);
        this.emit('ping', frame.data);
        return;
      default:
        this.emit(frame.kind, frame.data);
    }
  }

  private heardClose(code: number): void {
    if (this.sentClose === null) this.carry({ kind: 'close', code });
    this.ended(code);
  }

  private ended(code: number): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.emit('close', code, '');
  }
}
