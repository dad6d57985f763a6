import { SystemClock } from '#libs/kernel';
import type { Clock } from '#libs/kernel';
import { createSimulatedExchange, defaultMarkets } from '../exchange/index.js';
import { FaultBoard } from '../faults/index.js';
import { createBinanceProtocol } from '../protocols/binance/index.js';
import type { VenueProtocol } from './protocol.js';
import type { ControlSurface } from './control.js';
import { TurnScheduler } from './turn-scheduler.js';
import { SimulatorServer } from './simulator-server.js';
import type { Stage } from './simulator-server.js';
import { TIMINGS_DEFAULT } from './world.js';
import type { LimitsMode, SimulatorTimings, SimulatorWorld } from './world.js';

const STEP_MS_DEFAULT = 250;
/** Room for 100,000 ids per second between two starts of the process. */
const IDS_PER_MS = 100;
/** Lifted with the rate limits: a benchmark leaves more orders open than a venue allows. */
const OPEN_ORDERS_UNLIMITED = 1_000_000;
/** The protocols there are; another venue is another line. */
const PROTOCOLS: readonly ((world: SimulatorWorld) => VenueProtocol)[] = [createBinanceProtocol];

export interface SimulatorOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host?: string;
  /** Where it is given, ids and prices repeat from start to start. Without it the seed is 1 and ids go on from the clock. */
  readonly seed?: number;
  readonly limits?: LimitsMode;
  /** Time between two steps of the market makers, ms; 0: only by `POST /_sim/step`. */
  readonly stepMs?: number;
  readonly clock?: Clock;
  readonly timings?: Partial<SimulatorTimings>;
  /** Hears of errors inside the simulator; by default they go to the error stream. */
  readonly onBug?: (error: unknown) => void;
}

export interface RunningSimulator {
  readonly port: number;
  readonly host: string;
  /** The world of the moment: tests look at the exchange behind the wire. */
  world(): SimulatorWorld;
  /** Stops makers, cuts sockets, frees the port. */
  close(): Promise<void>;
}

/**
 * Starts the venue simulator in this process.
 * @throws the error of `listen`, e.g. code `EADDRINUSE`.
 */
export async function startSimulator(options: SimulatorOptions): Promise<RunningSimulator> {
  const clock = options.clock ?? new SystemClock();
  const timings = { ...TIMINGS_DEFAULT, ...options.timings };
  const host = options.host ?? '127.0.0.1';
  let stage = makeStage(options.seed ?? null, options.limits ?? 'venue', clock, timings);
  const step = (): void => stage.world.exchange.makersStep(clock.nowMs());
  const control: ControlSurface = {
    world: () => stage.world,
    venues: () => [...stage.protocols.keys()],
    violations: () => [...stage.protocols.values()].flatMap((protocol) => [...protocol.violations()]),
    reset: (seed, limits) => {
      closeProtocols(stage);
      stage = makeStage(seed, limits, clock, timings);
      server.replaceStage(stage);
    },
    step: (steps) => {
      for (let done = 0; done < steps; done += 1) step();
    },
    strikeOpenSockets: (fault) => server.sockets.strikeOpen(fault),
    endStalls: () => server.sockets.endStalls(),
    announceShutdown: (venue) => stage.protocols.get(venue)?.announceShutdown(),
    openSockets: () => server.sockets.size,
  };
  const server = new SimulatorServer(stage, control, options.onBug ?? tellBug);
  const port = await server.listen(options.port, host);
  const stepMs = options.stepMs ?? STEP_MS_DEFAULT;
  const timer = stepMs > 0 ? setInterval(step, stepMs) : null;
  return {
    port,
    host,
    world: () => stage.world,
    close: async () => {
      if (timer !== null) clearInterval(timer);
      closeProtocols(stage);
      await server.close();
    },
  };
}

function makeStage(seed: number | null, limits: LimitsMode, clock: Clock, timings: SimulatorTimings): Stage {
  const nowMs = clock.nowMs();
  const worldSeed = seed ?? 1;
  const exchange = createSimulatedExchange({
    seed: worldSeed,
    startMs: nowMs,
    ...(seed === null ? { idBase: nowMs * IDS_PER_MS } : {}),
    ...(limits === 'unlimited' ? { markets: defaultMarkets(OPEN_ORDERS_UNLIMITED) } : {}),
  });
  const faults = new FaultBoard(worldSeed);
  const world: SimulatorWorld = { seed: worldSeed, limits, exchange, faults, clock, scheduler: new TurnScheduler(), timings };
  const protocols = new Map(PROTOCOLS.map((create) => create(world)).map((protocol) => [protocol.venue, protocol]));
  return { world, protocols };
}

function tellBug(error: unknown): void {
  process.stderr.write(`venue simulator: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}

function closeProtocols(stage: Stage): void {
  for (const protocol of stage.protocols.values()) protocol.close();
}
