import { repeatEvery, type Scheduler } from '#libs/kernel';
import type { Fault, FaultBoard, FaultTarget } from '../faults/index.js';
import { SOCKET_OPEN, type Corkable, type VenueSocket } from './venue-socket.js';
import type { SimulatorTimings } from './world.js';

/** A reader this far behind is cut off, as venues do. */
const BUFFERED_BYTES_MAX = 32 * 1024 * 1024;
const HELD_MESSAGES_MAX = 10_000;
const STALL_MS_DEFAULT = 120_000;
const REORDER_MS_DEFAULT = 1_000;

export interface LiveSocketParts {
  readonly ws: VenueSocket;
  /** Where writes are gathered; `null` where that would save nothing. */
  readonly raw: Corkable | null;
  readonly venue: string;
  readonly path: string;
  readonly ip: string;
  readonly openedAtMs: number;
  readonly faults: FaultBoard;
  readonly timings: SimulatorTimings;
  readonly scheduler: Scheduler;
  /** Hears of errors that are no fault of the other side. */
  readonly onBug: (error: unknown) => void;
}

/** What an outgoing event is, for faults. `sequenced` events carry a gapless number, so `sequence-gap` can strike them. */
export interface EventTag {
  readonly type: string;
  readonly stream: string;
  readonly account: string | null;
  readonly sequenced: boolean;
}

/**
 * One WebSocket of a simulated venue: batches writes, keeps the ping rules, and goes wrong as the fault board says.
 * Replies go out by `send`, events by `sendEvent`; only events are duplicated, dropped or reordered.
 */
export class LiveSocket {
  readonly venue: string;
  readonly path: string;
  readonly ip: string;
  readonly openedAtMs: number;
  /** Names of the accounts that this socket speaks for; used by fault matching. */
  readonly accounts = new Set<string>();
  /** What it is subscribed to; matched by `path`, as the socket's own path is. */
  readonly topics = new Set<string>();
  private corked = false;
  private held: string[] | null = null;
  private reordered: string[] = [];
  private readonly timers = new Set<() => void>();
  private awaitedPong = false;

  constructor(private readonly parts: LiveSocketParts) {
    this.venue = parts.venue;
    this.path = parts.path;
    this.ip = parts.ip;
    this.openedAtMs = parts.openedAtMs;
    const { ws } = parts;
    ws.on('error', () => ws.terminate());
    ws.on('ping', (data) => {
      if (this.held === null) ws.pong(data);
    });
    ws.on('pong', () => {
      this.awaitedPong = false;
    });
    ws.on('close', () => this.stopTimers());
    this.startTimers();
  }

  onMessage(listener: (text: string) => void): void {
    this.parts.ws.on('message', (data) => {
      try {
        listener(data.toString('utf8'));
      } catch (error) {
        this.parts.onBug(error);
        this.terminate();
      }
    });
  }

  /** Every inbound frame, control frames included, for venues that count them. */
  onFrame(listener: () => void): void {
    for (const name of ['message', 'ping', 'pong'] as const) this.parts.ws.on(name, listener);
  }

  onClose(listener: () => void): void {
    this.parts.ws.on('close', listener);
  }

  get isOpen(): boolean {
    return this.parts.ws.readyState === SOCKET_OPEN;
  }

  send(text: string): void {
    if (!this.isOpen) return;
    if (this.held !== null) {
      if (this.held.length < HELD_MESSAGES_MAX) this.held.push(text);
      return;
    }
    this.cork();
    this.parts.ws.send(text);
    if (this.parts.ws.bufferedAmount > BUFFERED_BYTES_MAX) this.terminate();
  }

  sendEvent(text: string, tag: EventTag): void {
    const fault = this.parts.faults.isEmpty ? undefined : this.strike(tag);
    const isLate = fault?.kind === 'reorder-events' && this.reordered.length === 0;
    if (fault === undefined || (fault.kind === 'reorder-events' && !isLate)) this.send(text);
    else this.sendFaulty(text, fault);
    if (!isLate && this.reordered.length > 0) this.releaseReordered();
  }

  close(code: number, reason: string): void {
    this.parts.ws.close(code, reason);
  }

  terminate(): void {
    this.parts.ws.terminate();
  }

  /** Nothing leaves this socket any more, pongs included, until `endStall` or the time is over. */
  stall(durationMs: number | null): void {
    this.held ??= [];
    this.later(durationMs ?? STALL_MS_DEFAULT, () => this.endStall());
  }

  endStall(): void {
    const held = this.held;
    this.held = null;
    for (const text of held ?? []) this.send(text);
  }

  target(): FaultTarget {
    return { methods: [], paths: [this.path, ...this.topics], accounts: [...this.accounts] };
  }

  /** Runs `action` later, unless the socket is gone by then. */
  later(delayMs: number, action: () => void): void {
    const cancel = this.parts.scheduler.after(delayMs, () => {
      this.timers.delete(cancel);
      action();
    });
    this.timers.add(cancel);
  }

  private strike(tag: EventTag): Fault | undefined {
    const accounts = tag.account === null ? [...this.accounts] : [tag.account];
    const target = { methods: [tag.type], paths: [tag.stream, this.path], accounts };
    return this.parts.faults.strikeEvent(this.venue, target, tag.sequenced);
  }

  private sendFaulty(text: string, fault: Fault): void {
    switch (fault.kind) {
      case 'duplicate-event':
        this.send(text);
        return this.send(text);
      case 'reorder-events':
        // It leaves after the next event, or after a while where none follows: late, never lost.
        this.reordered.push(text);
        return this.later(fault.delayMs ?? REORDER_MS_DEFAULT, () => this.releaseReordered());
      case 'drop-event':
      case 'sequence-gap':
        return;
      case 'disconnect-ws':
        return this.terminate();
      case 'stall-ws':
        this.stall(fault.delayMs);
        return this.send(text);
      case 'delay':
        return this.later(fault.delayMs ?? 0, () => this.send(text));
      case 'truncate':
        return this.send(text.slice(0, text.length >> 1));
      case 'garbage':
        return this.send('\u0000garbage{');
      default:
        return this.send(text);
    }
  }

  private releaseReordered(): void {
    const late = this.reordered;
    this.reordered = [];
    for (const text of late) this.send(text);
  }

  /** Everything sent in one turn of the event loop leaves in one write. */
  private cork(): void {
    const { raw, scheduler } = this.parts;
    if (this.corked || raw === null) return;
    this.corked = true;
    raw.cork();
    scheduler.after(0, () => {
      this.corked = false;
      raw.uncork();
    });
  }

  private startTimers(): void {
    const { pingEveryMs, pongWithinMs, connectionLifeMs } = this.parts.timings;
    let unansweredMs = 0;
    let pings = 0;
    const stopPings = repeatEvery(this.parts.scheduler, pingEveryMs, () => {
      unansweredMs = this.awaitedPong ? unansweredMs + pingEveryMs : 0;
      if (unansweredMs >= pongWithinMs) return this.terminate();
      if (this.held !== null) return;
      this.awaitedPong = true;
      pings += 1;
      this.parts.ws.ping(String(pings));
    });
    this.timers.add(stopPings);
    this.later(connectionLifeMs, () => this.close(1001, 'connection lifetime is over'));
  }

  private stopTimers(): void {
    for (const cancel of this.timers) cancel();
    this.timers.clear();
  }
}
