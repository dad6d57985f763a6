import { Command, InvalidArgumentError } from 'commander';
import type { ReplayOut } from './stream-replay.js';

interface ReplayFlags {
  readonly venue: string;
  readonly file?: string;
  readonly cases?: string;
  readonly expect?: string;
  readonly at?: readonly number[];
}

const LINES_MAX = 10_000;

/** `npm run replay -- --venue ID --file REC | --cases CASES`. Exit code 0, 1 on a difference, 2 when something could not be read. */
export function replayCommand(out: ReplayOut = consoleOut): Command {
  return new Command('npm run replay --')
    .description('Feeds recorded venue traffic through the real adapter.')
    .requiredOption('--venue <id>', 'whose traffic it is: binance')
    .option('--file <recording>', 'a stream recording (.jsonl, .jsonl.gz): prints books, trades and counts as JSON')
    .option('--expect <file>', 'with --file: compares with this .expected.json, exits 1 on a difference and prints the first')
    .option('--at <lines>', 'with --file: shows the books after these lines, counted from 1: 100,2000', lineNumbers)
    .option(
      '--cases <file>',
      'single payloads, signing vectors and requests (.jsonl): a line per case that differs or is refused, then the counts',
    )
    .action(async (flags: ReplayFlags) => {
      process.exitCode = await replay(flags, out);
    });
}

const consoleOut: ReplayOut = {
  line: (text) => void process.stdout.write(`${text}\n`),
  error: (text) => void process.stderr.write(`${text}\n`),
};

async function replay(flags: ReplayFlags, out: ReplayOut): Promise<number> {
  const { venue, file, cases } = flags;
  if ((file === undefined) === (cases === undefined)) {
    out.error('replay: exactly one of --file and --cases is needed');
    return 2;
  }
  if (cases !== undefined) return (await import('./cases/run-cases.js')).runCases({ venue, file: cases, out });
  const { runStreamReplay } = await import('./stream-replay.js');
  return runStreamReplay({ venue, file: file!, expect: flags.expect ?? null, at: flags.at ?? [], out });
}

function lineNumbers(text: string): readonly number[] {
  const numbers = text.split(',').map((part) => (/^\d{1,9}$/.test(part.trim()) ? Number.parseInt(part, 10) : 0));
  if (numbers.length > LINES_MAX || numbers.some((number) => number < 1))
    throw new InvalidArgumentError('line numbers from 1, with commas between them');
  return numbers;
}
