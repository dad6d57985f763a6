import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeCases } from './cases/run-cases.js';
import { runStreamReplay } from './stream-replay.js';

const root = process.env['RECORDINGS_DIR'];
const folder = root === undefined ? null : path.join(root, 'binance-spot');
const present = folder !== null && existsSync(folder);
const files = present ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : [];
const streams = present ? readdirSync(path.join(folder, 'streams')).filter((name) => name.endsWith('.jsonl.gz')) : [];

/** Reasons are words that somebody can act on; anything else is a hole in the judge. */
const NAMED = new RegExp(
  '^(?:not-spot-trading-endpoint|endpoint-not-used|request-not-made|event-not-used|stream-not-used|unknown-shape|unknown-error-code' +
    '|unreadable-(?:answer|frame|event)|unsupported-by-venue|param-not-covered|no-reference-data)\\b',
);

describe.runIf(present)('recorded traffic of Binance spot, through the real adapter', () => {
  it.each(files)('%s: every case is read, or refused for a named reason', async (name) => {
    const lines: string[] = [];
    const counts = await judgeCases({
      venue: 'binance-spot',
      file: path.join(folder!, name),
      out: { line: (text) => lines.push(text), error: (text) => lines.push(text) },
    });
    expect(lines.filter((line) => line.startsWith('failed'))).toEqual([]);
    expect(counts.passed).toBeGreaterThan(0);
    const unnamed = lines.filter((line) => !NAMED.test(line.slice(line.indexOf(': ') + 2)));
    expect(unnamed).toEqual([]);
  });

  it.each(streams)('%s: the books come out as a separate program computed them', async (name) => {
    const file = path.join(folder!, 'streams', name);
    const errors: string[] = [];
    const code = await runStreamReplay({
      venue: 'binance-spot',
      file,
      expect: file.replace(/\.jsonl\.gz$/, '.expected.json'),
      out: { line: () => undefined, error: (text) => errors.push(text) },
    });
    expect(errors).toEqual([]);
    expect(code).toBe(0);
  });
});
