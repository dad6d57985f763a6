import { CONNECT_FAULTS, FRAME_FAULTS, HTTP_FAULTS, READ_FAULTS, VENUE_FAULTS, COMMAND_FAULTS } from '../network/fault-plan.js';
import type { FaultChances, FaultKind } from '../network/fault-plan.js';
import type { SeededRandom } from '../random/seeded-random.js';
import { DATABASE_FAULTS } from '../store/database-line.js';
import type { DatabaseFault } from '../store/database-line.js';

/** What may go wrong in one run, and how often. */
export interface FaultProfile {
  readonly chances: FaultChances;
  readonly databaseChances: Readonly<Partial<Record<DatabaseFault, number>>>;
  readonly crashChance: number;
  /** Disasters in one run, at most: kills, pauses, outages, cuts, jumps, switches. */
  readonly disasters: number;
}

/** These stop a venue, or a whole address, for a long time: seldom, or nothing else would happen in a run. */
const HEAVY: ReadonlySet<FaultKind> = new Set(['banned', 'maintenance', 'rate-limited', 'overfill', 'async-reject', 'socket-half-open']);

/**
 * Each run has some kinds of faults and not others: where everything fails at once, little of interest is reached. One run in eight is
 * calm, so that what only happens after success is seen as well.
 */
export function profileOf(random: SeededRandom): FaultProfile {
  if (random.chance(0.125)) return { chances: {}, databaseChances: {}, crashChance: 0, disasters: random.between(0, 2) };
  const wild = random.chance(0.3) ? 3 : 1;
  const chances: Partial<Record<FaultKind, number>> = {};
  for (const kind of [...HTTP_FAULTS, ...CONNECT_FAULTS, ...FRAME_FAULTS, ...VENUE_FAULTS, ...COMMAND_FAULTS, ...READ_FAULTS]) {
    if (random.chance(0.35)) chances[kind] = (HEAVY.has(kind) ? 0.004 : 0.02) * wild * random.next();
  }
  const databaseChances: Partial<Record<DatabaseFault, number>> = {};
  for (const kind of DATABASE_FAULTS) if (random.chance(0.3)) databaseChances[kind] = 0.03 * random.next();
  return { chances, databaseChances, crashChance: random.chance(0.5) ? 0.004 * random.next() : 0, disasters: random.between(0, 6) };
}
