import { isPlainDecimal, LevelBatch } from '#libs/exchanges/books';
import { z } from 'zod';
import type { ControlFrame, DepthFrame, DepthSnapshot, MarketFrame, PartialDepthFrame } from './frames.js';

/**
 * The ordinary reader of market frames: any JSON spelling, every field checked. `frame-reader.ts` has the fast way for
 * the frames that come by the thousand; what it does not recognise to the byte comes here.
 * @see Binance Spot `web-socket-streams.md`, read 2026-11-22.
 */

const decimal = z.string().refine(isPlainDecimal, 'not a plain decimal');
/** Change and change percent may be negative. */
const signed = z.string().regex(/^-?\d+(\.\d+)?$/);
const time = z.int().nonnegative();
const id = z.union([z.int().nonnegative(), z.bigint().nonnegative()]);
const symbol = z.string().min(1).max(60);
/** Old answers carry a third, empty member. */
const level = z.tuple([decimal, decimal], z.unknown());

const depthUpdate = z.object({ E: time, s: symbol, U: id, u: id, b: z.array(level), a: z.array(level) });
const bookTicker = z.object({ u: id, s: symbol, b: decimal, B: decimal, a: decimal, A: decimal });
const trade = z.object({ s: symbol, t: id, p: decimal, q: decimal, T: time, m: z.boolean() });
const aggTrade = z.object({ s: symbol, a: id, p: decimal, q: decimal, T: time, m: z.boolean() });
const kline = z.object({
  s: symbol,
  k: z.object({
    t: time,
    T: time,
    i: z.string(),
    x: z.boolean(),
    n: z.int(),
    o: decimal,
    c: decimal,
    h: decimal,
    l: decimal,
    v: decimal,
    q: decimal,
  }),
});
const miniTicker = z.object({ E: time, s: symbol, c: decimal, o: decimal, h: decimal, l: decimal, v: decimal, q: decimal });
const ticker = miniTicker.extend({ b: decimal, B: decimal, a: decimal, A: decimal, p: signed, P: signed });
const snapshot = z.object({ lastUpdateId: id, bids: z.array(level), asks: z.array(level) });
const failure = z.object({ code: z.int(), msg: z.string() });
const answer = z.object({ id: z.union([z.int(), z.string(), z.null()]), result: z.unknown() });

type Members = Readonly<Record<string, unknown>>;

/** Reads one frame, bare or combined. Never throws: what cannot be read is `unreadable`. */
export function parseMarketFrame(text: string): MarketFrame {
  let value: unknown;
  try {
    value = parseExact(text);
  } catch {
    return unreadable(null, 'not JSON');
  }
  if (!isObject(value)) return unreadable(null, 'not an object');
  const { stream, data } = value;
  if (typeof stream !== 'string') return readEvent(value, null);
  if (!isObject(data)) return unreadable(symbolOfStream(stream), 'no data');
  const frame = readEvent(data, symbolOfStream(stream));
  const strange = 'symbol' in frame && frame.symbol !== null && frame.symbol !== symbolOfStream(stream);
  return strange ? unreadable(frame.symbol, 'symbol is not that of the stream') : frame;
}

/**
 * Reads the answer of `GET /api/v3/depth`.
 * @throws {RangeError} when it is not one; the message holds none of it.
 */
export function parseDepthSnapshot(text: string): DepthSnapshot {
  const read = snapshot.safeParse(parseExact(text));
  if (!read.success) throw new RangeError('not a depth snapshot');
  return { lastUpdateId: read.data.lastUpdateId, bids: pairs(read.data.bids), asks: pairs(read.data.asks) };
}

/** `btcusdt@depth@100ms` → `BTCUSDT`; `null` for streams of all symbols. */
export function symbolOfStream(stream: string): string | null {
  const end = stream.indexOf('@');
  return end <= 0 || stream.startsWith('!') ? null : stream.slice(0, end).toUpperCase();
}

function readEvent(data: Members, streamSymbol: string | null): MarketFrame {
  const event = data['e'];
  const frame = typeof event === 'string' ? readNamed(event, data) : readNameless(data, streamSymbol);
  return frame ?? unreadable(typeof data['s'] === 'string' ? data['s'] : streamSymbol, `bad ${nameOf(event)}`);
}

/** `null`: it misses what such an event must have. */
function readNamed(event: string, data: Members): MarketFrame | null {
  switch (event) {
    case 'depthUpdate':
      return readDepth(data);
    case 'trade':
      return readTrade(data);
    case 'aggTrade':
      return readAggregate(data);
    case 'kline':
      return readCandle(data);
    case '24hrTicker':
    case '24hrMiniTicker':
      return readTicker(event, data);
    case 'serverShutdown':
      return { kind: 'shutdown' };
    default:
      return { kind: 'other', event: event.slice(0, 40) };
  }
}

/** Control answers, `bookTicker` and partial books carry no event name. */
function readNameless(data: Members, streamSymbol: string | null): MarketFrame | null {
  if ('lastUpdateId' in data) return readPartial(data, streamSymbol);
  if ('u' in data) return readTop(data);
  return readControl(data);
}

function readDepth(data: Members): DepthFrame | null {
  const read = depthUpdate.safeParse(data);
  if (!read.success || read.data.U > read.data.u) return null;
  const { s, E, U, u, b, a } = read.data;
  return { kind: 'depth', symbol: s, eventTimeMs: E, first: U, last: u, bids: batchOf(b), asks: batchOf(a) };
}

function readTop(data: Members): MarketFrame | null {
  const read = bookTicker.safeParse(data);
  if (!read.success) return null;
  const { u, s, b, B, a, A } = read.data;
  return { kind: 'top', symbol: s, updateId: u, bids: batchOf([[b, B]]), asks: batchOf([[a, A]]) };
}

function readTrade(data: Members): MarketFrame | null {
  const read = trade.safeParse(data);
  if (!read.success) return null;
  const { s, t, p, q, T, m } = read.data;
  return { kind: 'trade', stream: 'trade', symbol: s, tradeId: t, price: p, quantity: q, tradeTimeMs: T, buyerIsMaker: m };
}

function readAggregate(data: Members): MarketFrame | null {
  const read = aggTrade.safeParse(data);
  if (!read.success) return null;
  const { s, a, p, q, T, m } = read.data;
  return { kind: 'trade', stream: 'aggTrade', symbol: s, tradeId: a, price: p, quantity: q, tradeTimeMs: T, buyerIsMaker: m };
}

function readCandle(data: Members): MarketFrame | null {
  const read = kline.safeParse(data);
  if (!read.success) return null;
  const { t, T, i, x, n, o, c, h, l, v, q } = read.data.k;
  const candle = { openTimeMs: t, closeTimeMs: T, open: o, high: h, low: l, close: c, volume: v, quoteVolume: q, trades: n };
  return { kind: 'candle', symbol: read.data.s, interval: i, closed: x, candle };
}

function readTicker(event: '24hrTicker' | '24hrMiniTicker', data: Members): MarketFrame | null {
  const read = (event === '24hrTicker' ? ticker : miniTicker).safeParse(data);
  if (!read.success) return null;
  const { s, E, c, o, h, l, v, q } = read.data;
  const full = 'b' in read.data ? (read.data as z.infer<typeof ticker>) : null;
  return {
    kind: 'ticker',
    symbol: s,
    eventTimeMs: E,
    last: c,
    open: o,
    high: h,
    low: l,
    volume: v,
    quoteVolume: q,
    bid: full?.b ?? null,
    bidQuantity: full?.B ?? null,
    ask: full?.a ?? null,
    askQuantity: full?.A ?? null,
    change: full?.p ?? null,
    changePercent: full?.P ?? null,
  };
}

function readPartial(data: Members, streamSymbol: string | null): PartialDepthFrame | null {
  const read = snapshot.safeParse(data);
  if (!read.success) return null;
  const { lastUpdateId, bids, asks } = read.data;
  return { kind: 'partial-depth', symbol: streamSymbol, lastUpdateId, bids: pairs(bids), asks: pairs(asks) };
}

/** Errors come bare (`{"code":2,"msg":"…"}`), with an id, or wrapped in `error`. */
function readControl(data: Members): ControlFrame | null {
  const error = failure.safeParse(isObject(data['error']) ? data['error'] : data);
  const idOf = data['id'] === undefined ? { ...data, id: null } : data;
  if (error.success) {
    const named = z.union([z.int(), z.string()]).safeParse(data['id']);
    return {
      kind: 'control',
      id: named.success ? named.data : null,
      streams: null,
      error: { code: error.data.code, message: error.data.msg },
    };
  }
  const read = answer.safeParse(idOf);
  if (!read.success || !('result' in data)) return null;
  const streams = z.array(z.string()).safeParse(read.data.result);
  return { kind: 'control', id: read.data.id, streams: streams.success ? streams.data : null, error: null };
}

/** Integers beyond 2^53 come out as bigint instead of rounded; the second, slower reading happens only then. */
function parseExact(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!/\d{16}/.test(text)) return value;
  const exact = (_key: string, member: unknown, context: { source?: string }): unknown => {
    const { source } = context;
    const unsafe = typeof member === 'number' && Number.isInteger(member) && !Number.isSafeInteger(member);
    return unsafe && source !== undefined && /^\d+$/.test(source) ? BigInt(source) : member;
  };
  return JSON.parse(text, exact as Parameters<typeof JSON.parse>[1]);
}

function batchOf(levels: readonly (readonly [string, string, ...unknown[]])[]): LevelBatch {
  const batch = new LevelBatch();
  for (const [price, quantity] of levels) batch.add(price, quantity);
  return batch;
}

function pairs(levels: readonly (readonly [string, string, ...unknown[]])[]): [string, string][] {
  return levels.map(([price, quantity]) => [price, quantity]);
}

function unreadable(symbolText: string | null, reason: string): MarketFrame {
  return { kind: 'unreadable', symbol: symbolText, reason };
}

function nameOf(event: unknown): string {
  return typeof event === 'string' ? event.slice(0, 40) : 'frame without event name';
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
