import { describe, expect, it } from 'vitest';
import { decimal } from '#libs/kernel';
import type { HttpCall } from '#libs/venue-simulator';
import { GatewayWorld, TAKER, isOrderPost } from './support/gateway-world.js';

const BY_ID = '/api/v3/order';
const OPEN = '/api/v3/openOrders';
const HISTORY = '/api/v3/allOrders';
const TRADES = '/api/v3/myTrades';

interface Forgetfulness {
  /** The records that show nothing, by path. */
  readonly hides: readonly string[];
  /** For so long, virtual ms; for ever by default. */
  readonly forMs?: number;
  /** The single order is hidden only from who does not name its venue id. */
  readonly exceptByVenueId?: boolean;
}

/** A venue of which some records show no order, however often they are asked; the answer to the order and all frames are lost too. */
async function forgetfulVenue({ hides, forMs = Infinity, exceptByVenueId = false }: Forgetfulness): Promise<{
  readonly world: GatewayWorld;
  readonly hidden: ReadonlySet<string>;
}> {
  const hidden = new Set<string>();
  const world = await GatewayWorld.open();
  const { venue, time } = world.world;
  const untilMs = time.elapsedMs + forMs;
  const answer = venue.http.bind(venue);
  venue.http = (call, replica) => {
    const answered = answer(call, replica);
    if (time.elapsedMs > untilMs || !isHidden(call)) return answered;
    hidden.add(call.path);
    return { ...answered, reply: { ...answered.reply, ...emptyFor(call.path) } };
  };
  const isHidden = ({ method, path, query }: HttpCall): boolean => {
    if (method !== 'GET' || !hides.includes(path)) return false;
    return path !== BY_ID || !exceptByVenueId || !query.includes('orderId=');
  };
  // The connection breaks at once, so that the first looks come early.
  world.faults.force('reset-after', { when: isOrderPost });
  world.faults.force('frame-dropped', { times: 100 });
  return { world, hidden };
}

function emptyFor(path: string): { status: number; body: string } {
  if (path === BY_ID) return { status: 400, body: '{"code":-2013,"msg":"Order does not exist."}' };
  return { status: 200, body: '[]' };
}

describe('an order that some records of the venue do not show', () => {
  it.each([6_000, 10_000, 20_000, 29_000])(
    '[lesson 4] is not called absent while the venue shows nothing of it at all, for the first %i ms after it was taken',
    async (forMs) => {
      for (const change of [{}, TAKER]) {
        const { world, hidden } = await forgetfulVenue({ hides: [BY_ID, OPEN, HISTORY, TRADES], forMs });
        if (change === TAKER) world.offer();
        const { id } = await world.place(change);
        await world.runFor(90_000);
        expect(hidden.size).toBeGreaterThan(0);
        expect(world.story(id)).not.toContain('rejected');
        expect(world.order(id)).toMatchObject({
          status: change === TAKER ? 'filled' : 'new',
          venueOrderId: String(world.atVenue()[0]!.orderId),
        });
        expect([world.posts(), world.bookedFills()]).toEqual([1, world.venueFills()]);
      }
    },
  );

  it('[lesson 7b] is not called absent because the query for it says so, however often: a stop is found where it rests', async () => {
    const { world, hidden } = await forgetfulVenue({ hides: [BY_ID] });
    world.offer();
    world.sell(decimal('0.001'));
    const { id } = await world.place({ type: 'stop-limit', stopPrice: decimal('70000'), price: decimal('71000') });
    await world.runFor(180_000);
    expect(world.atVenue()).toHaveLength(1);
    expect(world.story(id)).not.toContain('rejected');
    expect(world.order(id)).toMatchObject({ status: 'new', venueOrderId: String(world.atVenue()[0]!.orderId) });
    expect([world.posts(), [...hidden]]).toEqual([1, [BY_ID]]);
  });

  it.each([
    ['the list of open orders', [OPEN]],
    ['the query by id and the list of open orders', [BY_ID, OPEN]],
    ['the history of orders and the list of open ones', [HISTORY, OPEN]],
  ])('[lesson 8] is filled, not rejected, where it was filled at once and is missing in %s', async (_records, hides) => {
    const { world, hidden } = await forgetfulVenue({ hides });
    world.offer();
    const { id } = await world.place({ type: 'market', timeInForce: null, price: null });
    expect(await world.settled(id)).toMatchObject({ status: 'filled' });
    expect(world.story(id)).not.toContain('rejected');
    expect([world.bookedFills(), world.posts()]).toEqual([world.venueFills(), 1]);
    if (hides.includes(BY_ID)) expect(hidden).toContain(OPEN);
  });

  it('[lesson 9] is found by its trade alone where the venue has dropped it from query, open list and history at once', async () => {
    const { world, hidden } = await forgetfulVenue({ hides: [BY_ID, OPEN, HISTORY], exceptByVenueId: true });
    world.offer(decimal('0.004'));
    const { id } = await world.place(TAKER);
    expect(await world.settled(id)).toMatchObject({ status: 'canceled' });
    expect(world.order(id).filledQuantity.toFixed()).toBe('0.004');
    expect(world.story(id)).not.toContain('rejected');
    expect([world.bookedFills(), world.posts()]).toEqual([world.venueFills(), 1]);
    expect(hidden).toContain(BY_ID);
    expect(world.world.tap.records.some(({ path }) => path === TRADES)).toBe(true);
  });
});
