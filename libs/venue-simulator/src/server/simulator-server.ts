import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { handleControl } from './control.js';
import type { ControlCall, ControlSurface } from './control.js';
import { FastLane } from './fast-lane.js';
import type { FastLaneHost } from './fast-lane.js';
import { answerStruck } from './http-faults.js';
import { refuseUpgrade, writeReply } from './http-reply.js';
import { jsonReply } from './protocol.js';
import type { HttpCall, HttpReply, VenueProtocol } from './protocol.js';
import type { PlainRequest } from './plain-request.js';
import { ReplyQueue } from './reply-queue.js';
import { hasNoBody, readBody } from './request-body.js';
import { SocketHub } from './socket-hub.js';
import type { SimulatorWorld } from './world.js';

const KEEP_ALIVE_MS = 75_000;

/** The world with the protocols in front of it: all that a reset replaces. */
export interface Stage {
  readonly world: SimulatorWorld;
  readonly protocols: ReadonlyMap<string, VenueProtocol>;
}

/** Routes `/<venue>/…` to that venue's protocol and `/_sim/…` to the controls; writes every answer, broken or whole. */
export class SimulatorServer {
  readonly sockets: SocketHub;
  private readonly server: Server;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly replies = new ReplyQueue();
  private readonly lanes = new Set<FastLane>();
  private dateSecond = Number.NaN;
  private dateText = '';

  constructor(
    private stage: Stage,
    private readonly control: ControlSurface,
    private readonly onBug: (error: unknown) => void,
  ) {
    this.sockets = new SocketHub(onBug);
    this.server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true, requestTimeout: 0 }, (req, res) =>
      this.onRequest(req, res),
    );
    this.server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => this.onUpgrade(req, socket, head));
    this.server.on('clientError', (_error, socket: Duplex) => socket.destroy());
    this.openFastLanes();
  }

  /** @throws the error of `listen`, e.g. `EADDRINUSE`. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  /** Puts another world behind the same port: pending answers are dropped, sockets are cut. */
  replaceStage(stage: Stage): void {
    this.dropPending();
    this.stage = stage;
  }

  async close(): Promise<void> {
    this.dropPending();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    for (const lane of [...this.lanes]) lane.destroy();
    await closed;
  }

  private dropPending(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.sockets.dropAll();
  }

  /** Connections begin in a fast lane; what is not plain comes to the HTTP server as if it had taken the connection itself. */
  private openFastLanes(): void {
    const takers = this.server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
    this.server.removeAllListeners('connection');
    const host: FastLaneHost = {
      replies: this.replies,
      idleMs: KEEP_ALIVE_MS,
      answer: (request, socket) => this.answerPlain(request, socket),
      handOver: (socket, unanswered) => {
        socket.pause();
        socket.unshift(unanswered);
        for (const take of takers) take.call(this.server, socket);
        socket.resume();
      },
      date: () => this.date(),
      left: (lane) => this.lanes.delete(lane),
    };
    this.server.on('connection', (socket: Socket) => this.lanes.add(new FastLane(socket, host)));
  }

  /** The answer to a plain request for a venue; faults and controls go the long way. */
  private answerPlain(request: PlainRequest, socket: Socket): HttpReply | null {
    const { query, venue, rest } = splitUrl(request.url);
    const protocol = this.stage.protocols.get(venue);
    if (protocol === undefined || !this.stage.world.faults.isEmpty) return null;
    this.replies.schedule();
    const { method, headers, body } = request;
    return this.handled({ method, path: rest, query, body, headers, ip: addressOf(socket) }, protocol);
  }

  private date(): string {
    const nowMs = this.stage.world.clock.nowMs();
    const second = Math.floor(nowMs / 1_000);
    if (second !== this.dateSecond) {
      this.dateSecond = second;
      this.dateText = new Date(nowMs).toUTCString();
    }
    return this.dateText;
  }

  private onRequest(req: IncomingMessage, res: ServerResponse): void {
    if (hasNoBody(req)) return this.dispatch(req, res, '');
    readBody(req, (body) => {
      if (body === null) writeReply(res, jsonReply(413, '{"error":"body larger than 1 MiB"}'));
      else this.dispatch(req, res, body);
    });
  }

  private dispatch(req: IncomingMessage, res: ServerResponse, body: string): void {
    const { path, query, venue, rest } = splitUrl(req.url ?? '/');
    const protocol = this.stage.protocols.get(venue);
    if (protocol === undefined) {
      const method = req.method ?? 'GET';
      const reply = venue === '_sim' || path === '/' ? this.controlled({ method, path, query, body }) : this.unknown(path);
      return writeReply(res, reply);
    }
    const call = {
      method: req.method ?? 'GET',
      path: rest,
      query,
      body,
      headers: req.headers,
      ip: addressOf(req.socket),
    };
    this.answer(req, res, call, protocol);
  }

  private answer(req: IncomingMessage, res: ServerResponse, call: HttpCall, protocol: VenueProtocol): void {
    this.replies.schedule();
    const board = this.stage.world.faults;
    if (!board.isEmpty) {
      const fault = board.strikeRequest(protocol.venue, protocol.faultTarget(call), this.stage.world.clock.nowMs());
      if (fault !== undefined) {
        const later = (delayMs: number, action: () => void): void => this.later(delayMs, action);
        return answerStruck({ req, res, fault, board, protocol, execute: () => this.handled(call, protocol), later });
      }
    }
    this.replies.add({ write: (reply) => writeReply(res, reply) }, this.handled(call, protocol));
  }

  /** A bug of ours costs one request, is told, and leaves the venue standing. */
  private handled(call: HttpCall, protocol: VenueProtocol): HttpReply {
    try {
      return protocol.handleHttp(call);
    } catch (error) {
      this.onBug(error);
      return protocol.statusReply(500);
    }
  }

  private controlled(call: ControlCall): HttpReply {
    try {
      return handleControl(this.control, call);
    } catch (error) {
      this.onBug(error);
      return jsonReply(500, JSON.stringify({ error: error instanceof Error ? error.message : 'unknown error' }));
    }
  }

  private onUpgrade(req: IncomingMessage, raw: Duplex, head: Buffer): void {
    raw.on('error', () => raw.destroy());
    const { path, query, venue, rest } = splitUrl(req.url ?? '/');
    const protocol = this.stage.protocols.get(venue);
    if (protocol === undefined) return refuseUpgrade(raw, this.unknown(path));
    const call = { path: rest, query, headers: req.headers, ip: addressOf(req.socket) };
    this.sockets.upgrade({ req, raw, head, call, protocol, world: this.stage.world });
  }

  private unknown(path: string): HttpReply {
    const known = [...this.stage.protocols.keys()].map((venue) => `/${venue}/…`);
    return jsonReply(404, JSON.stringify({ error: `nothing is served at ${path.slice(0, 200)}`, served: [...known, '/_sim/…'] }));
  }

  private later(delayMs: number, action: () => void): void {
    if (delayMs === 0) return action();
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      action();
    }, delayMs);
    this.timers.add(timer);
  }
}

/** `/binance/api/v3/order?x=1` → venue `binance`, rest `/api/v3/order`, query `x=1`. */
export function splitUrl(url: string): { path: string; query: string; venue: string; rest: string } {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark + 1);
  const slash = path.indexOf('/', 1);
  return slash < 0
    ? { path, query, venue: path.slice(1), rest: '/' }
    : { path, query, venue: path.slice(1, slash), rest: path.slice(slash) };
}

function addressOf(socket: Socket): string {
  return socket.remoteAddress ?? 'unknown';
}
