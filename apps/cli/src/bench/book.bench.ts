import { existsSync } from 'node:fs';
import path from 'node:path';
import { MarketFrameReader, SyncedBook, type DepthSnapshot } from '#libs/exchanges/binance';
import { atMost, type BenchLine, type BenchOptions, type BenchOut, type BenchResult } from './bench-result.js';
import { recordedStream, syntheticStream, type DeepStream } from './book-frames.js';

export interface BookBenchOptions extends BenchOptions {
  /** A stream recording; without one, that of the recordings folder, and without that a synthetic stream. */
  readonly file?: string | undefined;
  /** The folder of recordings, `RECORDINGS_DIR`. */
  readonly recordings?: string | undefined;
}

const RECORDING = 'binance-spot/streams/2024-08-08_btcusdt.jsonl.gz';
const SEED = 7;
/** Rounds that are not measured, so that both sides are compiled. */
const WARM_UP = 3;
const GOAL = 1;

interface Lane {
  readonly name: string;
  readonly texts: readonly string[];
  readonly buffers: readonly Buffer[];
}

/**
 * Reading a deep stream from its bytes, proving its sequence and keeping the book with the exact text, against
 * `JSON.parse` alone on the same frames as ready-made strings: the baseline does not even keep what it reads.
 */
export async function runBookBench(out: BenchOut, options: BookBenchOptions): Promise<BenchResult> {
  const stream = await streamOf(options);
  const lanes: Lane[] = [lane('everything', stream, '')];
  for (const kind of ['@depth', '@bookTicker', '@trade']) {
    const one = lane(kind.slice(1), stream, kind);
    if (one.texts.length > 0) lanes.push(one);
  }
  out(`book: ${stream.name} stream, ${stream.frames.length} frames`);
  const lines: BenchLine[] = [];
  for (const one of lanes) lines.push(...measured(one, stream.snapshot, options.runs));
  return { bench: 'book', runs: options.runs, lines };
}

async function streamOf({ file, recordings }: BookBenchOptions): Promise<DeepStream> {
  const recording = file ?? (recordings === undefined ? undefined : path.join(recordings, RECORDING));
  if (file !== undefined || (recording !== undefined && existsSync(recording))) return recordedStream(recording ?? '');
  return syntheticStream(SEED);
}

function lane(name: string, stream: DeepStream, kind: string): Lane {
  const texts = stream.frames.filter((frame) => frame.includes(kind));
  return { name, texts, buffers: texts.map((text) => Buffer.from(text)) };
}

function measured({ name, texts, buffers }: Lane, snapshot: DepthSnapshot, runs: number): BenchLine[] {
  const ratios: number[] = [];
  const ours: number[] = [];
  const baseline: number[] = [];
  const count = texts.length;
  for (let run = -WARM_UP; run < runs; run += 1) {
    const parse = timed(() => parseAll(texts));
    const keep = timed(() => keepAll(buffers, snapshot));
    if (run < 0) continue;
    ratios.push(keep / parse);
    ours.push(keep);
    baseline.push(parse);
  }
  return [
    { name: `${name}: read and keep ÷ JSON.parse alone`, unit: '×', values: ratios, goal: atMost(GOAL) },
    { name: `${name}: read and keep, ${count} frames`, unit: 'ms', values: ours, goal: null },
    { name: `${name}: JSON.parse alone, the same`, unit: 'ms', values: baseline, goal: null },
  ];
}

function parseAll(texts: readonly string[]): void {
  for (const text of texts) JSON.parse(text);
}

/** What the adapter does with each frame, without the socket. The proof at the end is that nothing was skipped. */
function keepAll(buffers: readonly Buffer[], snapshot: DepthSnapshot): void {
  const reader = new MarketFrameReader();
  const book = new SyncedBook();
  book.accept(snapshot);
  let events = 0;
  let broken = 0;
  for (const bytes of buffers) {
    const frame = reader.read(bytes);
    if (frame.kind === 'unreadable') throw new Error(`the stream has a frame that cannot be read: ${frame.reason}`);
    if (frame.kind !== 'depth') continue;
    events += 1;
    if (book.offer(frame, bytes) === 'gap') broken += 1;
  }
  if (broken > 0 || reader.ordinaryFrames > 0 || book.applied + book.dropped !== events) {
    throw new Error(`the stream does not hold together: ${broken} gaps, ${reader.ordinaryFrames} frames not recognised`);
  }
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
