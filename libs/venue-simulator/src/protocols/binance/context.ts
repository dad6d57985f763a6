import type { SimExchange } from '../../exchange/types.js';
import type { RateLimitViolation } from '../../server/protocol.js';
import { venueNowMs } from '../../server/world.js';
import type { SimulatorWorld } from '../../server/world.js';
import { AggregateTrades } from './aggregate-trades.js';
import { AmendmentUnderway, Amendments } from './amendments.js';
import { Authentication } from './authentication.js';
import { ClientIds } from './client-ids.js';
import { RateLimits } from './rate-limits.js';
import { BinanceSymbols } from './symbols.js';

export const VENUE = 'binance';
const VIOLATIONS_MAX = 10_000;

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

  constructor(readonly world: SimulatorWorld) {
    this.exchange = world.exchange;
    this.symbols = new BinanceSymbols(world.exchange);
    this.authentication = new Authentication(world.exchange, VENUE);
    this.limits = new RateLimits(world.limits);
    this.clientIds = new ClientIds(world.seed);
    this.aggregateTrades = new AggregateTrades(world.exchange);
  }

  /** The venue's clock, ms: what it says in `/time` and checks timestamps against. */
  nowMs(): number {
    return venueNowMs(this.world, VENUE);
  }

  recordViolation(ip: string, account: string | null, request: string, limit: string, status: number): void {
    if (this.violations.length >= VIOLATIONS_MAX) return;
    this.violations.push({ atMs: this.world.clock.nowMs(), venue: VENUE, account, ip, limit, request, status });
  }
}
