import type { DepthSnapshot } from '#libs/exchanges/binance';
import { parseDepthSnapshot } from '#libs/exchanges/binance';
import { recordingLines } from '../replay/recording-lines.js';

/** What a socket delivered, and the snapshot that makes a book of it. */
export interface DeepStream {
  readonly name: string;
  readonly snapshot: DepthSnapshot;
  /** In order of arrival: depth events with best prices and trades between them. */
  readonly frames: readonly string[];
}

/** @throws {RangeError} where the recording has no depth snapshot. */
export async function recordedStream(file: string): Promise<DeepStream> {
  let snapshot: DepthSnapshot | null = null;
  const frames: string[] = [];
  for await (const { channel, dir, url, raw } of recordingLines(file)) {
    if (dir !== 'in') continue;
    if (channel === 'ws') frames.push(raw);
    else if (url.includes('/depth?')) snapshot ??= parseDepthSnapshot(raw);
  }
  if (snapshot === null) throw new RangeError('the recording has no depth snapshot');
  return { name: 'recorded', snapshot, frames };
}

const EVENTS = 6_000;
const LEVELS_PER_EVENT = 46;
const TOPS_PER_EVENT = 11;
const TRADES_PER_EVENT = 3;
const SNAPSHOT_LEVELS = 1_000;
const START_CENTS = 6_183_763;

/**
 * A deep market made from a seed, with the proportions of a real one: 46 levels to an event of which nearly half are
 * removals, close to the price more than far away; eleven best prices and three trades between two events.
 */
export function syntheticStream(seed: number): DeepStream {
  const random = generator(seed);
  const side = (sign: number): [string, string][] =>
    Array.from({ length: SNAPSHOT_LEVELS }, (_, at) => [price(START_CENTS + sign * (1 + at * 7)), quantity(random)]);
  const snapshot: DepthSnapshot = { lastUpdateId: 50_000_000_000, bids: side(-1), asks: side(1) };
  const frames: string[] = [];
  let id = 50_000_000_000;
  let middle = START_CENTS;
  for (let event = 0; event < EVENTS; event += 1) {
    middle += Math.round((random() - 0.5) * 40);
    for (let at = 0; at < TOPS_PER_EVENT; at += 1) frames.push(topFrame(id + at, middle, random));
    for (let at = 0; at < TRADES_PER_EVENT; at += 1) frames.push(tradeFrame(event * TRADES_PER_EVENT + at, middle, random));
    frames.push(depthFrame(id + 1, id + 200, middle, random));
    id += 200;
  }
  return { name: 'synthetic', snapshot, frames };
}

function depthFrame(first: number, last: number, middle: number, random: () => number): string {
  const sideOf = (sign: number): string => {
    const distances = new Set<number>();
    while (distances.size < LEVELS_PER_EVENT / 2) distances.add(1 + Math.floor(random() ** 3 * 7_000));
    return [...distances]
      .sort((a, b) => a - b)
      .map((distance) => `["${price(middle + sign * distance)}","${random() < 0.48 ? '0.00000000' : quantity(random)}"]`)
      .join(',');
  };
  const data = `{"e":"depthUpdate","E":${1_723_161_255_208 + last},"s":"BTCUSDT","U":${first},"u":${last},"b":[${sideOf(-1)}],"a":[${sideOf(1)}]}`;
  return `{"stream":"btcusdt@depth@100ms","data":${data}}`;
}

function topFrame(id: number, middle: number, random: () => number): string {
  const data = `{"u":${id},"s":"BTCUSDT","b":"${price(middle)}","B":"${quantity(random)}","a":"${price(middle + 1)}","A":"${quantity(random)}"}`;
  return `{"stream":"btcusdt@bookTicker","data":${data}}`;
}

function tradeFrame(id: number, middle: number, random: () => number): string {
  const time = 1_723_161_255_343 + id;
  const data = `{"e":"trade","E":${time},"s":"BTCUSDT","t":${3_735_683_259 + id},"p":"${price(middle)}","q":"${quantity(random)}","T":${time - 1},"m":${random() < 0.5},"M":true}`;
  return `{"stream":"btcusdt@trade","data":${data}}`;
}

function price(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}000000`;
}

function quantity(random: () => number): string {
  return `${Math.floor(random() ** 6 * 20)}.${String(1 + Math.floor(random() * 99_998)).padStart(5, '0')}000`;
}

/** mulberry32: small, and the same on every machine. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
