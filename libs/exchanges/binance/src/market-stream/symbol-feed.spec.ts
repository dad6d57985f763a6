import { describe, expect, it } from 'vitest';
import { BookAudit } from './book-audit.js';
import { MarketFrameReader } from './frame-reader.js';
import { KeptBook } from './kept-book.js';
import { MARKET_STREAM_LIMITS } from './limits.js';
import { SymbolFeed, type MarketChannel, type MarketEvent } from './symbol-feed.js';

type Level = [string, string];

const reader = new MarketFrameReader();
const SNAPSHOT = {
  lastUpdateId: 10,
  bids: [
    ['99', '1'],
    ['98', '1'],
  ] as Level[],
  asks: [
    ['101', '1'],
    ['102', '1'],
  ] as Level[],
};

/** A feed at a time that the test owns. */
class Stage {
  nowMs = 1_000;
  readonly feed = new SymbolFeed('BTC/USDT', 'BTCUSDT', MARKET_STREAM_LIMITS);
  readonly heard: MarketEvent[] = [];

  constructor(...channels: MarketChannel[]) {
    for (const channel of channels) this.feed.listeners[channel].add((event) => void this.heard.push(event));
  }

  live(): this {
    this.feed.kept = new KeptBook(MARKET_STREAM_LIMITS);
    this.feed.kept.cover(this.nowMs);
    if (!this.feed.accept(SNAPSHOT, this.at())) throw new Error('the snapshot was of no use');
    return this;
  }

  depth(first: number, last: number, bids: Level[], asks: Level[] = []): void {
    const bytes = Buffer.from(JSON.stringify({ e: 'depthUpdate', E: 5, s: 'BTCUSDT', U: first, u: last, b: bids, a: asks }));
    const frame = reader.read(bytes);
    if (frame.kind !== 'depth') throw new Error('not a depth event');
    this.feed.depth(frame, bytes, this.at());
  }

  trade(id: number): void {
    const frame = {
      kind: 'trade',
      stream: 'trade',
      symbol: 'BTCUSDT',
      tradeId: id,
      price: '1.50',
      quantity: '2',
      tradeTimeMs: 9,
      buyerIsMaker: true,
    } as const;
    this.feed.trade(frame);
  }

  startAudit(snapshot: typeof SNAPSHOT): boolean {
    this.feed.audit = new BookAudit();
    return this.feed.audit.accept(snapshot, this.nowMs);
  }

  get trust(): string | undefined {
    return this.feed.kept?.trust(this.nowMs);
  }

  private at(): { wallMs: number; nowMs: number } {
    return { wallMs: 1_700_000_000_000 + this.nowMs, nowMs: this.nowMs };
  }
}

describe('the trust of a book', () => {
  it('is lost with the connection, and regained by the first event that joins up', () => {
    const stage = new Stage('book').live();
    stage.feed.uncover('closed-1006', stage.nowMs);
    expect(stage.trust).toBe('suspect');
    stage.feed.kept!.cover(stage.nowMs);
    expect(stage.trust).toBe('suspect');
    stage.depth(11, 12, [['99', '2']]);
    expect(stage.trust).toBe('live');
  });

  it('is not regained by the acknowledgement alone, since something may have been missed', () => {
    const stage = new Stage().live();
    stage.feed.uncover('closed-1006', stage.nowMs);
    stage.feed.kept!.cover(stage.nowMs);
    stage.nowMs += MARKET_STREAM_LIMITS.firstEventWaitMs;
    expect(stage.feed.kept!.needsSnapshot(stage.nowMs)).toBe(true);
    expect(stage.trust).toBe('suspect');
  });

  it('[lesson 31] is lost when the book crosses, and the crossed book is not built upon', () => {
    const stage = new Stage('book').live();
    stage.depth(11, 11, [['101', '1']]);
    expect(stage.trust).toBe('suspect');
    stage.depth(12, 12, [['101', '0']]);
    expect(stage.trust).toBe('suspect');
    expect(stage.heard.map((event) => event.kind === 'book' && event.trust)).toEqual(['live', 'suspect']);
  });

  it('[lesson 31] is lost when ids go back and stay back, instead of the book being frozen', () => {
    const stage = new Stage().live();
    for (let at = 0; at <= MARKET_STREAM_LIMITS.oldEventsMax; at += 1) {
      expect(stage.trust).toBe('live');
      stage.depth(1, 2, [['99', '5']]);
    }
    expect(stage.trust).toBe('suspect');
  });

  it('[lesson 31] grows stale when nothing proves it any more', () => {
    const stage = new Stage().live();
    stage.nowMs += MARKET_STREAM_LIMITS.staleAfterMs;
    expect(stage.trust).toBe('live');
    stage.nowMs += 1;
    expect(stage.trust).toBe('stale');
  });

  it('is lost at a gap, and the levels shown are those last proven, under their own sequence', () => {
    const stage = new Stage().live();
    stage.depth(11, 12, [['99', '7']]);
    stage.depth(14, 15, [['99', '8']]);
    expect(stage.feed.snapshot(1, stage.nowMs)).toMatchObject({ trust: 'suspect', sequence: '12', bids: [['99', '7']] });
  });

  it('is never more than suspect while no snapshot has come', () => {
    const kept = new KeptBook(MARKET_STREAM_LIMITS);
    kept.cover(0);
    expect([kept.trust(0), kept.trust(1e9), kept.ageMs(5), kept.snapshot('X', 5, 0)]).toEqual(['suspect', 'suspect', null, null]);
  });
});

describe('an audit', () => {
  it('confirms a book that is equal at the same id', () => {
    const stage = new Stage().live();
    stage.nowMs += 60_000;
    expect(stage.startAudit(SNAPSHOT)).toBe(true);
    expect(stage.feed.judge(stage.nowMs)).toBe('equal');
    expect(stage.feed.kept!.ageMs(stage.nowMs)).toBe(0);
  });

  it('waits until the stream has caught up with the snapshot', () => {
    const stage = new Stage().live();
    stage.startAudit({
      ...SNAPSHOT,
      lastUpdateId: 11,
      bids: [
        ['99', '3'],
        ['98', '1'],
      ],
    });
    expect(stage.feed.judge(stage.nowMs)).toBe('open');
    stage.depth(11, 12, [
      ['99', '3'],
      ['98', '4'],
    ]);
    expect([stage.feed.audit, stage.trust]).toEqual([null, 'live']);
  });

  it('[lesson 31] finds a side that is frozen although ids go on', () => {
    const stage = new Stage().live();
    stage.depth(11, 12, [['99', '3']]);
    stage.startAudit({
      lastUpdateId: 12,
      bids: [
        ['99', '3'],
        ['98', '1'],
      ],
      asks: [
        ['100', '9'],
        ['101', '1'],
        ['102', '1'],
      ],
    });
    expect(stage.feed.judge(stage.nowMs)).toBe('different');
    expect([stage.trust, stage.feed.kept!.why]).toEqual(['suspect', 'audit found a difference']);
  });

  it('finds a stream that has stopped while the venue moved on', () => {
    const stage = new Stage().live();
    stage.startAudit({ ...SNAPSHOT, lastUpdateId: 20 });
    stage.nowMs += MARKET_STREAM_LIMITS.auditPatienceMs;
    expect(stage.feed.judge(stage.nowMs)).toBe('open');
    stage.nowMs += 1;
    expect(stage.feed.judge(stage.nowMs)).toBe('frozen');
    expect(stage.trust).toBe('suspect');
  });

  it('says nothing when the venue’s answer is older than the book', () => {
    const stage = new Stage().live();
    stage.depth(11, 12, [['99', '3']]);
    stage.startAudit(SNAPSHOT);
    stage.nowMs += MARKET_STREAM_LIMITS.auditPatienceMs + 1;
    expect(stage.feed.judge(stage.nowMs)).toBe('open');
    expect([stage.feed.audit, stage.trust]).toEqual([null, 'live']);
  });
});

describe('an audit that the venue does not answer', () => {
  it('proves nothing, neither for nor against', () => {
    const stage = new Stage().live();
    stage.feed.audit = new BookAudit();
    stage.nowMs += 60_000;
    expect(stage.feed.judge(stage.nowMs)).toBe('open');
    stage.feed.answerAudit(null, stage.nowMs);
    expect([stage.feed.audit, stage.trust, stage.feed.kept!.ageMs(stage.nowMs)]).toEqual([null, 'live', 60_000]);
    expect(stage.feed.auditIsDue(stage.nowMs)).toBe(false);
    expect(stage.feed.auditIsDue(stage.nowMs + MARKET_STREAM_LIMITS.quietAuditAfterMs)).toBe(true);
  });
});

describe('trades', () => {
  it('come in our words: the buyer made, so the seller took', () => {
    const stage = new Stage('trades');
    stage.trade(5);
    expect(stage.heard).toEqual([
      { kind: 'trade', trade: { symbol: 'BTC/USDT', venueTradeId: '5', price: '1.50', quantity: '2', side: 'sell', venueTimeMs: 9 } },
    ]);
  });

  it('[lesson 18] come once each, and say between which ids some were missed', () => {
    const stage = new Stage('trades');
    for (const id of [5, 6, 6, 5, 9]) stage.trade(id);
    expect(stage.heard.map((event) => (event.kind === 'trade' ? event.trade.venueTradeId : event))).toEqual([
      '5',
      '6',
      { kind: 'trades-missed', symbol: 'BTC/USDT', afterTradeId: '6', beforeTradeId: '9' },
      '9',
    ]);
  });
});

it('a feed wants only the streams that somebody uses', () => {
  const stage = new Stage('ticker');
  expect(stage.feed.streams()).toEqual(['btcusdt@bookTicker']);
  stage.live();
  expect(stage.feed.streams()).toEqual(['btcusdt@depth@100ms', 'btcusdt@bookTicker']);
});
