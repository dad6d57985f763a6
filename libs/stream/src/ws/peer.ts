import type { Socket } from 'node:net';
import type { Logger } from '@nestjs/common';
import type { RawData, WebSocket } from 'ws';
import type { ApiKey } from '#libs/access';
import type { Scheduler } from '#libs/kernel';
import { CLOSE } from '../application/close-reasons.js';
import type { CloseReason } from '../application/close-reasons.js';
import { StreamConnection } from '../application/connection.js';
import type { ConnectionObserver, ConnectionPorts } from '../application/connection.js';
import type { Origin } from '../application/stream-access.js';
import { SocketLine } from './socket-line.js';
import type { StreamMetrics } from './stream-metrics.js';

export interface PeerOptions {
  readonly client: WebSocket;
  readonly socket: Socket;
  readonly origin: Origin;
  readonly key: ApiKey | null;
  readonly server: ConnectionPorts & {
    readonly scheduler: Scheduler;
    readonly metrics: StreamMetrics;
    readonly logger: Logger;
    readonly observer: ConnectionObserver;
  };
}

/** A connected socket and what belongs to it: its line, its connection, its signs of life. */
export class Peer {
  readonly line: SocketLine;
  readonly connection: StreamConnection;
  private isAlive = true;
  private takenAtPing = 0;
  private progress = { taken: 0, atMs: 0 };
  private readonly forgetAuth: () => void;

  constructor(private readonly options: PeerOptions) {
    const { client, socket, origin, key, server } = options;
    socket.setNoDelay(true);
    this.line = new SocketLine(
      client,
      socket,
      server.limits.marketSocketBytesMax,
      () => server.turns.ask(this.connection),
      (reason) => this.closing(reason),
    );
    this.connection = new StreamConnection(this.line, origin, key, server, server.observer);
    client.on('message', (data, isBinary) => this.received(data, isBinary));
    client.on('pong', () => (this.isAlive = true));
    // What breaks a socket closes it; too large a message is answered with 1009 by the library.
    client.on('error', () => undefined);
    this.forgetAuth = server.scheduler.after(server.limits.authWithinMs, () => {
      if (this.connection.key === null) this.line.close(CLOSE.noKeyInTime);
    });
    client.on('close', () => this.end());
  }

  /** Closes the connection of a client that has given no sign of life since the last ping. */
  ping(): void {
    if (!this.line.isOpen) return;
    const isAlive = this.isAlive || this.line.taken > this.takenAtPing;
    if (!isAlive) return this.line.close(CLOSE.silent);
    this.isAlive = false;
    this.takenAtPing = this.line.taken;
    this.options.client.ping();
  }

  /** Orders and fills that a socket does not take at all are not held for it for long. */
  checkStalled(): void {
    const { limits, clock } = this.options.server;
    const nowMs = clock.monotonicMs();
    const { taken } = this.line;
    if (this.line.waitingBytes() === 0 || taken !== this.progress.taken) this.progress = { taken, atMs: nowMs };
    else if (nowMs - this.progress.atMs > limits.stalledAfterMs && this.connection.hearsDurable()) this.line.close(CLOSE.tooSlow);
  }

  private received(data: RawData, isBinary: boolean): void {
    this.isAlive = true;
    if (isBinary) this.line.close(CLOSE.binary);
    else this.connection.receive((data as Buffer).toString('utf8'));
  }

  private closing(reason: CloseReason): void {
    const { metrics, logger } = this.options.server;
    metrics.closed(reason.code);
    const { key, origin } = this.connection;
    logger.log({ msg: 'stream connection closed', code: reason.code, reason: reason.reason, keyId: key?.id ?? null, ...origin });
    this.end();
  }

  private end(): void {
    this.forgetAuth();
    this.connection.end();
  }
}
