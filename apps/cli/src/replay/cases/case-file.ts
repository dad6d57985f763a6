import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

/** One line of a case file, as it came: each kind of case reads its own fields. */
export type CaseFields = Readonly<Record<string, unknown>>;

/** What a case came to. `refused`: not covered by the adapter, and it said why. `failed`: covered, and wrong. */
export type Verdict =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'failed'; readonly reason: string };

export const PASSED: Verdict = { outcome: 'passed' };

export function refused(reason: string): Verdict {
  return { outcome: 'refused', reason };
}

export function failed(reason: string): Verdict {
  return { outcome: 'failed', reason };
}

/** Judges the cases of one venue. */
export interface CaseJudge {
  judge(fields: CaseFields): Verdict;
}

/**
 * The lines of a case file (`.jsonl` or `.jsonl.gz`); a line that is no JSON object comes as `null`.
 * @throws I/O errors as they come.
 */
export async function* caseLines(file: string): AsyncGenerator<{ readonly number: number; readonly fields: CaseFields | null }> {
  const bytes = createReadStream(file);
  const plain = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  // A pipe does not hand errors on: without this, a missing file would hang.
  bytes.on('error', (error) => plain.destroy(error));
  let number = 0;
  for await (const text of createInterface({ input: plain, crlfDelay: Infinity })) {
    number += 1;
    if (text.trim() !== '') yield { number, fields: fieldsOf(text) };
  }
}

function fieldsOf(text: string): CaseFields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as CaseFields) : null;
  } catch {
    return null;
  }
}

/** A text field, or `null`. */
export function textOf(fields: CaseFields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
