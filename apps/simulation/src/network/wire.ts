import type { SeededRandom } from '../random/seeded-random.js';
import type { VirtualProcess } from '../time/virtual-process.js';
import type { VirtualTime } from '../time/virtual-time.js';
import type { FaultPlan } from './fault-plan.js';
import type { SimVenue } from './venue-faults.js';
import type { WireTap } from './wire-tap.js';

export interface Latency {
  /** One way, at the least, ms. */
  readonly baseMs: number;
  /** Added at random, evenly, ms. */
  readonly jitterMs: number;
}

export interface SimNetworkOptions {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly faults: FaultPlan;
  readonly venue: SimVenue;
  readonly tap: WireTap;
  readonly latency?: Latency;
}

/** One replica's way to the venue. */
export interface Wire extends Required<SimNetworkOptions> {
  readonly process: VirtualProcess;
  /** The address by which the venue knows this replica. */
  readonly ip: string;
  /** One way, for something that leaves now, ms. */
  latencyMs(): number;
  blocks(direction: 'to-venue' | 'from-venue'): boolean;
}
