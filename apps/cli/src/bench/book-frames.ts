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
const LEVELS_PER_SIDE = 23;
const TOPS_PER_EVENT = 11;
const TRADES_PER_EVENT = 3;
const SNAPSHOT_LEVELS = 1_000;
const START_CENTS = 6_183_763;
const FAR_CENTS = 7_000;

/**
 * A deep market made from a seed, with the proportions of a real one: 46 levels to an event, of which four tenths are new,
 * as many are removed and the rest changed, close to the price more than far away; eleven best prices and three trades
 * between two events.
 */
export function syntheticStream(seed: number): DeepStream {
  const random = generator(seed);
  const bids = new SyntheticSide(-1, random);
  const asks = new SyntheticSide(1, random);
  const snapshot: DepthSnapshot = { lastUpdateId: 50_000_000_000, bids: bids.snapshot(), asks: asks.snapshot() };
  const frames: string[] = [];
  let id = 50_000_000_000;
  for (let event = 0; event < EVENTS; event += 1) {
    for (let at = 0; at < TOPS_PER_EVENT; at += 1) frames.push(topFrame(id + at, START_CENTS, random));
    for (let at = 0; at < TRADES_PER_EVENT; at += 1) frames.push(tradeFrame(event * TRADES_PER_EVENT + at, START_CENTS, random));
    frames.push(depthFrame(id + 1, id + 200, bids.changes(), asks.changes()));
    id += 200;
  }
  return { name: 'synthetic', snapshot, frames };
}

/** Which prices of a side have levels, as distances from the middle in cents. */
class SyntheticSide {
  private readonly distances: number[] = [];

  constructor(
    private readonly sign: 1 | -1,
    private readonly random: () => number,
  ) {
    for (let at = 0; at < SNAPSHOT_LEVELS; at += 1) this.distances.push(1 + at * 7);
  }

  snapshot(): [string, string][] {
    return this.distances.map((distance) => [this.priceAt(distance), quantity(this.random)]);
  }

  /** The changes of one event as JSON, best first. */
  changes(): string {
    const changed = new Map<number, string>();
    while (changed.size < LEVELS_PER_SIDE) {
      const kind = this.random();
      if (kind < 0.4 || this.distances.length < SNAPSHOT_LEVELS) {
        const distance = 1 + Math.floor(this.random() ** 3 * FAR_CENTS);
        this.distances.push(distance);
        changed.set(distance, quantity(this.random));
      } else {
        const place = this.near();
        const distance = this.distances[place]!;
        if (kind < 0.8) {
          this.distances[place] = this.distances.at(-1)!;
          this.distances.pop();
        }
        changed.set(distance, kind < 0.8 ? '0.00000000' : quantity(this.random));
      }
    }
    const levels = [...changed].sort(([a], [b]) => a - b).map(([distance, size]) => `["${this.priceAt(distance)}","${size}"]`);
    return `[${levels.join(',')}]`;
  }

  /** One of the levels, of three drawn the closest. */
  private near(): number {
    const drawn = [0, 0, 0].map(() => Math.floor(this.random() * this.distances.length));
    return drawn.reduce((best, place) => (this.distances[place]! < this.distances[best]! ? place : best));
  }

  private priceAt(distance: number): string {
    return price(START_CENTS + this.sign * distance);
  }
}

function depthFrame(first: number, last: number, bids: string, asks: string): string {
  const time = 1_723_161_255_208 + first - 50_000_000_000;
  const data = `{"e":"depthUpdate","E":${time},"s":"BTCUSDT","U":${first},"u":${last},"b":${bids},"a":${asks}}`;
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
