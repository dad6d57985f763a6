import { describe, expect, it } from 'vitest';
import { errorFromAnswer } from '#libs/exchanges/binance';
import { TransportError, type TransportFailure } from '#libs/exchanges/transport';
import { decimal } from '#libs/kernel';
import { isFinal } from '#libs/model';
import type { OrderStatus } from '#libs/model';
import { HTTP_FAULTS, type FaultKind } from '../../apps/simulation/src/network/fault-plan.js';
import { GatewayWorld, TAKER, isOrderPost } from './support/gateway-world.js';

/** The venue has the order, and whoever sent it does not learn so. */
const TAKEN_AND_NOT_TOLD: readonly FaultKind[] = [
  'response-lost',
  'response-late',
  'reset-after',
  'cut-body',
  'truncated',
  'garbage',
  'html-502-after',
  'accepted-5xx',
  'accepted-1007',
  'unknown-status',
];
/** An absence may be concluded no earlier than this after the send, ms. */
const NOT_EARLIER_MS = 40_000;

/** Nothing was sent, or the venue itself has refused all that came. */
function saysNo(world: GatewayWorld): boolean {
  const arrivals = world.world.tap.commands().flatMap(({ deliveries }) => deliveries);
  return world.posts() === 0 || (arrivals.length > 0 && arrivals.every(({ status }) => status >= 400));
}

interface Seen {
  readonly atMs: number;
  readonly status: OrderStatus;
}

/** Follows an order to its end and notes every state that its client could have seen, with its time. */
async function followed(world: GatewayWorld, id: string, ms: number): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  const startMs = world.world.time.elapsedMs;
  while (world.world.time.elapsedMs < startMs + ms) {
    const { status } = world.order(id);
    if (seen.at(-1)?.status !== status) seen.push({ atMs: world.world.time.elapsedMs - startMs, status });
    await world.runFor(250);
  }
  return seen;
}

describe('an order of which the answer is lost', () => {
  it.each(TAKEN_AND_NOT_TOLD)(
    '[lesson 1] [lesson 2] is sent once, found again and filled once where the venue took it: %s',
    async (fault) => {
      const world = await GatewayWorld.open();
      world.offer();
      world.faults.force(fault, { when: isOrderPost });
      const { id } = await world.place(TAKER);
      expect(await world.settled(id)).toMatchObject({ status: 'filled' });
      await world.runFor(60_000);
      expect(world.faults.struck.get(fault)).toBe(1);
      expect(world.posts()).toBe(1);
      expect(world.atVenue()).toHaveLength(1);
      expect(world.story(id)).not.toContain('rejected');
      expect(world.bookedFills()).toEqual(world.venueFills());
    },
  );

  it('[lesson 2] is not sent again on its own where the request itself was lost: not before, and not after its absence is proven', async () => {
    const world = await GatewayWorld.open();
    world.faults.force('request-lost', { when: isOrderPost });
    const { id } = await world.place();
    expect(await world.settled(id)).toMatchObject({ status: 'rejected', rejectReason: { code: 'not-created' } });
    expect(world.story(id)).toEqual(['pending-new', 'unknown', 'rejected']);
    await world.runFor(60_000);
    expect([world.posts(), world.atVenue().length]).toEqual([1, 0]);
  });

  it.each([...HTTP_FAULTS])('[lesson 3] never ends by a fault of the transport, only by what the venue shows: %s', async (fault) => {
    for (const seed of [1, 2, 3]) {
      const world = await GatewayWorld.open({ seed });
      world.faults.force(fault, { when: isOrderPost });
      const { id } = await world.place();
      for (const { atMs, status } of await followed(world, id, 120_000)) {
        if (atMs < NOT_EARLIER_MS && isFinal(status)) expect(saysNo(world), `${fault}: ${status} after ${atMs} ms`).toBe(true);
      }
      // What was said in the end is what is.
      const order = world.order(id);
      expect([order.status, world.atVenue().length]).toEqual(order.status === 'rejected' ? ['rejected', 0] : ['new', 1]);
    }
  });

  it('[lesson 5] stays on the books through a minute without a network: six orders, none called failed, each found again', async () => {
    const world = await GatewayWorld.open();
    world.world.network.partition('gateway', 'from-venue');
    const submits = Array.from({ length: 6 }, () => world.submit());
    await world.until(() => world.atVenue().length === 6);
    world.world.network.partition('gateway', 'both');
    const ids = (await world.world.time.settle(Promise.all(submits))).map((answer) => (answer.ok ? answer.value.order.terms.id : 'none'));
    world.sell(decimal('0.06'));
    await world.runFor(60_000);
    expect(ids.map((id) => world.order(id).status)).toEqual(ids.map(() => 'unknown'));
    const { live } = world.replica.parts;
    expect(
      live
        .open('main')
        .map(({ id }) => id as string)
        .toSorted(),
      'tracked as open exposure',
    ).toEqual(ids.toSorted());
    world.world.network.heal();
    for (const id of ids) expect(await world.settled(id)).toMatchObject({ status: 'filled' });
    expect([world.posts(), world.position(), world.bookedFills()]).toEqual([6, world.venuePosition(), world.venueFills()]);
  });

  it('[lesson 7] is what the stream says it is, although the venue answered that it does not know: nothing is sent again', async () => {
    for (const fault of ['accepted-1007', 'accepted-5xx'] as const) {
      const world = await GatewayWorld.open();
      world.faults.force(fault, { when: isOrderPost });
      const { id } = await world.place();
      await world.until(() => world.order(id).status === 'new', 5_000);
      await world.runFor(120_000);
      expect([world.posts(), world.atVenue().length, world.order(id).status]).toEqual([1, 1, 'new']);
      expect(world.story(id)).not.toContain('rejected');
    }
  });

  it('[lesson 7] is open, not refused, after every answer by which a venue says that it does not know', () => {
    const said = (status: number, body: string) => errorFromAnswer('command', { status, body, retryAfter: null }, 0).outcome;
    for (const code of [-1000, -1001, -1006, -1007]) {
      for (const status of [400, 500, 502, 503, 504]) expect(said(status, JSON.stringify({ code, msg: 'x' }))).toBe('unknown');
    }
    for (const status of [500, 502, 503, 504, 520]) expect(said(status, '<html>')).toBe('unknown');
    const failures: readonly TransportFailure[] = ['deadline', 'broken-connection'];
    expect(failures.map((failure) => new TransportError(failure, 'unknown').outcome)).toEqual(['unknown', 'unknown']);
  });
});
