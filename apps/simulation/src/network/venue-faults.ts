import { decimal } from '#libs/kernel';
import {
  createBareVenue,
  defaultMarkets,
  type BareVenue,
  type HttpCall,
  type HttpReply,
  type LimitsMode,
  type SimAccountPlan,
  type SimExchange,
  type SimMarket,
  type SimOrder,
  type UpgradeCall,
} from '#libs/venue-simulator';
import type { SeededRandom } from '../random/seeded-random.js';
import type { VirtualProcess } from '../time/virtual-process.js';
import type { VirtualTime } from '../time/virtual-time.js';
import type { View } from './account-history.js';
import { COMMAND_FAULTS, READ_FAULTS, VENUE_FAULTS, type FaultKind, type FaultPlan } from './fault-plan.js';
import { LaggingExchange } from './lagging-exchange.js';

export interface SimVenueOptions {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly faults: FaultPlan;
  readonly accounts: readonly SimAccountPlan[];
  /** By default BTC/USDT alone: each market costs time to make. */
  readonly markets?: readonly SimMarket[];
  /** How far the venue's clock is off true time, ms. */
  readonly clockOffsetMs?: number;
  /** How far back a read may look, ms. */
  readonly lagMaxMs?: number;
  readonly limits?: LimitsMode;
  /** Makers that keep a book and move; without them every order in it is the test's own. */
  readonly marketMakers?: boolean;
}

/** What the venue did with one request. */
export interface VenueAnswer {
  readonly reply: HttpReply;
  /** It sits on the answer for this long, ms. */
  readonly delayMs: number;
  readonly acceptedOrderId: string | null;
  readonly fault: FaultKind | null;
}

export const LAG_MAX_MS = 30_000;
const ACCOUNT_READS = new Set(['/api/v3/order', '/api/v3/openOrders', '/api/v3/allOrders', '/api/v3/myTrades', '/api/v3/account']);
const COMMAND_KINDS: readonly FaultKind[] = [...VENUE_FAULTS, ...COMMAND_FAULTS];
const READ_KINDS: readonly FaultKind[] = [...VENUE_FAULTS, ...READ_FAULTS];
const STATUS_WORD = /"status":"[A-Z_]+"/;

/** The venue: the simulator's own protocol and exchange on virtual time, and all that venues do wrong. */
export class SimVenue {
  /** Its process: pause it and it hangs, jump its clock and `/time` lies. */
  readonly process: VirtualProcess;
  readonly protocol: BareVenue['protocol'];
  readonly world: BareVenue['world'];
  private readonly lagging: LaggingExchange;
  private readonly lagMaxMs: number;
  private readonly random: SeededRandom;
  private readonly knownOrders = new Set<number>();
  private accepted: number | null = null;
  private readonly bannedUntilMs = new Map<string, number>();
  private maintenanceUntilMs = 0;

  constructor(private readonly options: SimVenueOptions) {
    const { time, random, accounts, limits, marketMakers = false } = options;
    this.random = random.fork('venue');
    this.lagMaxMs = options.lagMaxMs ?? LAG_MAX_MS;
    this.process = time.process('venue', options.clockOffsetMs ?? 0);
    const { world, protocol } = createBareVenue({
      seed: random.seed,
      clock: this.process.clock,
      scheduler: this.process.scheduler,
      accounts,
      markets: options.markets ?? bitcoinOnly(),
      marketMakers,
      ...(limits === undefined ? {} : { limits }),
      makeExchange: (exchangeOptions) => new LaggingExchange(exchangeOptions, () => time.elapsedMs, this.lagMaxMs),
    });
    this.world = world;
    this.protocol = protocol;
    this.lagging = world.exchange as LaggingExchange;
    this.lagging.onAccountEvent((_account, event) => {
      if (event.type !== 'order' || this.knownOrders.has(event.order.orderId)) return;
      this.knownOrders.add(event.order.orderId);
      // What a listener places in turn is not what the request has brought.
      this.accepted ??= event.order.orderId;
    });
  }

  /** The ground truth: place the other side of a trade here, and ask what became of everything. */
  get exchange(): SimExchange {
    return this.lagging;
  }

  /** Its own wall clock, ms since 1970. */
  get nowMs(): number {
    return this.process.clock.nowMs();
  }

  /** Ends bans and maintenance. Chance ends with the plan's own `heal`. */
  heal(): void {
    this.bannedUntilMs.clear();
    this.maintenanceUntilMs = 0;
  }

  /** Whether an order with this client id is open: only then would a second one be refused. */
  holdsOpen(clientOrderId: string): boolean {
    return this.lagging
      .accounts()
      .some(({ name }) => this.lagging.openOrders(name, null).some((order) => order.clientOrderId === clientOrderId));
  }

  /**
   * Answers one request, as a venue in this condition would.
   *
   * @param isFirst - a request that arrives again meets no fault of its own: it must be refused as any second one.
   */
  http(call: HttpCall, replica: string, isFirst = true): VenueAnswer {
    const { nowMs, protocol } = this;
    const bannedUntilMs = this.bannedUntilMs.get(call.ip) ?? 0;
    if (bannedUntilMs > nowMs) return answered(protocol.banReply(bannedUntilMs), 'banned');
    if (this.maintenanceUntilMs > nowMs) return answered(protocol.maintenanceReply(), 'maintenance');
    const target = { replica, method: call.method, path: call.path };
    if (call.method !== 'GET') return this.command(call, isFirst ? this.options.faults.draw(COMMAND_KINDS, target) : null);
    if (!ACCOUNT_READS.has(call.path)) return answered(protocol.handleHttp(call), null);
    return this.read(call, this.options.faults.draw(READ_KINDS, target));
  }

  upgrade(call: UpgradeCall): ReturnType<BareVenue['protocol']['handleUpgrade']> {
    const bannedUntilMs = this.bannedUntilMs.get(call.ip) ?? 0;
    if (bannedUntilMs > this.nowMs) return this.protocol.banReply(bannedUntilMs);
    if (this.maintenanceUntilMs > this.nowMs) return this.protocol.maintenanceReply();
    return this.protocol.handleUpgrade(call);
  }

  private command(call: HttpCall, fault: FaultKind | null): VenueAnswer {
    const unserved = this.unserved(call, fault);
    if (unserved !== null) return answered(unserved, fault);
    this.accepted = null;
    if (fault === 'client-id-reuse') this.lagging.keepClientIdsUnique(false);
    const reply = this.protocol.handleHttp(call);
    if (fault === 'client-id-reuse') this.lagging.keepClientIdsUnique(true);
    const order = this.accepted;
    if (fault !== null) this.misbehaveLater(fault, call, reply, order);
    return {
      reply: this.spoiled(reply, fault),
      delayMs: fault === 'ack-after-events' ? this.random.between(200, 4_000) : 0,
      acceptedOrderId: order === null ? null : String(order),
      fault,
    };
  }

  private read(call: HttpCall, fault: FaultKind | null): VenueAnswer {
    const unserved = this.unserved(call, fault);
    if (unserved !== null) return answered(unserved, fault);
    const reply = this.lagging.seeing(this.viewOf(fault), () => this.protocol.handleHttp(call));
    return answered(this.spoiled(reply, fault), fault);
  }

  private viewOf(fault: FaultKind | null): View | null {
    const nowMs = this.options.time.elapsedMs;
    if (fault === 'lagging') return { kind: 'at', ms: nowMs - this.random.next() * this.lagMaxMs };
    if (fault === 'hiding') return { kind: 'without-since', ms: nowMs - this.random.next() * this.lagMaxMs };
    return null;
  }

  /** The answer of a venue that does not look at the request at all. */
  private unserved(call: HttpCall, fault: FaultKind | null): HttpReply | null {
    const { protocol, random, nowMs } = this;
    switch (fault) {
      case 'refused-5xx':
        return protocol.statusReply(random.pick([500, 502, 503]));
      case 'refused-1007':
        return protocol.statusReply(504);
      case 'rate-limited':
        return protocol.statusReply(429);
      case 'banned':
        this.bannedUntilMs.set(call.ip, nowMs + random.between(2_000, 120_000));
        return protocol.banReply(this.bannedUntilMs.get(call.ip)!);
      case 'maintenance':
        this.maintenanceUntilMs = nowMs + random.between(1_000, 30_000);
        return protocol.maintenanceReply();
      default:
        return null;
    }
  }

  private spoiled(reply: HttpReply, fault: FaultKind | null): HttpReply {
    switch (fault) {
      case 'accepted-5xx':
        return this.protocol.statusReply(this.random.pick([500, 502, 503]));
      case 'accepted-1007':
        return this.protocol.statusReply(504);
      case 'unknown-status':
      case 'read-unknown-status':
        return { ...reply, body: reply.body.replace(STATUS_WORD, '"status":"PENDING_REVIEW"') };
      default:
        return reply;
    }
  }

  /** What the venue does to the order of a command after it has answered. */
  private misbehaveLater(fault: FaultKind, call: HttpCall, reply: HttpReply, accepted: number | null): void {
    const later = (task: () => void): void => void this.process.scheduler.after(this.random.between(1, 3_000), task);
    if (fault === 'async-reject' && accepted !== null) later(() => this.reject(accepted));
    if (fault === 'overfill' && accepted !== null) later(() => this.fill(accepted, true));
    if (fault === 'fill-after-cancel' && call.method === 'DELETE' && reply.status === 200) {
      const canceled = Number.parseInt(/"orderId":(\d+)/.exec(reply.body)?.[1] ?? '0', 10);
      later(() => this.fill(canceled, false));
    }
  }

  private reject(orderId: number): void {
    const order = this.find(orderId);
    if (order !== undefined) this.lagging.forceReject(refOf(order), 'taken back', this.nowMs);
  }

  /** A small trade of an order that has ended: filled already, or cancelled. */
  private fill(orderId: number, isOverfill: boolean): void {
    const order = this.find(orderId);
    if (order === undefined || order.status !== (isOverfill ? 'filled' : 'canceled')) return;
    const step = this.lagging.market(order.symbol)?.quantityStep ?? decimal('1');
    const quantity = step.times(decimal(String(this.random.between(1, 5))));
    this.lagging.forceFill(refOf(order), quantity, order.price ?? this.lagging.lastPrice(order.symbol), this.nowMs);
  }

  private find(orderId: number): SimOrder | undefined {
    for (const { name } of this.lagging.accounts()) {
      const order = this.lagging.orders(name, null).find((one) => one.orderId === orderId);
      if (order !== undefined) return order;
    }
    return undefined;
  }
}

function answered(reply: HttpReply, fault: FaultKind | null): VenueAnswer {
  return { reply, delayMs: 0, acceptedOrderId: null, fault };
}

function refOf({ account, symbol, orderId }: SimOrder): { account: string; symbol: string; orderId: number; clientOrderId: null } {
  return { account, symbol, orderId, clientOrderId: null };
}

function bitcoinOnly(): readonly SimMarket[] {
  return defaultMarkets().filter(({ symbol }) => symbol === 'BTC/USDT');
}
