import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';

/** One line of a stream recording: a payload as it travelled, and where it came from. */
const recordedLine = z.object({
  channel: z.enum(['http', 'ws']),
  dir: z.enum(['in', 'out', 'open', 'close']),
  url: z.string().nullish(),
  raw: z.string(),
});

export interface RecordedLine {
  /** 1-based, as editors count. */
  readonly number: number;
  readonly channel: 'http' | 'ws';
  readonly dir: 'in' | 'out' | 'open' | 'close';
  readonly url: string;
  readonly raw: string;
}

/**
 * The lines of a `.jsonl` or `.jsonl.gz` recording, in order. Blank lines are counted and skipped.
 * @throws {RangeError} naming the line that is not of the documented form; I/O errors as they come.
 */
export async function* recordingLines(file: string): AsyncGenerator<RecordedLine> {
  const bytes = createReadStream(file);
  const plain = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  // A pipe does not hand errors on: without this, a missing file would hang.
  bytes.on('error', (error) => plain.destroy(error));
  let number = 0;
  for await (const text of createInterface({ input: plain, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (text.trim() !== '') yield recorded(text, number);
  }
}

function recorded(text: string, number: number): RecordedLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError(`line ${number} is not JSON`);
  }
  const read = recordedLine.safeParse(value);
  if (!read.success) throw new RangeError(`line ${number} is not a recorded message`);
  const { channel, dir, url, raw } = read.data;
  return { number, channel, dir, url: url ?? '', raw };
}
