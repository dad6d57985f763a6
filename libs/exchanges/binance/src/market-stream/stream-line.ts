import type { RandomSource } from '#libs/exchanges/transport';
import { StreamConnection, type StreamConnectionOptions } from './stream-connection.js';

export interface StreamLineOptions extends StreamConnectionOptions {
  readonly random: RandomSource;
}

/**
 * A set of streams that goes on while connections come and go. Before the venue cuts a connection (after 24 h, or when it
 * announces a shutdown) a second one takes over: both run side by side until the new one has every stream, so that
 * nothing is missed; what comes twice is recognised by its ids.
 */
export class StreamLine {
  private current: StreamConnection;
  private next: StreamConnection | null = null;
  private rollAtMs = Number.POSITIVE_INFINITY;
  private closed = false;
  private rollCount = 0;

  constructor(private readonly options: StreamLineOptions) {
    this.current = this.connection();
  }

  get connections(): readonly StreamConnection[] {
    return this.next === null ? [this.current] : [this.current, this.next];
  }

  get size(): number {
    return this.current.wanted.size;
  }

  /** How often a new connection has taken over. */
  get rolls(): number {
    return this.rollCount;
  }

  covers(stream: string): boolean {
    return this.connections.some((connection) => connection.covers(stream));
  }

  has(stream: string): boolean {
    return this.current.wanted.has(stream);
  }

  add(stream: string, nowMs: number): void {
    for (const connection of this.connections) {
      connection.wanted.add(stream);
      connection.flush(nowMs);
    }
    this.current.start();
  }

  remove(stream: string, nowMs: number): void {
    for (const connection of this.connections) {
      connection.wanted.delete(stream);
      connection.flush(nowMs);
    }
  }

  /** Opens another connection at once, which takes over: the venue is about to cut this one, or it is suspected. */
  roll(): void {
    if (this.next !== null || this.closed) return;
    this.next = this.connection();
    for (const stream of this.current.wanted) this.next.wanted.add(stream);
    this.next.start();
  }

  tick(nowMs: number): void {
    for (const connection of this.connections) connection.flush(nowMs);
    if (this.next?.complete === true) this.takeOver(this.next);
    if (this.current.state === 'open' && nowMs >= this.rollAtMs) this.roll();
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.connections.map((connection) => connection.close()));
  }

  private takeOver(next: StreamConnection): void {
    const old = this.current;
    this.current = next;
    this.next = null;
    this.rollCount += 1;
    this.plan();
    // Nobody waits for the goodbye: it has its own time limit.
    void old.close();
  }

  private connection(): StreamConnection {
    const { onConfirmed, onLost } = this.options;
    const connection: StreamConnection = new StreamConnection({
      ...this.options,
      onConfirmed: (streams) => {
        if (connection === this.current) this.plan();
        onConfirmed(streams);
      },
      onLost: (streams, reason) => {
        const uncovered = streams.filter((stream) => !this.covers(stream));
        if (uncovered.length > 0 && !this.closed) onLost(uncovered, reason);
      },
    });
    return connection;
  }

  /** A tenth earlier at random, so that many lines do not roll at once. */
  private plan(): void {
    const { limits, random } = this.options;
    this.rollAtMs = this.current.openedAtMs + limits.rollAfterMs * (1 - random() / 10);
  }
}
