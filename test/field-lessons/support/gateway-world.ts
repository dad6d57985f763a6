import { decimal, decimalText, sum } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import { isFinal } from '#libs/model';
import { foldAll } from '#libs/orders';
import type { CrashPoint, Incident, OrderProblem, OrderRequest, OrderState } from '#libs/orders';
import type { SimOrder } from '#libs/venue-simulator';
import { FleetReplica } from '../../../apps/simulation/src/fleet/fleet-replica.js';
import type { FaultTarget } from '../../../apps/simulation/src/network/fault-plan.js';
import { plainOrder } from '../../../apps/simulation/src/network/plain-order.js';
import { createSimWorld, type SimWorld, type SimWorldOptions } from '../../../apps/simulation/src/network/sim-world.js';
import { DatabaseHealth } from '../../../apps/simulation/src/store/database-line.js';
import { MemoryDatabase } from '../../../apps/simulation/src/store/memory-database.js';

export const MAIN = 'main';
/** After this an order that the venue never got is proven absent, and everything else long settled, virtual ms. */
export const SETTLED_MS = 120_000;
const FUNDS = { USDT: '1000000', BTC: '20' };

export const isOrderPost = ({ method, path }: FaultTarget): boolean => method === 'POST' && path === '/api/v3/order';
export const isOrderDelete = ({ method, path }: FaultTarget): boolean => method === 'DELETE' && path === '/api/v3/order';

/** A buy that rests, unless said otherwise. */
export function orderRequest(change: Partial<OrderRequest> = {}): OrderRequest {
  return {
    account: MAIN,
    symbol: 'BTC/USDT',
    side: 'buy',
    type: 'limit',
    timeInForce: 'GTC',
    quantity: decimal('0.01'),
    quoteQuantity: null,
    price: decimal('60000'),
    stopPrice: null,
    expiresAtMs: null,
    clientOrderId: null,
    postOnly: false,
    reduceOnly: false,
    onNotCreated: 'reject',
    resubmitUntilMs: null,
    ...change,
  };
}

/** Meets a seller at once where `offer` has been called before. */
export const TAKER = { type: 'limit', timeInForce: 'IOC' } as const;

/** A client that says what it wants and keeps what it was told. */
export interface Placed {
  readonly id: string;
  readonly order: OrderState;
}

export interface WorldPlan extends Partial<SimWorldOptions> {
  /** Asked at each crash point; where it says yes, the process dies there and then. */
  readonly diesAt?: (point: CrashPoint) => boolean;
}

/** One gateway with the real engine and adapter, a database and a venue, on virtual time: hours pass in milliseconds. */
export class GatewayWorld {
  readonly world: SimWorld;
  readonly database: MemoryDatabase;
  readonly incidents: Incident[] = [];
  replica: FleetReplica;
  private life = 0;
  private sales = 0;

  private constructor(private readonly plan: WorldPlan) {
    const accounts = [MAIN, 'second', 'other-side'].map((name) => ({ name, venue: 'binance', balances: FUNDS }));
    this.world = createSimWorld({ seed: 1, limits: 'unlimited', accounts, ...plan });
    this.database = new MemoryDatabase(() => this.world.time.elapsedMs);
    this.replica = this.newReplica();
  }

  /** Opens the world and waits until the gateway takes orders and hears its account. */
  static async open(plan: WorldPlan = {}): Promise<GatewayWorld> {
    const world = new GatewayWorld(plan);
    await world.ready();
    return world;
  }

  get faults() {
    return this.world.faults;
  }

  async runFor(ms: number): Promise<void> {
    await this.world.time.runFor(ms);
  }

  /** @throws where the condition does not hold within `ms`. */
  async until(condition: () => boolean, ms = SETTLED_MS): Promise<void> {
    const { time } = this.world;
    await time.run(condition, { untilMs: time.elapsedMs + ms });
    if (!condition()) throw new Error(`not so within ${ms} virtual ms: ${condition.toString()}`);
  }

  async ready(): Promise<void> {
    await this.until(() => this.replica.holds(MAIN));
    await this.runFor(1_000);
  }

  /** The process dies as on `kill -9`. */
  kill(): void {
    this.replica.process.kill();
  }

  /** The process is started again on the same database, under its old name. */
  async restart(): Promise<void> {
    this.begin();
    await this.ready();
  }

  /** As `restart`, and waits for nothing. */
  begin(): void {
    this.kill();
    this.replica = this.newReplica();
  }

  /** Places an order and waits for what the client is told. @throws where it was refused. */
  async place(change: Partial<OrderRequest> = {}): Promise<Placed> {
    const told = await this.tryPlace(change);
    if ('code' in told) throw new Error(`refused: ${told.code}: ${told.detail}`);
    return told;
  }

  async tryPlace(change: Partial<OrderRequest> = {}): Promise<Placed | OrderProblem> {
    const { time } = this.world;
    const answer = await time.settle(this.submit(change), { untilMs: time.elapsedMs + SETTLED_MS });
    return answer.ok ? { id: answer.value.order.terms.id, order: answer.value.order } : answer.error;
  }

  /** The call itself, for who waits in another way, or not at all. */
  submit(change: Partial<OrderRequest> = {}) {
    return this.replica.parts.submits.submit(orderRequest(change), { apiKeyId: 'k', idempotencyKey: null, correlationId: null });
  }

  async cancel(id: string) {
    const { time } = this.world;
    const answer = this.replica.parts.cancels.cancel(id, { apiKeyId: 'k', idempotencyKey: null, correlationId: null });
    return time.settle(answer, { untilMs: time.elapsedMs + SETTLED_MS });
  }

  /** The order as its stored events tell it: what a client reads. */
  order(id: string): OrderState {
    const row = [...this.database.orders.values()].find(({ terms }) => terms.id === id);
    if (row === undefined) throw new Error(`no order ${id} in the journal`);
    return foldAll(row.events.map(({ stored }) => stored));
  }

  /** Every state that the order has been in, in order. */
  story(id: string): readonly string[] {
    const row = [...this.database.orders.values()].find(({ terms }) => terms.id === id)!;
    const stored = row.events.map((event) => event.stored);
    return stored.map((_, at) => foldAll(stored.slice(0, at + 1)).status);
  }

  eventTypes(id: string): readonly string[] {
    const row = [...this.database.orders.values()].find(({ terms }) => terms.id === id)!;
    return row.events.map(({ stored }) => stored.event.type);
  }

  orders(): readonly OrderState[] {
    return [...this.database.orders.values()].map(({ terms }) => this.order(terms.id));
  }

  /** Waits until nothing of an order is open, and what is said of it is written. */
  async settled(id: string, ms = SETTLED_MS): Promise<OrderState> {
    await this.until(() => isFinal(this.order(id).status), ms);
    return this.order(id);
  }

  /** What the venue has, whatever anyone was told: the judge. */
  atVenue(): readonly SimOrder[] {
    return this.world.venue.exchange.orders(MAIN, null);
  }

  /** How often the venue was asked to place an order, by requests that left the gateway. */
  posts(): number {
    return this.world.tap.commands().filter(({ method, path }) => method === 'POST' && path === '/api/v3/order').length;
  }

  /** Fills that count, as `trade id: quantity`, sorted. */
  bookedFills(): readonly string[] {
    const rows = this.database.fills.get(MAIN) ?? [];
    return rows
      .filter(({ isVoided }) => !isVoided)
      .map(({ fill }) => `${fill.venueTradeId}: ${decimalText(fill.quantity)}`)
      .toSorted();
  }

  venueFills(): readonly string[] {
    const fills = this.world.venue.exchange.fills(MAIN, null);
    return fills.map(({ tradeId, quantity }) => `${tradeId}: ${decimalText(quantity)}`).toSorted();
  }

  /** What the gateway holds to have been bought, from its fills. */
  position(): string {
    const rows = (this.database.fills.get(MAIN) ?? []).filter(({ isVoided }) => !isVoided);
    return decimalText(sum(rows.map(({ fill }) => (fill.side === 'buy' ? fill.quantity : fill.quantity.neg()))));
  }

  /** The same, by the venue's own record. */
  venuePosition(): string {
    const fills = this.world.venue.exchange.fills(MAIN, null);
    return decimalText(sum(fills.map(({ side, quantity }) => (side === 'buy' ? quantity : quantity.neg()))));
  }

  /** Somebody offers at 60000: what buys there is filled at once. */
  offer(quantity: Decimal = decimal('1')): void {
    this.tradeAgainst('GTC', quantity);
  }

  /** Somebody sells to whoever bids 60000. */
  sell(quantity: Decimal): void {
    this.tradeAgainst('IOC', quantity);
  }

  private tradeAgainst(timeInForce: 'GTC' | 'IOC', quantity: Decimal): void {
    const { exchange, nowMs } = this.world.venue;
    const sale = { side: 'sell', timeInForce, quantity, price: decimal('60000'), stpMode: 'none' } as const;
    exchange.place({ ...plainOrder('other-side', `sale-${(this.sales += 1)}`), ...sale }, nowMs);
  }

  private newReplica(): FleetReplica {
    this.life += 1;
    const replica = new FleetReplica({
      world: this.world,
      database: this.database,
      health: new DatabaseHealth(this.world.random.fork(`health/${this.life}`), {}),
      name: 'gateway',
      life: this.life,
      wallOffsetMs: 0,
      accounts: [MAIN],
      diesAt: this.plan.diesAt ?? (() => false),
      onIncident: (incident) => void this.incidents.push(incident),
      onLine: () => undefined,
    });
    replica.process.scheduler.after(0, () => void replica.start());
    return replica;
  }
}
