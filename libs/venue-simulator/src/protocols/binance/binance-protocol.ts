import type { FaultTarget } from '../../faults/index.js';
import type { LiveSocket } from '../../server/live-socket.js';
import type { HttpCall, HttpReply, RateLimitViolation, UpgradeCall, VenueProtocol } from '../../server/protocol.js';
import { htmlReply, jsonReply } from '../../server/protocol.js';
import type { SimulatorWorld } from '../../server/world.js';
import { BinanceContext, VENUE } from './context.js';
import { banned } from './rate-limits.js';
import { BinanceRefusal } from './refusal.js';
import { BinanceRest } from './rest.js';
import { statusRefusal } from './status-refusal.js';
import { StreamConnection } from './streams/stream-connection.js';
import { StreamHub } from './streams/stream-hub.js';
import { UserDataStreams } from './user-data.js';
import { WS_API_PATH, WsApiConnection } from './ws-api/ws-api.js';

/** Weight of opening a WebSocket API connection. */
const CONNECT_WEIGHT = 2;

/** Binance spot's own protocol in front of the simulated exchange: REST, WebSocket API, market streams. */
export class BinanceProtocol implements VenueProtocol {
  readonly venue = VENUE;
  private readonly context: BinanceContext;
  private readonly rest: BinanceRest;
  private readonly userData: UserDataStreams;
  private readonly streams: StreamHub;

  constructor(world: SimulatorWorld) {
    this.context = new BinanceContext(world);
    this.rest = new BinanceRest(this.context);
    this.userData = new UserDataStreams(this.context);
    this.streams = new StreamHub(this.context);
  }

  handleHttp(call: HttpCall): HttpReply {
    return this.rest.handle(call);
  }

  faultTarget(call: HttpCall): FaultTarget {
    const account = this.rest.claimedAccount(call);
    return { methods: [call.method], paths: [call.path, `/${VENUE}${call.path}`], accounts: account === null ? [] : [account] };
  }

  handleUpgrade(call: UpgradeCall): HttpReply | ((socket: LiveSocket) => void) {
    const take = this.route(call);
    if (take === null) return jsonReply(404, '{"code":-1020,"msg":"No WebSocket is served at this path."}');
    const nowMs = this.context.nowMs();
    const onViolation = (limit: string, status: number): void =>
      this.context.recordViolation(call.ip, null, `connect ${call.path}`, limit, status);
    try {
      this.context.limits.connect(call.ip, nowMs, onViolation);
      if (call.path === WS_API_PATH) this.context.limits.admit(call.ip, CONNECT_WEIGHT, nowMs, onViolation);
    } catch (error) {
      if (error instanceof BinanceRefusal) return this.rest.refused(error, call.ip);
      throw error;
    }
    return take;
  }

  statusReply(status: number): HttpReply {
    return status === 403 ? htmlReply(403, 'Forbidden') : this.rest.refused(statusRefusal(status), '');
  }

  banReply(untilMs: number): HttpReply {
    return this.rest.refused(banned(untilMs, this.context.world.clock.nowMs()), '');
  }

  maintenanceReply(): HttpReply {
    return this.rest.refused(statusRefusal(503), '');
  }

  announceShutdown(): void {
    const notice = `{"e":"serverShutdown","E":${this.context.nowMs()}}`;
    const words = {
      api: `{"event":${notice}}`,
      'raw-streams': notice,
      'combined-streams': `{"stream":"!serverShutdown","data":${notice}}`,
    };
    for (const [socket, kind] of this.context.sockets) socket.send(words[kind]);
  }

  violations(): readonly RateLimitViolation[] {
    return this.context.violations;
  }

  close(): void {
    this.userData.close();
    this.streams.close();
    this.context.aggregateTrades.close();
  }

  private route(call: UpgradeCall): ((socket: LiveSocket) => void) | null {
    const { path, query } = call;
    if (path === WS_API_PATH) return (socket) => void new WsApiConnection(this.context, this.userData, socket, query);
    if (path === '/stream') return (socket) => this.openStreams(socket, true, queryStreams(query));
    if (path === '/ws' || path.startsWith('/ws/')) return (socket) => this.openStreams(socket, false, names(path.slice('/ws/'.length)));
    return null;
  }

  private openStreams(socket: LiveSocket, combined: boolean, streams: readonly string[]): void {
    new StreamConnection(this.context, this.streams, socket, combined, streams);
  }
}

function queryStreams(query: string): readonly string[] {
  const part = query.split('&').find((pair) => pair.startsWith('streams='));
  return part === undefined ? [] : names(part.slice('streams='.length));
}

function names(text: string): readonly string[] {
  let decoded = text;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    // A name that cannot be decoded means nothing and stays silent, like any unknown one.
  }
  return decoded.split('/').filter((name) => name !== '');
}
