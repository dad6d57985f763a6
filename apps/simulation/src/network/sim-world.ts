import type { SimAccountPlan } from '#libs/venue-simulator';
import { SeededRandom } from '../random/seeded-random.js';
import { VirtualTime } from '../time/virtual-time.js';
import { FaultPlan, type FaultChances } from './fault-plan.js';
import { SimNetwork } from './sim-network.js';
import { SimVenue, type SimVenueOptions } from './venue-faults.js';
import type { Latency } from './wire.js';
import { WireTap } from './wire-tap.js';

export interface SimWorldOptions extends Omit<SimVenueOptions, 'time' | 'random' | 'faults' | 'accounts'> {
  readonly seed: number;
  readonly accounts?: readonly SimAccountPlan[];
  readonly chances?: FaultChances;
  readonly latency?: Latency;
  /** True wall clock at the start, ms since 1970. */
  readonly startMs?: number;
}

/** One venue and the network around it; replicas are tied to it by `network.link(time.process(name))`. */
export interface SimWorld {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly faults: FaultPlan;
  readonly tap: WireTap;
  readonly venue: SimVenue;
  readonly network: SimNetwork;
}

const FUNDS = { USDT: '1000000', BTC: '20' };
/** The replica's account, and one that trades against it. */
const ACCOUNTS: readonly SimAccountPlan[] = [
  { name: 'main', venue: 'binance', balances: FUNDS },
  { name: 'other-side', venue: 'binance', balances: FUNDS },
];

/** Everything that the seed decides, and nothing that it does not. */
export function createSimWorld(options: SimWorldOptions): SimWorld {
  const { seed, accounts = ACCOUNTS, chances, latency, startMs, ...venueOptions } = options;
  const time = new VirtualTime(startMs);
  const random = new SeededRandom(seed);
  const faults = new FaultPlan(random.fork('faults'), chances);
  const tap = new WireTap();
  const venue = new SimVenue({ ...venueOptions, time, random, faults, accounts });
  const network = new SimNetwork({
    time,
    random: random.fork('network'),
    faults,
    venue,
    tap,
    ...(latency === undefined ? {} : { latency }),
  });
  return { time, random, faults, tap, venue, network };
}
