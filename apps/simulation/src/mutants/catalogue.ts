import { BOOKING_MUTANTS } from './booking-mutants.js';
import { KEEPING_MUTANTS } from './keeping-mutants.js';
import type { Mutant } from './mutant.js';
import { RESOLVING_MUTANTS } from './resolving-mutants.js';
import { SENDING_MUTANTS } from './sending-mutants.js';

/** Every planted error. Each must be noticed by an invariant within `SEEDS_MAX` seeds: else a checker is blind, or the workload too tame. */
export const MUTANTS: readonly Mutant[] = [...SENDING_MUTANTS, ...RESOLVING_MUTANTS, ...BOOKING_MUTANTS, ...KEEPING_MUTANTS];

export const SEEDS_MAX = 500;

export class NoSuchMutant extends Error {
  override readonly name = 'NoSuchMutant';
}

/** @throws {NoSuchMutant} */
export function mutantNamed(name: string): Mutant {
  const found = MUTANTS.find((mutant) => mutant.name === name);
  if (found === undefined) throw new NoSuchMutant(`there is no mutant ${name}`);
  return found;
}
