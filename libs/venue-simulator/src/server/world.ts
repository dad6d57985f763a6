import type { Clock, Scheduler } from '#libs/kernel';
import type { SimExchange } from '../exchange/types.js';
import type { FaultBoard } from '../faults/index.js';

export type LimitsMode = 'venue' | 'unlimited';

/** How long things take at the simulated venues, ms. Tests shorten them; users need not know. */
export interface SimulatorTimings {
  readonly pingEveryMs: number;
  readonly pongWithinMs: number;
  readonly connectionLifeMs: number;
}

export const TIMINGS_DEFAULT: SimulatorTimings = { pingEveryMs: 20_000, pongWithinMs: 60_000, connectionLifeMs: 86_400_000 };

/** All that lives from one reset to the next, shared by the protocols. */
export interface SimulatorWorld {
  readonly seed: number;
  readonly limits: LimitsMode;
  readonly exchange: SimExchange;
  readonly faults: FaultBoard;
  readonly clock: Clock;
  /** Everything at the venue that happens later; without a delay: at the end of this turn. */
  readonly scheduler: Scheduler;
  readonly timings: SimulatorTimings;
}

/** A venue's own clock: ours, bent by `clock-skew` faults. */
export function venueNowMs(world: SimulatorWorld, venue: string): number {
  const nowMs = world.clock.nowMs();
  return world.faults.isEmpty ? nowMs : nowMs + world.faults.skewMs(venue);
}
