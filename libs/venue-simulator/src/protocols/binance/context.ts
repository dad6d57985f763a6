import type { SimExchange } from '../../exchange/types.js';
import type { RateLimitViolation } from '../../server/protocol.js';
import type { LiveSocket } from '../../server/live-socket.js';
import { venueNowMs } from '../../server/world.js';
import type { SimulatorWorld } from '../../server/world.js';
import { AggregateTrades } from './aggregate-trades.js';
import { AmendmentUnderway, Amendments } from './amendments.js';
import { Authentication } from './authentication.js';
import { ClientIds } from './client-ids.js';
import { RateLimits } from './rate-limits.js';
import { BinanceSymbols } from './symbols.js';

export const VENUE = 'binance';
/** Time for the refusal that says so to leave. */
const BAN_GRACE_MS = 10;
const VIOLATIONS_MAX = 10_000;

/** What speaks on a socket: it decides how events are wrapped. */
export type SocketKind = 'api' | 'raw-streams' | 'combined-streams';

/** Everything that the operations and both transports share, from one reset to the next. */
export class BinanceContext {
  readonly exchange: SimExchange;
  readonly symbols: BinanceSymbols;
  readonly authentication: Authentication;
  readonly limits: RateLimits;
  readonly clientIds: ClientIds;
  readonly amendments = new Amendments();
  readonly amending = new AmendmentUnderway();
  readonly aggregateTrades: AggregateTrades;
  readonly violations: RateLimitViolation[] = [];
  /** Every open socket of this venue, with the words for its end. */
  readonly sockets = new Map<LiveSocket, SocketKind>();

  constructor(readonly world: SimulatorWorld) {
    this.exchange = world.exchange;
    this.symbols = new BinanceSymbols(world.exchange);
    this.authentication = new Authentication(world.exchange, VENUE);
    this.limits = new RateLimits(world.limits, (ip) => this.cutSockets(ip));
    this.clientIds = new ClientIds(world.seed);
    this.aggregateTrades = new AggregateTrades(world.exchange);
  }

  /** The venue's clock, ms: what it says in `/time` and checks timestamps against. */
  nowMs(): number {
    return venueNowMs(this.world, VENUE);
  }

  track(socket: LiveSocket, kind: SocketKind): void {
    this.sockets.set(socket, kind);
    socket.onClose(() => this.sockets.delete(socket));
  }

  /** A banned address loses its connections a moment after it has been told. */
  private cutSockets(ip: string): void {
    for (const socket of this.sockets.keys()) if (socket.ip === ip) socket.later(BAN_GRACE_MS, () => socket.close(1008, 'IP banned'));
  }

  recordViolation(ip: string, account: string | null, request: string, limit: string, status: number): void {
    if (this.violations.length >= VIOLATIONS_MAX) return;
    this.violations.push({ atMs: this.world.clock.nowMs(), venue: VENUE, account, ip, limit, request, status });
  }
}
