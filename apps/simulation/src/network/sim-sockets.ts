import type { Scheduler } from '#libs/kernel';
import type { SocketFactory } from '#libs/exchanges/transport';
import { LiveSocket, MemorySocket, type SocketEnd, type SocketFrame, type SocketLine } from '#libs/venue-simulator';
import { CONNECT_FAULTS, FRAME_FAULTS } from './fault-plan.js';
import type { Wire } from './wire.js';

const CONNECTING = 0;
const CLOSED = 3;
const SILENT_MS_MAX = 120_000;
const STREAM_ENDED: SocketFrame = { kind: 'message', data: Buffer.from('{"event":{"e":"eventStreamTerminated","E":0}}') };

/** WebSockets of one replica over the simulated network. */
export class SimSockets {
  private readonly lines = new Set<Line>();

  constructor(private readonly wire: Wire) {
    wire.process.onKill(() => {
      for (const line of this.lines) line.clientDied();
    });
  }

  readonly connect: SocketFactory = (url, { handshakeTimeoutMs }) => {
    const { process, faults } = this.wire;
    const { pathname, search } = new URL(url);
    const line = new Line(this.wire, pathname, this.lines);
    const stopWaiting = process.scheduler.after(handshakeTimeoutMs, () => {
      if (line.client.readyState === CONNECTING) line.client.failed('ETIMEDOUT');
    });
    line.client.on('open', stopWaiting);
    line.client.on('close', stopWaiting);
    const fault = faults.draw(CONNECT_FAULTS, { replica: process.name, method: 'SOCKET', path: pathname });
    if (fault === 'socket-refused') process.scheduler.after(this.wire.latencyMs(), () => line.client.failed('ECONNREFUSED'));
    else if (fault === null) line.shakeHands(search.slice(1));
    return line.client;
  };
}

/** One connection: when frames arrive, in which order, and whether at all. */
class Line implements SocketLine {
  readonly client: MemorySocket;
  private readonly server: MemorySocket;
  /** A stream that has lost something delivers nothing behind it, as TCP does. */
  private readonly broken: Record<SocketEnd, boolean> = { client: false, server: false };
  private readonly lastArrivalMs: Record<SocketEnd, number> = { client: 0, server: 0 };
  private silentUntilMs = 0;

  constructor(
    private readonly wire: Wire,
    private readonly path: string,
    private readonly open: Set<Line>,
  ) {
    const { client, server } = MemorySocket.pair(this);
    this.client = client;
    this.server = server;
    server.on('close', () => open.delete(this));
  }

  scheduler(end: SocketEnd): Scheduler {
    return end === 'client' ? this.wire.process.scheduler : this.wire.venue.process.scheduler;
  }

  shakeHands(query: string): void {
    if (this.wire.blocks('to-venue')) return;
    this.arrive('client', 0, () => this.accept(query));
  }

  carry(from: SocketEnd, frame: SocketFrame, deliver: () => void): void {
    if (this.isBlocked(from)) return;
    if (from === 'client' || frame.kind !== 'message') return this.arrive(from, 0, deliver);
    this.carryEvent(deliver);
  }

  /** The process is gone: its system cuts the line, where it can. */
  clientDied(): void {
    if (this.isBlocked('client')) return;
    this.arrive('client', 0, () => this.server.receive({ kind: 'cut' }));
  }

  private accept(query: string): void {
    const { venue, ip, process } = this.wire;
    if (this.client.readyState !== CONNECTING || process.state === 'dead') return;
    const answer = venue.upgrade({ path: this.path, query, headers: {}, ip });
    if (this.isBlocked('server')) return;
    if (typeof answer !== 'function') return this.arrive('server', 0, () => this.client.refused(answer.status));
    const { faults, timings, scheduler } = venue.world;
    const socket = new LiveSocket({
      ws: this.server,
      raw: null,
      venue: venue.protocol.venue,
      path: this.path,
      ip,
      openedAtMs: venue.nowMs,
      faults,
      timings,
      scheduler,
      onBug: (error) => {
        throw error instanceof Error ? error : new Error('the venue failed');
      },
    });
    this.open.add(this);
    this.arrive('server', 0, () => this.client.opened());
    answer(socket);
  }

  private carryEvent(deliver: () => void): void {
    const { faults, process, random, time } = this.wire;
    if (time.elapsedMs < this.silentUntilMs && !faults.healed) return;
    switch (faults.draw(FRAME_FAULTS, { replica: process.name, method: 'FRAME', path: this.path })) {
      case 'socket-cut':
        return this.cut();
      case 'socket-silent':
        this.silentUntilMs = time.elapsedMs + random.between(5_000, SILENT_MS_MAX);
        return;
      case 'socket-half-open':
        this.broken.client = this.broken.server = true;
        return;
      case 'frame-dropped':
        return;
      case 'stream-ended':
        return this.arrive('server', 0, () => this.client.receive(STREAM_ENDED));
      case 'frame-duplicated':
        this.arrive('server', 0, deliver);
        return this.arrive('server', 0, deliver);
      case 'frame-reordered':
        this.scheduler('client').after(this.wire.latencyMs() + random.between(10, 2_000), deliver);
        return;
      case 'frame-delayed':
        return this.arrive('server', random.between(10, 10_000), deliver);
      default:
        return this.arrive('server', 0, deliver);
    }
  }

  /** What is under way is lost; both ends hear of it. */
  private cut(): void {
    this.broken.client = this.broken.server = true;
    this.scheduler('client').after(this.wire.latencyMs(), () => this.client.receive({ kind: 'cut' }));
    this.scheduler('server').after(this.wire.latencyMs(), () => this.server.receive({ kind: 'cut' }));
  }

  private isBlocked(from: SocketEnd): boolean {
    if (this.wire.blocks(from === 'client' ? 'to-venue' : 'from-venue')) this.broken[from] = true;
    return this.broken[from];
  }

  /** Never before what was sent earlier. */
  private arrive(from: SocketEnd, lateMs: number, deliver: () => void): void {
    const { elapsedMs } = this.wire.time;
    const atMs = Math.max(this.lastArrivalMs[from], elapsedMs + this.wire.latencyMs() + lateMs);
    this.lastArrivalMs[from] = atMs;
    this.scheduler(from === 'client' ? 'server' : 'client').after(atMs - elapsedMs, () => {
      if (from === 'client' || this.client.readyState !== CLOSED) deliver();
    });
  }
}
