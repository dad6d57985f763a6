import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MarketFrameReader, parseDepthSnapshot, SyncedBook } from '#libs/exchanges/binance';
import { BinanceReplayer } from './binance-replayer.js';
import { recordingLines, type RecordedLine } from './recording-lines.js';

const root = process.env['RECORDINGS_DIR'];
const folder = path.join(root ?? '', 'binance-spot', 'streams');
const present = root !== undefined && existsSync(folder);
const streams = present ? readdirSync(folder).filter((name) => /\.jsonl(\.gz)?$/.test(name)) : [];

/** Remembers the best prices that the venue announced, by update id, until the book gets there. */
class Announced {
  private readonly tops = new Map<string, string>();

  add(symbol: string, id: unknown, top: string): void {
    this.tops.set(`${symbol} ${String(id)}`, top);
  }

  at(symbol: string, id: unknown): string | undefined {
    return this.tops.get(`${symbol} ${String(id)}`);
  }
}

async function linesOf(name: string): Promise<RecordedLine[]> {
  const lines: RecordedLine[] = [];
  for await (const line of recordingLines(path.join(folder, name))) lines.push(line);
  return lines;
}

const symbolOf = (url: string): string => URL.parse(url)?.searchParams.get('symbol') ?? '';

describe.runIf(present)('books from recorded streams', () => {
  it.each(streams)('%s: have the best prices that the venue announced for the same update', async (name) => {
    const reader = new MarketFrameReader();
    const books = new Map<string, SyncedBook>();
    const announced = new Announced();
    const bookOf = (symbol: string): SyncedBook => books.get(symbol) ?? books.set(symbol, new SyncedBook()).get(symbol)!;
    let compared = 0;
    for (const { channel, dir, url, raw } of await linesOf(name)) {
      if (dir !== 'in' || raw === '') continue;
      if (channel === 'http') {
        if (url.includes('/depth?')) bookOf(symbolOf(url)).accept(parseDepthSnapshot(raw));
        continue;
      }
      const bytes = Buffer.from(raw);
      const frame = reader.read(bytes);
      if (frame.kind === 'top') {
        const { bids, asks, symbol } = frame;
        announced.add(
          symbol,
          frame.updateId,
          JSON.stringify([
            [bids.priceText(0), bids.quantityText(0)],
            [asks.priceText(0), asks.quantityText(0)],
          ]),
        );
      } else if (frame.kind === 'depth') {
        const book = bookOf(frame.symbol);
        book.offer(frame, bytes);
        const known = announced.at(frame.symbol, book.sequence);
        if (!book.live || known === undefined) continue;
        const { bids, asks } = book.top(1);
        expect(JSON.stringify([bids[0], asks[0]])).toBe(known);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(0);
  });

  it.each(streams)('%s: is not shown after an event was lost, until the next snapshot', async (name) => {
    const lines = (await linesOf(name)).filter(({ channel, url, raw }) =>
      channel === 'ws' ? raw.includes('depthUpdate') : url.includes('/depth?'),
    );
    const symbol = symbolOf(lines.find(({ channel }) => channel === 'http')!.url);
    const events = lines.filter(({ raw }) => raw.includes(`"s":"${symbol}"`));
    const lost = events[Math.floor(events.length / 2)]!;
    const replayer = new BinanceReplayer();
    for (const line of lines) if (line !== lost) replayer.feed(line);
    const book = replayer.result().books[symbol]!;
    expect(replayer.result().untrusted[symbol]).toMatch(/an event is missing/);
    expect([book.trust, book.gaps.length, book.finalTop20.bids]).toEqual(['suspect', 1, []]);
  });

  it.each(streams)('%s: is read by its bytes, without a single detour', async (name) => {
    const reader = new MarketFrameReader();
    const kinds = new Set(['depthUpdate', 'bookTicker', '@trade', 'aggTrade']);
    for (const { channel, raw } of await linesOf(name)) {
      if (channel === 'ws' && [...kinds].some((kind) => raw.includes(kind))) reader.read(Buffer.from(raw));
    }
    expect(reader.ordinaryFrames).toBe(0);
  });
});
