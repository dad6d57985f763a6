import { MarketFrameReader, parseDepthSnapshot, SyncedBook, type DepthFrame, type TradeFrame } from '#libs/exchanges/binance';
import { decimal, decimalText, ZERO, type Decimal } from '#libs/kernel';
import type { BookLevel } from '#libs/model';
import type { RecordedLine } from './recording-lines.js';
import type { PlainLevel, ReplayBook, ReplayCheckpoint, ReplayGap, ReplayResult, StreamReplayer } from './stream-result.js';

const NOTE = 'Book state after the given 1-based line of the file; decimals without trailing zeros. Trades counted per instrument.';
const CHECKPOINT_DEPTH = 5;
const FINAL_DEPTH = 20;

interface BookRecord {
  readonly book: SyncedBook;
  snapshots: number;
  readonly gaps: ReplayGap[];
  readonly checkpoints: ReplayCheckpoint[];
  /** Why there is no proven book; `null` while there is one. */
  problem: string | null;
}

/** Replays Binance spot: frames as they came from the socket, depth answers as they came over HTTP. */
export class BinanceReplayer implements StreamReplayer {
  private readonly reader = new MarketFrameReader();
  private readonly books = new Map<string, BookRecord>();
  private readonly trades = new Map<string, { count: number; quantity: Decimal }>();
  private readonly counts = new Map<string, number>();

  feed(line: RecordedLine): void {
    this.count('lines');
    if (line.dir !== 'in' || line.raw === '') return;
    if (line.channel === 'ws') this.frame(line);
    else this.answer(line);
  }

  mark(line: number, symbol: string | null): void {
    for (const [name, record] of this.books) {
      if (symbol !== null && symbol !== name) continue;
      const { bids, asks } = trusted(record.book, CHECKPOINT_DEPTH);
      record.checkpoints.push({ line, trust: record.book.live ? 'live' : 'suspect', bids, asks });
    }
  }

  result(): ReplayResult {
    const books: Record<string, ReplayBook> = {};
    const untrusted: Record<string, string> = {};
    for (const [symbol, record] of this.books) {
      if (record.problem !== null) untrusted[symbol] = record.problem;
      // A book that was never built is no book: it only stands among the untrusted.
      if (record.snapshots > 0) books[symbol] = described(record);
    }
    const trades = Object.fromEntries(
      [...this.trades].map(([name, { count, quantity }]) => [name, { count, quantity: decimalText(quantity) }]),
    );
    return { note: NOTE, books, trades, untrusted, counts: Object.fromEntries(this.counts) };
  }

  private frame(line: RecordedLine): void {
    const bytes = Buffer.from(line.raw, 'utf8');
    const frame = this.reader.read(bytes);
    this.count(frame.kind);
    if (frame.kind === 'depth') this.depth(frame, bytes, line.number);
    else if (frame.kind === 'trade') this.trade(frame);
    else if (frame.kind === 'unreadable' && frame.symbol !== null) this.unreadable(frame.symbol, frame.reason, line.number);
  }

  private depth(frame: DepthFrame, bytes: Buffer, line: number): void {
    const record = this.record(frame.symbol);
    const before = record.book.sequence;
    if (record.book.offer(frame, bytes) === 'gap') {
      fail(record, line, `an event is missing between ${String(before)} and ${String(frame.first)}`);
    } else if (record.book.live && record.book.isCrossed()) {
      record.book.invalidate();
      fail(record, line, 'the book crossed');
    }
  }

  private trade(frame: TradeFrame): void {
    const name = `${frame.symbol} ${frame.stream}`;
    const total = this.trades.get(name) ?? { count: 0, quantity: ZERO };
    this.trades.set(name, { count: total.count + 1, quantity: total.quantity.plus(decimal(frame.quantity)) });
  }

  /** What could not be read may have been a change of the book: its proof is gone. */
  private unreadable(symbol: string, reason: string, line: number): void {
    const record = this.books.get(symbol);
    if (record === undefined) return;
    record.book.invalidate();
    fail(record, line, `unreadable: ${reason}`);
  }

  private answer(line: RecordedLine): void {
    const url = URL.parse(line.url);
    const symbol = url?.searchParams.get('symbol') ?? null;
    if (url === null || symbol === null || !url.pathname.endsWith('/depth')) {
      this.count('otherAnswers');
      return;
    }
    this.count('snapshots');
    const record = this.record(symbol);
    const verdict = record.book.accept(parseDepthSnapshot(line.raw));
    if (verdict === 'live') {
      record.snapshots += 1;
      record.problem = null;
    } else if (verdict === 'too-old') record.problem = `the snapshot in line ${line.number} is older than the events after it`;
    else this.count('snapshotsBehind');
  }

  private record(symbol: string): BookRecord {
    let record = this.books.get(symbol);
    if (record === undefined) {
      record = { book: new SyncedBook(), snapshots: 0, gaps: [], checkpoints: [], problem: 'no snapshot' };
      this.books.set(symbol, record);
    }
    return record;
  }

  private count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

function fail(record: BookRecord, line: number, reason: string): void {
  record.gaps.push({ line, reason });
  record.problem = `line ${line}: ${reason}`;
}

function described(record: BookRecord): ReplayBook {
  const { book, checkpoints, gaps, snapshots } = record;
  return {
    bookMessages: book.applied,
    droppedBeforeSnapshot: book.dropped,
    finalLevels: book.live ? { bids: book.bidCount, asks: book.askCount } : { bids: 0, asks: 0 },
    checkpoints,
    finalTop20: trusted(book, FINAL_DEPTH),
    trust: book.live ? 'live' : 'suspect',
    sequence: book.sequence === null ? null : String(book.sequence),
    snapshots,
    gaps,
  };
}

/** Levels that are not proven are not shown at all: whoever compares must not take them for the book. */
function trusted(book: SyncedBook, depth: number): { bids: PlainLevel[]; asks: PlainLevel[] } {
  if (!book.live) return { bids: [], asks: [] };
  const { bids, asks } = book.top(depth);
  return { bids: bids.map(plain), asks: asks.map(plain) };
}

function plain([price, quantity]: BookLevel): PlainLevel {
  return [decimalText(decimal(price)), decimalText(decimal(quantity))];
}
