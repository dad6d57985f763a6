import { MUTANTS, mutantNamed, SEEDS_MAX } from '../mutants/catalogue.js';
import { hunt } from '../mutants/hunt.js';
import type { Hunt } from '../mutants/hunt.js';
import { mutatedFiles } from '../mutants/plant.js';
import { paintFor } from './paint.js';
import { huntTable } from './report.js';

export interface HuntFlags {
  /** `null`: all of them. */
  readonly name: string | null;
  readonly jobs: number;
  readonly json: boolean;
}

/** Plants the mutants one after the other, prints what noticed each, and answers the exit code. @throws NoSuchMutant, MutantRotten, WorkerFailed */
export async function runHunt({ name, jobs, json }: HuntFlags): Promise<number> {
  const mutants = name === null ? MUTANTS : [mutantNamed(name)];
  // Before the first is played: one that fits nothing any more would end the hunt in its middle.
  for (const mutant of mutants) mutatedFiles(mutant);
  let done = 0;
  const hunts = await hunt(mutants, {
    jobs,
    onHunt: ({ mutant, killedBy, seeds }) => {
      done += 1;
      const end = killedBy === null ? 'survived' : `${killedBy.invariant} at seed ${killedBy.seed}`;
      process.stderr.write(`${done} of ${mutants.length}: ${mutant.name}: ${end} (${seeds} seeds)\n`);
    },
  });
  process.stdout.write(`${json ? JSON.stringify(hunts.map(lineOf), null, 2) : `\n${huntTable(hunts, paintFor())}`}\n`);
  return hunts.every(({ killedBy }) => killedBy !== null) ? 0 : 1;
}

function lineOf({ mutant, killedBy, seeds, durationMs }: Hunt) {
  return { name: mutant.name, about: mutant.about, killedBy, seeds, seedsMax: SEEDS_MAX, durationMs: Math.round(durationMs) };
}
