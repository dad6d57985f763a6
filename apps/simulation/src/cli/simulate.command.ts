import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { runHunt } from './run-hunt.js';
import { runOne } from './run-one.js';
import { runSeeds } from './run-seeds.js';

interface SimulateFlags {
  readonly seeds: number;
  readonly from: number;
  readonly seed?: number;
  readonly trace: boolean;
  readonly order?: string;
  readonly mutants?: true | string;
  readonly jobs: number;
  readonly json: boolean;
}

const SEEDS_DEFAULT = 2_000;

/** `npm run simulate`. Exit code 0; 1 where an invariant was violated or a mutant survived; 2 where nothing could be run. */
export function simulateCommand(): Command {
  return new Command('npm run simulate --')
    .description(
      'Runs the order engine against a venue, a network and a database that fail, on virtual time, and checks every invariant of the order\n' +
        'protocol. A seed decides everything: a failing seed is printed with the command that replays it. Seeds that failed once run first.',
    )
    .option('--seeds <n>', 'how many seeds', wholeNumber, SEEDS_DEFAULT)
    .option('--from <n>', 'the first of them', wholeNumber, 1)
    .option('--seed <n>', 'one seed alone, in this process', wholeNumber)
    .option('--trace', 'with --seed: everything that happened, line by line', false)
    .option('--order <id>', "with --seed: one order's events, permits and requests")
    .option('--mutants [name]', 'plants each known error, or one, and sees that an invariant notices it')
    .option('--jobs <n>', 'worker processes; by default one for each CPU', wholeNumber, availableParallelism())
    .option('--json', 'prints the results as JSON, and progress on the error stream', false)
    .action(async (flags: SimulateFlags) => {
      process.exitCode = await simulate(flags);
    });
}

function simulate(flags: SimulateFlags): Promise<number> {
  const { seed, mutants, trace, order = null, jobs, json } = flags;
  if (mutants !== undefined) return runHunt({ name: mutants === true ? null : mutants, jobs, json });
  if (seed !== undefined) return runOne({ seed, trace, orderId: order, json });
  if (trace || order !== null) {
    process.stderr.write('simulate: --trace and --order need --seed\n');
    return Promise.resolve(2);
  }
  return runSeeds({ from: flags.from, count: flags.seeds, jobs, json });
}

function wholeNumber(text: string): number {
  const number = Number.parseInt(text, 10);
  if (!/^\d{1,9}$/.test(text) || number < 1) throw new InvalidArgumentError('a whole number from 1');
  return number;
}
