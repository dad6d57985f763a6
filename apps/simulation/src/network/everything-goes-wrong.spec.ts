import { describe, expect, it } from 'vitest';
import { VenueError } from '#libs/exchanges/contract';
import { decimalText } from '#libs/kernel';
import type { SeededRandom } from '../random/seeded-random.js';
import type { VirtualProcess } from '../time/virtual-process.js';
import {
  COMMAND_FAULTS,
  CONNECT_FAULTS,
  FRAME_FAULTS,
  HTTP_FAULTS,
  READ_FAULTS,
  VENUE_FAULTS,
  type FaultChances,
  type FaultKind,
} from './fault-plan.js';
import { createReplica, type Replica } from './replica.js';
import { createSimWorld, type SimWorld } from './sim-world.js';
import { placeCommand, SEND } from './testing/joined-world.js';

const KINDS: readonly FaultKind[] = [
  ...HTTP_FAULTS,
  ...CONNECT_FAULTS,
  ...FRAME_FAULTS,
  ...VENUE_FAULTS,
  ...COMMAND_FAULTS,
  ...READ_FAULTS,
].filter((kind) => kind !== 'banned');
const CHANCES: FaultChances = Object.fromEntries(KINDS.map((kind) => [kind, 0.012]));
const SEEDS = 25;
const STEPS = 80;

interface Slot {
  readonly replica: Replica;
  readonly account: ReturnType<Replica['account']>;
  readonly life: number;
}

function started(world: SimWorld, name: string, life: number): Slot {
  const replica = createReplica(world, { name, life });
  const account = replica.account('main');
  account.subscribe(() => undefined);
  void replica.exchange.start();
  return { replica, account, life };
}

/** Places, cancels and asks. What fails is a `VenueError`; anything else is a bug, and ends the run as an unhandled rejection. */
async function work({ account, replica }: Slot, isMarket: boolean): Promise<void> {
  const venueClientId = replica.ids.uuid();
  const reference = { symbol: 'BTC/USDT', venueClientId, venueOrderId: null };
  const change = isMarket ? ({ type: 'market', price: null, timeInForce: null } as const) : {};
  try {
    await account.send(account.prepare(placeCommand(venueClientId, change)), SEND);
    await account.send(account.prepare({ kind: 'cancel', ...reference }), SEND);
    await account.queryOrder(reference);
    await account.fills({ symbol: 'BTC/USDT' });
    await account.balances();
  } catch (error) {
    if (!(error instanceof VenueError)) throw error;
  }
}

function pauseFor(world: SimWorld, process: VirtualProcess, ms: number): void {
  process.pause();
  world.time.world.scheduler.after(ms, () => process.resume());
}

/** What happens to processes and to the line between them and the venue. */
function misfortune(world: SimWorld, slots: Slot[], random: SeededRandom): void {
  const at = random.between(0, slots.length - 1);
  const { replica, life } = slots[at]!;
  const { process } = replica;
  if (random.chance(0.03)) {
    process.kill();
    slots[at] = started(world, process.name, life + 1);
  }
  if (random.chance(0.03)) pauseFor(world, process, random.between(1, 60_000));
  if (random.chance(0.02)) pauseFor(world, world.venue.process, random.between(1, 8_000));
  if (random.chance(0.03)) process.jumpWallClock(random.between(-10_000, 10_000));
  if (random.chance(0.03)) {
    world.network.partition(process.name, random.pick(['both', 'to-venue', 'from-venue'] as const));
    world.time.world.scheduler.after(random.between(1, 20_000), () => world.network.restore(process.name));
  }
}

async function story(seed: number) {
  const world = createSimWorld({ seed, chances: CHANCES, marketMakers: seed % 2 === 0, clockOffsetMs: ((seed % 11) - 5) * 1_000 });
  const { time, venue, network, faults, tap } = world;
  const random = world.random.fork('story');
  const slots = ['a', 'b'].map((name) => started(world, name, 0));
  await time.runFor(5_000);
  for (let step = 0; step < STEPS; step += 1) {
    void work(random.pick(slots), random.chance(0.3));
    misfortune(world, slots, random);
    await time.runFor(random.between(1, 1_500));
  }
  network.heal();
  await time.runFor(200_000);
  const states = slots
    .map(({ replica }) => replica.exchange.status())
    .map(({ state, streams }) => [state, ...streams.map((one) => one.state)]);
  return { digest: tap.digest(), states, totals: venue.exchange.totals(), struck: [...faults.struck.keys()], tasks: time.tasks };
}

describe('when everything goes wrong', () => {
  it('money is conserved, and after the healing every replica is up and hears its account, whatever the seed', async () => {
    const struck = new Set<FaultKind>();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const one = await story(seed);
      expect(one.states, `seed ${seed}`).toEqual([
        ['up', 'live'],
        ['up', 'live'],
      ]);
      for (const { asset, deposited, accounts, makers, fees } of one.totals) {
        expect(decimalText(accounts.plus(makers).plus(fees)), `seed ${seed} ${asset}`).toBe(decimalText(deposited));
      }
      for (const kind of one.struck) struck.add(kind);
    }
    expect(KINDS.filter((kind) => !struck.has(kind))).toEqual([]);
  });

  it('goes wrong in the same way in every run of a seed', async () => {
    for (const seed of [3, 8]) expect(await story(seed)).toEqual(await story(seed));
  });
});
