import type { Clock, Scheduler } from '#libs/kernel';
import { createSimulatedExchange } from '../exchange/index.js';
import type { SimExchange, SimulatedExchangeOptions } from '../exchange/index.js';
import { FaultBoard } from '../faults/index.js';
import { createBinanceProtocol } from '../protocols/binance/index.js';
import type { VenueProtocol } from './protocol.js';
import { TIMINGS_DEFAULT } from './world.js';
import type { LimitsMode, SimulatorTimings, SimulatorWorld } from './world.js';

export interface VenueOptions extends Omit<SimulatedExchangeOptions, 'startMs'> {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly limits?: LimitsMode;
  readonly timings?: Partial<SimulatorTimings>;
  /** Makes the exchange behind the protocol, for a venue that is not as it should be. */
  readonly makeExchange?: (options: SimulatedExchangeOptions) => SimExchange;
}

/** A venue without a server: whoever owns one carries its bytes. */
export interface BareVenue {
  readonly world: SimulatorWorld;
  readonly protocol: VenueProtocol;
}

/** A Binance on the given time, with nothing listening: `protocol` answers requests and takes sockets over. */
export function createBareVenue(options: VenueOptions): BareVenue {
  const { clock, scheduler, limits = 'venue', timings, makeExchange = createSimulatedExchange, ...exchangeOptions } = options;
  const exchange = makeExchange({ ...exchangeOptions, startMs: clock.nowMs() });
  const world: SimulatorWorld = {
    seed: options.seed,
    limits,
    exchange,
    faults: new FaultBoard(options.seed),
    clock,
    scheduler,
    timings: { ...TIMINGS_DEFAULT, ...timings },
  };
  return { world, protocol: createBinanceProtocol(world) };
}
