import path from 'node:path';
import type { ReplayOut } from '../stream-replay.js';
import { binanceCases } from './binance-cases.js';
import { caseLines, failed, textOf, type CaseFields, type CaseJudge, type Verdict } from './case-file.js';

export interface CaseReplayOptions {
  readonly venue: string;
  /** `.jsonl` or `.jsonl.gz`; other files beside it are looked into for reference data. */
  readonly file: string;
  readonly out: ReplayOut;
}

export interface CaseCounts {
  readonly passed: number;
  readonly refused: number;
  readonly failed: number;
}

/** A new venue is a new line. The judge may read reference data beside the case file. */
const JUDGES: ReadonlyMap<string, (folder: string) => Promise<CaseJudge>> = new Map([['binance', binanceCases]]);

/**
 * Runs single recorded payloads, signing vectors and order requests through the real adapter's functions. Prints a line for
 * each that was refused or failed, and the counts at the end.
 * @returns the exit code: 0, 1 when a case failed, 2 when the file or the venue could not be read.
 */
export async function runCases(options: CaseReplayOptions): Promise<number> {
  try {
    const counts = await judgeCases(options);
    options.out.line(`${counts.passed} passed, ${counts.refused} refused, ${counts.failed} failed`);
    return counts.failed > 0 ? 1 : 0;
  } catch (error) {
    options.out.error(error instanceof Error ? error.message : 'the cases could not be read');
    return 2;
  }
}

/**
 * The same without the last line.
 * @throws {RangeError} for a venue without cases; I/O errors as they come.
 */
export async function judgeCases({ venue, file, out }: CaseReplayOptions): Promise<CaseCounts> {
  const make = JUDGES.get(venue.replace(/-(spot|sim)$/, ''));
  if (make === undefined) throw new RangeError(`no cases of ${venue}: one of ${[...JUDGES.keys()].join(', ')}`);
  const judge = await make(path.dirname(file));
  const counts = { passed: 0, refused: 0, failed: 0 };
  for await (const { number, fields } of caseLines(file)) {
    const verdict = fields === null ? failed('the line is no JSON object') : judged(judge, fields);
    counts[verdict.outcome] += 1;
    if (verdict.outcome !== 'passed') out.line(`${verdict.outcome} ${nameOf(fields, number)}: ${verdict.reason}`);
  }
  return counts;
}

/** An error that gets out of a judge is a crash of the adapter: the worst of differences, and never the end of the run. */
function judged(judge: CaseJudge, fields: CaseFields): Verdict {
  try {
    return judge.judge(fields);
  } catch (error) {
    return failed(`crashed: ${error instanceof Error ? `${error.name}: ${error.message}` : 'no error'}`);
  }
}

function nameOf(fields: CaseFields | null, number: number): string {
  return (fields === null ? null : (textOf(fields, 'id') ?? textOf(fields, 'name'))) ?? `line ${number}`;
}
