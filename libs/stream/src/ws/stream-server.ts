import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WebSocketServer, type WebSocket } from 'ws';
import type { ApiKey } from '#libs/access';
import { ReadinessState } from '#libs/health';
import { ProblemException, toProblem } from '#libs/http';
import { Clock, Scheduler, pauseFor, repeatEvery } from '#libs/kernel';
import { AccountTails } from '../application/account-tails.js';
import { CLOSE } from '../application/close-reasons.js';
import type { ConnectionObserver } from '../application/connection.js';
import { StreamAccess } from '../application/stream-access.js';
import type { Origin } from '../application/stream-access.js';
import { STREAM_LIMITS } from '../application/stream-limits.js';
import { Topics } from '../application/topics.js';
import { Turns } from '../application/turns.js';
import { StreamOptions } from '../stream-options.js';
import { Peer } from './peer.js';
import { StreamMetrics } from './stream-metrics.js';
import { bearerOf, correlationIdFor, isForStream, refuseUpgrade } from './upgrade.js';

const LIMITS = STREAM_LIMITS;
const DRAIN_LOOK_MS = 20;
const SERVER_OPTIONS = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: LIMITS.messageBytesMax,
  closeTimeout: LIMITS.closeWithinMs,
};

/** Who was let in at the upgrade, and under which key; `null` where the first message will show it. */
export interface Admission {
  readonly socket: Socket;
  readonly origin: Origin;
  readonly key: ApiKey | null;
}

type UpgradableServer = Server & { shouldUpgradeCallback?: (request: IncomingMessage) => boolean };

/** The clients of `/v1/stream` on the gateway's own HTTP server: lets them in, watches over them, and sees them off. */
@Injectable()
export class StreamServer implements OnApplicationBootstrap, OnModuleDestroy, ConnectionObserver {
  private readonly logger = new Logger('stream');
  private readonly peers = new Set<Peer>();
  /** Takes no connection by itself: `upgrade` decides. */
  readonly sockets = new WebSocketServer(SERVER_OPTIONS);
  private readonly turns: Turns;
  private stopWatching: (() => void)[] = [];
  private draining: Promise<void> | null = null;

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(StreamOptions) private readonly options: StreamOptions,
    @Inject(StreamAccess) private readonly access: StreamAccess,
    @Inject(Topics) private readonly topics: Topics,
    @Inject(AccountTails) private readonly tails: AccountTails,
    @Inject(ReadinessState) private readonly readiness: ReadinessState,
    @Inject(StreamMetrics) private readonly metrics: StreamMetrics,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Scheduler) private readonly scheduler: Scheduler,
  ) {
    this.turns = new Turns(() => clock.monotonicMs());
    metrics.watch(() => [...this.peers].map((peer) => peer.connection));
  }

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter?.getHttpServer() as UpgradableServer | undefined;
    if (server === undefined) return;
    // Without this every request that offers an upgrade, such as to HTTP/2, would come here and never be answered as what it is.
    server.shouldUpgradeCallback = isForStream;
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => this.upgrade(request, socket, head));
    this.sockets.on('headers', (headers, request) => headers.push(`X-Correlation-Id: ${correlationIdFor(request)}`));
    this.stopWatching = [
      repeatEvery(this.scheduler, LIMITS.keyCheckEveryMs, () => this.checkKeys()),
      repeatEvery(this.scheduler, LIMITS.pingEveryMs, () => this.ping()),
    ];
  }

  async onModuleDestroy(): Promise<void> {
    await this.drain(LIMITS.stopWithinMs);
  }

  /** Lets nobody in any more, sends everything that is durable, and closes every connection with 1012. At most about `withinMs`. */
  drain(withinMs: number): Promise<void> {
    this.draining ??= this.seeOff(withinMs);
    return this.draining;
  }

  admits(key: ApiKey): boolean {
    const same = [...this.peers].filter((peer) => peer.connection.key?.id === key.id);
    return same.length < LIMITS.connectionsPerKeyMax;
  }

  /** Takes a client over that was let in; called by the gateway for each connection. */
  welcome(client: WebSocket, { socket, origin, key }: Admission): void {
    const peer = new Peer({ client, socket, origin, key, server: this.portsOfPeer() });
    this.peers.add(peer);
    client.on('close', () => this.peers.delete(peer));
  }

  failed(error: unknown): void {
    this.logger.error({ msg: 'stream connection failed', err: error });
  }

  private upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const origin = { address: socket.remoteAddress ?? '', correlationId: correlationIdFor(request) };
    request.headers['x-correlation-id'] = origin.correlationId;
    try {
      const key = this.admit(request, origin);
      const admission: Admission = { socket, origin, key };
      this.sockets.handleUpgrade(request, socket, head, (client) => this.sockets.emit('connection', client, request, admission));
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code === 'internal') this.failed(error);
      refuseUpgrade(socket, problem, origin.correlationId);
    }
  }

  /** @returns the key in the header, or `null` where the client will show it in its first message. @throws {ProblemException} */
  private admit(request: IncomingMessage, origin: Origin): ApiKey | null {
    if (!isForStream(request)) throw new ProblemException('not-found', 'the stream is at /v1/stream');
    if (this.draining !== null || this.readiness.draining)
      throw new ProblemException('draining', 'the gateway is shutting down', { retryAfterMs: 1_000 });
    const site = request.headers.origin;
    if (site !== undefined && !this.options.allowedOrigins.includes(site))
      throw this.access.refusal(origin, 'origin-not-allowed', null, 'forbidden', 'pages of this origin may not use the stream');
    if (this.peers.size >= LIMITS.connectionsMax) throw new ProblemException('overloaded', 'too many clients are connected');
    const token = bearerOf(request);
    if (token === null) return this.admitUnknown(origin);
    const key = this.access.admit(token, origin);
    if (!this.admits(key)) throw new ProblemException('overloaded', `at most ${LIMITS.connectionsPerKeyMax} connections with one key`);
    return key;
  }

  private admitUnknown({ address }: Origin): null {
    const unknown = [...this.peers].filter(({ connection }) => connection.key === null && connection.origin.address === address);
    if (unknown.length >= LIMITS.anonymousPerAddressMax)
      throw new ProblemException('overloaded', 'too many connections from this address have not shown a key yet');
    return null;
  }

  private portsOfPeer() {
    const { access, topics, turns, clock, scheduler, metrics, logger } = this;
    return { access, topics, turns, clock, scheduler, metrics, logger, limits: LIMITS, observer: this };
  }

  private checkKeys(): void {
    for (const { connection, line } of this.peers) {
      if (connection.key !== null && !this.access.isStillGood(connection.key, connection.origin.address)) line.close(CLOSE.keyEnded);
    }
    for (const peer of this.peers) peer.checkStalled();
  }

  private ping(): void {
    for (const peer of this.peers) peer.ping();
  }

  private async seeOff(withinMs: number): Promise<void> {
    const untilMs = this.clock.monotonicMs() + withinMs;
    await Promise.race([this.tails.readOn(), pauseFor(this.scheduler, withinMs)]);
    await this.until(() => [...this.peers].every(({ connection }) => connection.isSettled()), untilMs);
    for (const { line } of this.peers) line.close(CLOSE.restart);
    await this.until(() => this.peers.size === 0, this.clock.monotonicMs() + LIMITS.stopWithinMs);
    for (const { line } of this.peers) line.client.terminate();
    for (const stop of this.stopWatching) stop();
    this.sockets.close();
  }

  private async until(isSo: () => boolean, untilMs: number): Promise<void> {
    while (!isSo() && this.clock.monotonicMs() < untilMs) await pauseFor(this.scheduler, DRAIN_LOOK_MS);
  }
}
