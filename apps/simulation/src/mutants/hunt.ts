import type { SeedOutcome } from '../cli/seed-outcome.js';
import { WorkerPool } from '../cli/worker-pool.js';
import { SEEDS_MAX } from './catalogue.js';
import type { Mutant } from './mutant.js';

/** What became of one mutant. */
export interface Hunt {
  readonly mutant: Mutant;
  /** What noticed it; `null` where nothing did. */
  readonly killedBy: { readonly invariant: string; readonly text: string; readonly seed: number } | null;
  /** How many seeds were played. */
  readonly seeds: number;
  readonly durationMs: number;
}

export interface HuntOptions {
  readonly jobs: number;
  /** Told as they come; a mutant may be told of again where the seed that noticed it proved nothing. */
  readonly onHunt: (hunt: Hunt) => void;
}

/** Circles are what some mutants are for: a seed takes a tenth of a second when nothing is wrong. */
const SEED_TIMEOUT_MS = 20_000;

/**
 * Plays seeds with each mutant until one of them is a violation. A seed that fails without any mutant proves nothing, and is left out.
 * @throws WorkerFailed where a mutant cannot be planted.
 */
export async function hunt(mutants: readonly Mutant[], options: HuntOptions): Promise<readonly Hunt[]> {
  const hunts = new Map<Mutant, Hunt>();
  const sound = new Set<number>();
  const failing = new Set<number>();
  for (let left = [...mutants]; left.length > 0;) {
    await huntSome(left, failing, options, (hunt) => {
      hunts.set(hunt.mutant, hunt);
      options.onHunt(hunt);
    });
    const unproven = [...hunts.values()].flatMap(({ killedBy }) => (killedBy === null || sound.has(killedBy.seed) ? [] : [killedBy.seed]));
    await WorkerPool.play([...new Set(unproven)], {
      jobs: options.jobs,
      mutant: null,
      onOutcome: ({ seed, violations }) => (violations.length === 0 ? sound : failing).add(seed),
      isEnough: () => false,
    });
    left = mutants.filter((mutant) => {
      const killedBy = hunts.get(mutant)!.killedBy;
      return killedBy !== null && failing.has(killedBy.seed);
    });
  }
  return mutants.map((mutant) => hunts.get(mutant)!);
}

async function huntSome(
  mutants: readonly Mutant[],
  failing: ReadonlySet<number>,
  { jobs }: HuntOptions,
  onHunt: (hunt: Hunt) => void,
): Promise<void> {
  const waiting = [...mutants];
  const worker = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) onHunt(await huntOne(mutant, failing));
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, worker));
}

async function huntOne(mutant: Mutant, failing: ReadonlySet<number>): Promise<Hunt> {
  const beganMs = performance.now();
  let seeds = 0;
  let killer: SeedOutcome | null = null;
  const range = Array.from({ length: SEEDS_MAX }, (_, index) => index + 1);
  await WorkerPool.play(
    range.filter((seed) => !failing.has(seed)),
    {
      jobs: 1,
      mutant: mutant.name,
      seedTimeoutMs: SEED_TIMEOUT_MS,
      onOutcome: (outcome) => {
        if (killer !== null) return;
        seeds += 1;
        if (outcome.violations.length > 0) killer = outcome;
      },
      isEnough: () => killer !== null,
    },
  );
  return { mutant, killedBy: killedBy(killer), seeds, durationMs: performance.now() - beganMs };
}

function killedBy(outcome: SeedOutcome | null): Hunt['killedBy'] {
  const [violation] = outcome?.violations ?? [];
  return outcome === null || violation === undefined ? null : { ...violation, seed: outcome.seed };
}
