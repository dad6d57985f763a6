import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { BinanceReplayer } from './binance-replayer.js';
import { firstDifference, type Difference } from './expected-difference.js';
import { recordingLines } from './recording-lines.js';
import type { ReplayResult, StreamReplayer } from './stream-result.js';

/** Results go to `line`, remarks for people to `error`. */
export interface ReplayOut {
  line(text: string): void;
  error(text: string): void;
}

export interface StreamReplayOptions {
  /** `binance`; the names of the recordings and of the simulated venue (`binance-spot`, `binance-sim`) do as well. */
  readonly venue: string;
  /** `.jsonl` or `.jsonl.gz`. */
  readonly file: string;
  /** A `.expected.json` to compare with. */
  readonly expect?: string | null;
  /** 1-based lines after which the books are shown. */
  readonly at?: readonly number[];
  readonly out: ReplayOut;
}

const REPLAYERS: Readonly<Record<string, () => StreamReplayer>> = { binance: () => new BinanceReplayer() };

/** What we need of an expectation before the recording runs: where each book is to be looked at. */
const expectation = z.looseObject({
  books: z.record(z.string(), z.looseObject({ checkpoints: z.array(z.looseObject({ line: z.int().positive() })).optional() })).optional(),
});

/**
 * Feeds a recording of venue traffic through the real adapter code and prints books, trades and counts as one JSON.
 * @returns the exit code: 0, 1 on a difference from the expectation, 2 when something could not be read.
 */
export async function runStreamReplay(options: StreamReplayOptions): Promise<number> {
  try {
    const expected = options.expect == null ? null : expectation.parse(JSON.parse(await readFile(options.expect, 'utf8')));
    const result = await replayStream(options.venue, options.file, marksOf(options.at ?? [], expected));
    const difference = expected === null ? null : firstDifference(expected, result);
    options.out.line(JSON.stringify(difference === null ? result : { ...result, difference: shown(difference) }, null, 1));
    if (difference === null) return 0;
    options.out.error(`first difference at ${difference.path}: expected ${text(difference.expected)}, got ${text(difference.actual)}`);
    return 1;
  } catch (error) {
    options.out.error(error instanceof z.ZodError ? 'the expectation has not the documented form' : reason(error));
    return 2;
  }
}

/** Lines at which to look, with the symbols to look at; `null`: all of them. */
export type ReplayMarks = ReadonlyMap<number, readonly (string | null)[]>;

/**
 * The same, without printing.
 * @throws {RangeError} for an unknown venue or a line that is no recorded message; I/O errors as they come.
 */
export async function replayStream(venue: string, file: string, marks: ReplayMarks): Promise<ReplayResult> {
  const replayer = REPLAYERS[venue.replace(/-(spot|sim)$/, '')]?.();
  if (replayer === undefined) throw new RangeError(`no replay for venue ${venue}: one of ${Object.keys(REPLAYERS).join(', ')}`);
  let last = 0;
  for await (const line of recordingLines(file)) {
    // A blank line says nothing, so the books after it are those before it.
    for (let skipped = last + 1; skipped < line.number; skipped += 1) markAt(replayer, marks, skipped);
    replayer.feed(line);
    markAt(replayer, marks, line.number);
    last = line.number;
  }
  return replayer.result();
}

function markAt(replayer: StreamReplayer, marks: ReplayMarks, line: number): void {
  for (const symbol of marks.get(line) ?? []) replayer.mark(line, symbol);
}

/** Lines named by the user are for all books; those of an expectation for the book it names. */
function marksOf(at: readonly number[], expected: z.infer<typeof expectation> | null): ReplayMarks {
  const marks = new Map<number, (string | null)[]>(at.map((line) => [line, [null]]));
  for (const [symbol, book] of Object.entries(expected?.books ?? {})) {
    for (const { line } of book.checkpoints ?? []) {
      const symbols = marks.get(line);
      if (symbols === undefined) marks.set(line, [symbol]);
      else if (!symbols.includes(null)) symbols.push(symbol);
    }
  }
  return marks;
}

function shown(difference: Difference): Record<string, unknown> {
  return { path: difference.path, expected: difference.expected ?? null, actual: difference.actual ?? null };
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 200);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
