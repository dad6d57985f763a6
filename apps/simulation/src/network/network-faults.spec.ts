import { describe, expect, it } from 'vitest';
import { TransportError, type HttpRequest } from '#libs/exchanges/transport';
import { CONNECT_FAULTS, HTTP_FAULTS, type FaultKind } from './fault-plan.js';
import { JoinedWorld, SEND, placeCommand } from './testing/joined-world.js';

/** What the sender of an order learns, how often the venue got it, and how many orders there are when all has arrived. */
type Consequence = readonly [fault: FaultKind, outcome: string, arrivals: number, orders: number];

const CONSEQUENCES: readonly Consequence[] = [
  ['refused', 'not-sent', 0, 0],
  ['request-lost', 'unknown', 0, 0],
  ['response-lost', 'unknown', 1, 1],
  ['response-late', 'unknown', 1, 1],
  ['reset-before', 'unknown', 0, 0],
  ['reset-after', 'unknown', 1, 1],
  ['duplicated', 'new', 2, 1],
  ['reordered', 'new', 1, 1],
  ['cut-body', 'unknown', 1, 1],
  ['truncated', 'unknown', 1, 1],
  ['garbage', 'unknown', 1, 1],
  ['html-403', 'unknown', 0, 0],
  ['html-502-before', 'unknown', 0, 0],
  ['html-502-after', 'unknown', 1, 1],
];

/** A request may be up to 70 s late and is answered in time in one case of forty: enough seeds to see every case. */
const SEEDS = 250;

const isPost = ({ method }: { readonly method: string }): boolean => method === 'POST';

describe('a fault of the network', () => {
  it.each(CONSEQUENCES)(
    '%s: the sender learns "%s", the request arrives %i times, and makes %i orders',
    async (fault, outcome, arrivals, orders) => {
      const joined = await JoinedWorld.open();
      const { world } = joined;
      world.faults.force(fault, { when: isPost });
      const answer = await joined.place();
      expect('outcome' in answer ? answer.outcome : answer.status).toBe(outcome);
      await world.time.runFor(10_000);
      expect(joined.orders()).toHaveLength(orders);
      const [record] = world.tap.commands();
      expect(record?.deliveries.length ?? 0).toBe(arrivals);
      expect(record === undefined).toBe(fault === 'refused');
      expect(world.faults.struck.get(fault)).toBe(1);
    },
  );

  it.each(['request-late', 'connect-slow', 'drip'] as const)(
    '%s strikes by seed: what the sender learns fits what the venue did',
    async (fault) => {
      const seen = new Set<string>();
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const joined = await JoinedWorld.open({ seed });
        const { world } = joined;
        world.faults.force(fault, { when: isPost });
        const answer = await joined.place();
        const learned = 'outcome' in answer ? answer.outcome : answer.status;
        await world.time.runFor(90_000);
        if (learned === 'not-sent') expect(world.tap.commands()).toEqual([]);
        if (learned === 'new') expect(joined.orders()).toHaveLength(1);
        seen.add(`${learned} ${joined.orders().length}`);
      }
      const possible = {
        'request-late': ['new 1', 'unknown 0', 'unknown 1'],
        'connect-slow': ['new 1', 'not-sent 0'],
        drip: ['new 1', 'unknown 1'],
      };
      expect([...seen].toSorted()).toEqual(expect.arrayContaining(possible[fault]));
    },
  );

  it('delivers no duplicate of an order whose id the venue has forgotten, as it does once it is filled: nobody can repeat an encrypted record', async () => {
    const joined = await JoinedWorld.open();
    const { world } = joined;
    world.faults.force('duplicated', { when: isPost });
    const filler = world.venue.exchange.onAccountEvent((_account, event) => {
      if (event.type === 'order' && event.execution === 'new' && event.order.account === 'main') joined.sell(event.order.originalQuantity);
    });
    await joined.place();
    await world.time.runFor(10_000);
    filler();
    expect(world.faults.struck.get('duplicated')).toBe(1);
    expect(joined.orders()).toHaveLength(1);
    expect(world.tap.commands()[0]!.deliveries).toHaveLength(1);
  });

  it('knows every kind of fault on the way of a request', () => {
    const told = new Set<string>([...CONSEQUENCES.map(([fault]) => fault), 'request-late', 'connect-slow', 'drip']);
    expect(HTTP_FAULTS.filter((fault) => !told.has(fault))).toEqual([]);
  });

  it('never writes what may not be written so late, and says that nothing was sent', async () => {
    const joined = await JoinedWorld.open();
    const { http } = joined.world.network.link(joined.replica.process);
    const request: HttpRequest = { method: 'POST', path: '/api/v3/order', body: 'x=1', headers: [], deadlineMs: 1_000, writeWithinMs: 1 };
    const error = await joined.world.time.settle(http.request(request).catch((reason: unknown) => reason));
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ failure: 'deadline', outcome: 'not-sent' });
    expect(joined.world.tap.commands()).toEqual([]);
  });
});

describe('a partition', () => {
  it('loses requests one way and answers the other way; new connections fail either way', async () => {
    for (const [direction, orders] of [
      ['to-venue', 0],
      ['from-venue', 1],
    ] as const) {
      const joined = await JoinedWorld.open();
      joined.world.network.partition('a', direction);
      expect(await joined.place()).toMatchObject({ outcome: 'unknown' });
      expect(joined.orders()).toHaveLength(orders);
      expect(await joined.place()).toMatchObject({ outcome: 'not-sent' });
      joined.world.network.restore('a');
      await joined.world.time.runFor(60_000);
      expect(await joined.place()).toMatchObject({ status: 'new' });
      expect(joined.isLive).toBe(true);
    }
  });

  it('is noticed by the stream, which joins again afterwards', async () => {
    const joined = await JoinedWorld.open();
    joined.world.network.partition('a', 'from-venue');
    await joined.world.time.run(() => !joined.isLive, { untilMs: 120_000 });
    expect(joined.isLive).toBe(false);
    joined.world.network.heal();
    await joined.world.time.run(() => joined.isLive, { untilMs: 300_000 });
    expect(joined.isLive).toBe(true);
  });
});

describe('a process', () => {
  it('that is killed hears nothing more, while what it wrote goes on; the venue loses its socket', async () => {
    const joined = await JoinedWorld.open();
    const { world, replica, account, events } = joined;
    void account.send(account.prepare(placeCommand(replica.ids.uuid())), SEND);
    replica.process.kill();
    const heard = events.length;
    await world.time.runFor(30_000);
    expect(events).toHaveLength(heard);
    expect(joined.orders()).toHaveLength(1);
    expect(world.tap.commands()[0]!.outcome).toBeNull();
    const written = world.tap.records.length;
    // A socket that the venue still held would be pinged.
    const thenMs = world.time.elapsedMs;
    expect(await world.time.run(() => false, { tasksMax: 100 })).toBe('idle');
    expect(world.time.elapsedMs).toBe(thenMs);
    expect(world.tap.records).toHaveLength(written);
  });

  it('that was paused hears late of what happened meanwhile', async () => {
    const joined = await JoinedWorld.open();
    const { world, replica, account } = joined;
    const sent = joined.settled(account.send(account.prepare(placeCommand(replica.ids.uuid())), SEND));
    replica.process.pause();
    world.time.world.scheduler.after(30_000, () => replica.process.resume());
    const startedMs = world.time.elapsedMs;
    expect(await sent).toMatchObject({ status: 'new' });
    expect(world.time.elapsedMs - startedMs).toBeGreaterThanOrEqual(30_000);
  });
});

describe('a fault of a socket', () => {
  it.each(CONNECT_FAULTS)('%s: the session tries again', async (fault) => {
    const joined = await JoinedWorld.open();
    const { world } = joined;
    world.faults.force('socket-cut');
    world.faults.force(fault, { times: 3 });
    await joined.place();
    await world.time.run(() => !joined.isLive, { untilMs: 60_000 });
    await world.time.run(() => joined.isLive, { untilMs: 300_000 });
    expect(joined.isLive).toBe(true);
    expect(world.faults.struck.get(fault)).toBe(3);
  });

  const reports = (joined: JoinedWorld): number => joined.events.filter(({ kind }) => kind === 'order').length;

  it('that is half open is dropped for want of a pong', async () => {
    const joined = await JoinedWorld.open();
    joined.world.faults.force('socket-half-open');
    await joined.place();
    await joined.world.time.run(() => !joined.isLive, { untilMs: 120_000 });
    expect(joined.events.findLast(({ kind }) => kind === 'stream')).toMatchObject({ state: 'lost', reason: 'no-pong' });
  });

  it('that is silent goes on as if nothing were wrong, and tells nothing', async () => {
    const joined = await JoinedWorld.open();
    joined.world.faults.force('socket-silent');
    await joined.place();
    await joined.world.time.runFor(4_000);
    expect([joined.isLive, reports(joined)]).toEqual([true, 0]);
    await joined.world.time.runFor(200_000);
    await joined.place();
    await joined.world.time.runFor(1_000);
    expect([joined.isLive, reports(joined)]).toEqual([true, 1]);
  });

  it('drops a frame, doubles one, or lets one come late', async () => {
    const heardAfter = async (fault: FaultKind): Promise<number> => {
      const joined = await JoinedWorld.open();
      joined.world.faults.force(fault);
      await joined.place();
      await joined.world.time.runFor(15_000);
      return reports(joined);
    };
    expect(await heardAfter('frame-dropped')).toBe(0);
    expect(await heardAfter('frame-duplicated')).toBe(2);
    expect(await heardAfter('frame-delayed')).toBe(1);
  });

  it('that ends the subscription is left, and the stream is joined anew', async () => {
    const joined = await JoinedWorld.open();
    joined.world.faults.force('stream-ended');
    await joined.place();
    await joined.world.time.run(() => !joined.isLive, { untilMs: 60_000 });
    expect(joined.events.findLast(({ kind }) => kind === 'stream')).toMatchObject({ state: 'lost', reason: 'eventStreamTerminated' });
    await joined.world.time.run(() => joined.isLive, { untilMs: 60_000 });
    expect(joined.isLive).toBe(true);
  });

  it('lets a later frame overtake one', async () => {
    const joined = await JoinedWorld.open();
    joined.world.faults.force('frame-reordered');
    await joined.place();
    await joined.world.time.runFor(15_000);
    expect(joined.events.map(({ kind }) => kind).slice(-2)).toEqual(['balances', 'order']);
  });
});
