import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { CRASH_POINTS } from '#libs/orders';
import type { CrashPoint } from '#libs/orders';
import { CrashRun } from './crash-run.js';

/** Two levels of `src` and the build folder lie between this file, once built, and the checkout. */
const ROOT = fileURLToPath(new URL('../../../../..', import.meta.url));
const COUNT_MAX = 1_000;
const SEED_SPAN = 1_000_000;
/** As a shell counts a process that a signal ended. */
const BROKEN_OFF = 130;

interface Options {
  readonly rounds: number;
  readonly point: readonly CrashPoint[];
  readonly storms: number;
  readonly pauses: number;
  readonly lanes: number;
  readonly seed?: number;
  readonly report?: string;
}

function whole(text: string): number {
  const count = Number.parseInt(text, 10);
  if (!/^\d+$/.test(text) || count > COUNT_MAX) throw new InvalidArgumentError(`a whole number up to ${COUNT_MAX}`);
  return count;
}

function oneOrMore(text: string): number {
  const count = whole(text);
  if (count < 1) throw new InvalidArgumentError('at least 1');
  return count;
}

function seedOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number of at most 9 digits');
  return Number.parseInt(text, 10);
}

function points(text: string, before: readonly CrashPoint[]): readonly CrashPoint[] {
  const point = CRASH_POINTS.find((known) => known === text);
  if (point === undefined) throw new InvalidArgumentError(`one of ${CRASH_POINTS.join(', ')}`);
  return [...before, point];
}

/** `npm run test:crash`. Exit code 0 when the venue's ledger agrees with everything and every point was reached, else 1. */
function crashCommand(): Command {
  return new Command('npm run test:crash --')
    .description(
      'Kills gateways where it hurts most, under load, and lets the ledger of the simulated venue judge: no order twice, none lost,\n' +
        'none guessed, none left unknown. Real Postgres; venue and gateway are processes of their own. At every named crash point the\n' +
        'gateway kills itself with SIGKILL; it is killed at random moments, and paused for longer than its lease.',
    )
    .option('--rounds <n>', 'crashes at each point', oneOrMore, 2)
    .option('--point <name>', 'only this point; may be given several times', points, [])
    .option('--storms <n>', 'kills from outside at random moments', whole, 20)
    .option('--pauses <n>', 'pauses of 15 s', whole, 1)
    .option('--lanes <n>', 'databases, venues and gateways side by side', oneOrMore, 3)
    .option('--seed <n>', 'varies the load, and which passing of a point is the last; the timing of processes stays its own', seedOf)
    .option('--report <file>', 'writes the counts of good and bad lines as JSON')
    .action(async (options: Options) => {
      process.exitCode = await run(options);
    });
}

async function run({ rounds, point, storms, pauses, lanes, seed, report }: Options): Promise<number> {
  const isAll = point.length === 0;
  const plan = { rounds, points: isAll ? CRASH_POINTS : point, storms: isAll ? storms : 0, pauses: isAll ? pauses : 0 };
  const out = (line: string): void => void process.stdout.write(`${line}\n`);
  const crashes = new CrashRun({ ...plan, lanes, seed: seed ?? Math.floor(Math.random() * SEED_SPAN), root: ROOT }, out);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void crashes.close().finally(() => process.exit(BROKEN_OFF)));
  const isGood = await crashes.run();
  for (const line of crashes.report.table()) out(line);
  if (report !== undefined) writeFileSync(report, JSON.stringify(crashes.report.totals()));
  return isGood ? 0 : 1;
}

await crashCommand()
  .parseAsync()
  .catch((failure: unknown) => {
    process.stderr.write(`test:crash: ${failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)}\n`);
    // Lanes beside the one that failed would go on.
    process.exit(1);
  });
