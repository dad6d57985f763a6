import type { BinanceAccount } from '#libs/exchanges/binance';
import { VenueError, type AccountEvent, type CommandAnswer, type PlaceCommand } from '#libs/exchanges/contract';
import { decimal, type Decimal } from '#libs/kernel';
import type { SimOrder } from '#libs/venue-simulator';
import { plainOrder } from '../plain-order.js';
import { createReplica, type Replica } from '../replica.js';
import { createSimWorld, type SimWorld, type SimWorldOptions } from '../sim-world.js';

export const SEND = { deadlineMs: 2_000, correlationId: null };

/** A limit buy that rests, but for what the test says. */
export function placeCommand(venueClientId: string, change: Partial<PlaceCommand> = {}): PlaceCommand {
  return {
    kind: 'place',
    symbol: 'BTC/USDT',
    venueClientId,
    side: 'buy',
    type: 'limit',
    quantity: decimal('0.01'),
    quoteQuantity: null,
    price: decimal('60000'),
    stopPrice: null,
    timeInForce: 'GTC',
    postOnly: false,
    ...change,
  };
}

/** A world with one replica whose stream is live, and short words for what tests do with it. */
export class JoinedWorld {
  readonly events: AccountEvent[] = [];

  private constructor(
    readonly world: SimWorld,
    readonly replica: Replica,
    readonly account: BinanceAccount,
  ) {}

  static async open(options: Partial<SimWorldOptions> = {}): Promise<JoinedWorld> {
    const world = createSimWorld({ seed: 1, ...options });
    const replica = createReplica(world, { name: 'a' });
    const joined = new JoinedWorld(world, replica, replica.account('main'));
    joined.account.subscribe((event) => void joined.events.push(event));
    await world.time.settle(replica.exchange.start());
    await world.time.run(() => joined.isLive, { untilMs: 60_000 });
    return joined;
  }

  get isLive(): boolean {
    const last = this.events.findLast(({ kind }) => kind === 'stream');
    return last?.kind === 'stream' && last.state === 'live';
  }

  /** Places; what was thrown comes back as a value. */
  async place(change: Partial<PlaceCommand> = {}): Promise<CommandAnswer | VenueError> {
    return this.send(placeCommand(this.replica.ids.uuid(), change));
  }

  async cancel(order: SimOrder): Promise<CommandAnswer | VenueError> {
    return this.send({ kind: 'cancel', symbol: order.symbol, venueClientId: order.clientOrderId, venueOrderId: null });
  }

  async query(order: SimOrder) {
    return this.settled(this.account.queryOrder({ symbol: order.symbol, venueClientId: order.clientOrderId, venueOrderId: null }));
  }

  /** Waits for what the adapter promised; a `VenueError` comes back as a value. */
  async settled<T>(promise: Promise<T>): Promise<T | VenueError> {
    return this.world.time.settle(
      promise.catch((error: unknown) => {
        if (error instanceof VenueError) return error;
        throw error;
      }),
    );
  }

  /** The venue's own list: the truth. */
  orders(): readonly SimOrder[] {
    return this.world.venue.exchange.orders('main', null);
  }

  /** Somebody sells to whoever bids. */
  sell(quantity: Decimal): void {
    const { exchange, nowMs } = this.world.venue;
    const sale = { side: 'sell', timeInForce: 'IOC', quantity, price: decimal('60000'), stpMode: 'none' } as const;
    exchange.place({ ...plainOrder('other-side', `sale-${nowMs}`), ...sale }, nowMs);
  }

  private send(command: Parameters<BinanceAccount['prepare']>[0]): Promise<CommandAnswer | VenueError> {
    return this.settled(this.account.send(this.account.prepare(command), SEND));
  }
}
