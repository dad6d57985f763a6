import { ascii, ByteTable, FrameScanner, LevelBatch } from '#libs/exchanges/books';
import type { DepthFrame, MarketFrame, TopFrame, TradeFrame } from './frames.js';
import { parseMarketFrame, symbolOfStream } from './parse.js';
import type { SequenceId } from './sequence.js';

const COMBINED = ascii('{"stream":');
const DATA = ascii(',"data":');
const DEPTH = ascii('{"e":"depthUpdate","E":');
const TRADE = ascii('{"e":"trade","E":');
const AGGREGATE = ascii('{"e":"aggTrade","E":');
const TOP = ascii('{"u":');
const SYMBOL = ascii(',"s":');
const FIRST = ascii(',"U":');
const LAST = ascii(',"u":');
const BIDS = ascii(',"b":');
const ASKS = ascii(',"a":');
const BID_QUANTITY = ascii(',"B":');
const ASK_QUANTITY = ascii(',"A":');
const TRADE_ID = ascii(',"t":');
const PRICE = ascii(',"p":');
const QUANTITY = ascii(',"q":');
const FIRST_TRADE = ascii(',"f":');
const LAST_TRADE = ascii(',"l":');
const TRADE_TIME = ascii(',"T":');
const BUYER_IS_MAKER = ascii(',"m":');
const IGNORED = ascii(',"M":');
const END = ascii('}');

const NAMES_MAX = 5_000;

/** What `depth` and `top` frames are read into, over and over. */
interface MutableDepth {
  kind: 'depth';
  symbol: string;
  eventTimeMs: number;
  first: SequenceId;
  last: SequenceId;
  bids: LevelBatch;
  asks: LevelBatch;
}
interface MutableTop {
  kind: 'top';
  symbol: string;
  updateId: SequenceId;
  bids: LevelBatch;
  asks: LevelBatch;
}

/** A symbol between quotes, as it stands in a frame; `null` where a frame of all symbols, or an escape, is to be expected. */
interface KnownName {
  readonly symbol: string;
  readonly quoted: Uint8Array | null;
}

/**
 * Reads market frames from their bytes. The four kinds that make up nearly all of the traffic are recognised byte by
 * byte in the venue's own spelling; everything else, down to a single blank, goes to `parseMarketFrame`.
 */
export class MarketFrameReader {
  /** Events of the four kinds that had to take the ordinary way: a rise says that the venue changed its spelling. */
  ordinaryFrames = 0;
  private readonly scan = new FrameScanner();
  private readonly streams = new ByteTable<KnownName>((text) => knownName(symbolOfStream(text)), NAMES_MAX);
  private readonly symbols = new ByteTable<KnownName>(knownName, NAMES_MAX);
  private readonly depth: MutableDepth = {
    kind: 'depth',
    symbol: '',
    eventTimeMs: 0,
    first: 0,
    last: 0,
    bids: new LevelBatch(),
    asks: new LevelBatch(),
  };
  private readonly top: MutableTop = { kind: 'top', symbol: '', updateId: 0, bids: new LevelBatch(), asks: new LevelBatch() };

  /** A `depth` or `top` frame is valid until the next call. Never throws. */
  read(frame: Buffer): MarketFrame {
    const fast = this.recognise(frame);
    if (fast !== null) return fast;
    const ordinary = parseMarketFrame(frame.toString('utf8'));
    if (ordinary.kind === 'depth' || ordinary.kind === 'top' || ordinary.kind === 'trade') this.ordinaryFrames += 1;
    return ordinary;
  }

  private recognise(frame: Buffer): MarketFrame | null {
    const { scan } = this;
    scan.begin(frame);
    if (!scan.sees(COMBINED)) return this.event(null);
    scan.expect(COMBINED);
    const start = scan.plainString();
    if (!scan.ok) return null;
    const name = this.streams.at(frame, start, scan.position - 1);
    if (name.quoted === null) return null;
    scan.expect(DATA);
    const event = this.event(name);
    scan.expect(END);
    return scan.finished() ? event : null;
  }

  private event(name: KnownName | null): MarketFrame | null {
    const { scan } = this;
    if (scan.sees(TOP)) return this.readTop(name);
    if (scan.sees(DEPTH)) return this.readDepth(name);
    if (scan.sees(TRADE)) return this.readTrade(name);
    if (scan.sees(AGGREGATE)) return this.readAggregate(name);
    return null;
  }

  private readDepth(name: KnownName | null): DepthFrame | null {
    const { scan, depth } = this;
    depth.bids.clear();
    depth.asks.clear();
    scan.expect(DEPTH);
    depth.eventTimeMs = scan.integer();
    depth.symbol = this.symbol(name);
    scan.expect(FIRST);
    depth.first = scan.integer();
    scan.expect(LAST);
    depth.last = scan.integer();
    this.levels(BIDS, depth.bids);
    this.levels(ASKS, depth.asks);
    scan.expect(END);
    if (depth.first > depth.last) return null;
    return this.whole(name) ? depth : null;
  }

  private readTop(name: KnownName | null): TopFrame | null {
    const { scan, top } = this;
    top.bids.clear();
    top.asks.clear();
    scan.expect(TOP);
    top.updateId = scan.integer();
    top.symbol = this.symbol(name);
    this.pair(BIDS, BID_QUANTITY, top.bids);
    this.pair(ASKS, ASK_QUANTITY, top.asks);
    scan.expect(END);
    return this.whole(name) ? top : null;
  }

  private readTrade(name: KnownName | null): TradeFrame | null {
    const { scan } = this;
    scan.expect(TRADE);
    scan.integer();
    const symbol = this.symbol(name);
    scan.expect(TRADE_ID);
    const tradeId = scan.integer();
    scan.expect(PRICE);
    const price = scan.decimalText();
    scan.expect(QUANTITY);
    const quantity = scan.decimalText();
    const tradeTimeMs = this.number(TRADE_TIME);
    const buyerIsMaker = this.flag(BUYER_IS_MAKER);
    this.flag(IGNORED);
    scan.expect(END);
    if (!this.whole(name)) return null;
    return { kind: 'trade', stream: 'trade', symbol, tradeId, price, quantity, tradeTimeMs, buyerIsMaker };
  }

  private readAggregate(name: KnownName | null): TradeFrame | null {
    const { scan } = this;
    scan.expect(AGGREGATE);
    scan.integer();
    const symbol = this.symbol(name);
    const tradeId = this.number(ASKS);
    scan.expect(PRICE);
    const price = scan.decimalText();
    scan.expect(QUANTITY);
    const quantity = scan.decimalText();
    this.number(FIRST_TRADE);
    this.number(LAST_TRADE);
    const tradeTimeMs = this.number(TRADE_TIME);
    const buyerIsMaker = this.flag(BUYER_IS_MAKER);
    this.flag(IGNORED);
    scan.expect(END);
    if (!this.whole(name)) return null;
    return { kind: 'trade', stream: 'aggTrade', symbol, tradeId, price, quantity, tradeTimeMs, buyerIsMaker };
  }

  /** In a combined frame the symbol must be that of the stream; a bare one may carry any. */
  private symbol(name: KnownName | null): string {
    const { scan } = this;
    scan.expect(SYMBOL);
    if (name !== null) {
      if (name.quoted === null) scan.ok = false;
      else scan.expect(name.quoted);
      return name.symbol;
    }
    const start = scan.plainString();
    return scan.ok ? this.symbols.at(scan.bytes, start, scan.position - 1).symbol : '';
  }

  private levels(key: Uint8Array, batch: LevelBatch): void {
    const { scan } = this;
    scan.expect(key);
    if (scan.ok) scan.resume(batch.read(scan.bytes, scan.position));
  }

  private pair(key: Uint8Array, between: Uint8Array, batch: LevelBatch): void {
    const { scan } = this;
    scan.expect(key);
    if (scan.ok) scan.resume(batch.readPair(scan.bytes, scan.position, between));
  }

  private number(key: Uint8Array): number {
    this.scan.expect(key);
    return this.scan.integer();
  }

  private flag(key: Uint8Array): boolean {
    this.scan.expect(key);
    return this.scan.boolean();
  }

  /** A combined frame has one more bracket, which the caller reads. */
  private whole(name: KnownName | null): boolean {
    return name === null ? this.scan.finished() : this.scan.ok;
  }
}

function knownName(symbol: string | null): KnownName {
  const plain = symbol !== null && /^[\x21\x23-\x5b\x5d-\x7e]{1,60}$/.test(symbol);
  return { symbol: symbol ?? '', quoted: plain ? ascii(`"${symbol}"`) : null };
}
