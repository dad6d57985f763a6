import { describe, expect, it } from 'vitest';
import { parseDepthSnapshot, parseMarketFrame, symbolOfStream } from './parse.js';

/** Written by hand after the shapes of the venue's documentation, "WebSocket Streams", read 2026-11-22. */
const KLINE = {
  e: 'kline',
  E: 1_672_515_782_136,
  s: 'BNBBTC',
  k: {
    t: 1_672_515_780_000,
    T: 1_672_515_839_999,
    s: 'BNBBTC',
    i: '1m',
    f: 100,
    L: 200,
    o: '0.0010',
    c: '0.0020',
    h: '0.0025',
    l: '0.0015',
    v: '1000',
    n: 100,
    x: false,
    q: '1.0000',
    V: '500',
    Q: '0.500',
    B: '123456',
  },
};
const TICKER = {
  e: '24hrTicker',
  E: 1_672_515_782_136,
  s: 'BNBBTC',
  p: '-0.0015',
  P: '-250.00',
  w: '0.0018',
  x: '0.0009',
  c: '0.0025',
  Q: '10',
  b: '0.0024',
  B: '10',
  a: '0.0026',
  A: '100',
  o: '0.0010',
  h: '0.0025',
  l: '0.0010',
  v: '10000',
  q: '18',
  O: 0,
  C: 86_400_000,
  F: 0,
  L: 18_150,
  n: 18_151,
};
const MINI = {
  e: '24hrMiniTicker',
  E: 1_672_515_782_136,
  s: 'BNBBTC',
  c: '0.0025',
  o: '0.0010',
  h: '0.0025',
  l: '0.0010',
  v: '10000',
  q: '18',
};
const PARTIAL = { lastUpdateId: 160, bids: [['0.0024', '10']], asks: [['0.0026', '100']] };

const read = (value: unknown) => parseMarketFrame(JSON.stringify(value));
const combined = (stream: string, data: unknown) => read({ stream, data });

describe('market frames', () => {
  it('tell of a candle and whether it is closed', () => {
    expect(read(KLINE)).toEqual({
      kind: 'candle',
      symbol: 'BNBBTC',
      interval: '1m',
      closed: false,
      candle: {
        openTimeMs: 1_672_515_780_000,
        closeTimeMs: 1_672_515_839_999,
        open: '0.0010',
        high: '0.0025',
        low: '0.0015',
        close: '0.0020',
        volume: '1000',
        quoteVolume: '1.0000',
        trades: 100,
      },
    });
  });

  it('tell of the last 24 hours, in full and in short', () => {
    expect(combined('bnbbtc@ticker', TICKER)).toMatchObject({
      kind: 'ticker',
      last: '0.0025',
      bid: '0.0024',
      askQuantity: '100',
      change: '-0.0015',
      changePercent: '-250.00',
    });
    expect(combined('bnbbtc@miniTicker', MINI)).toMatchObject({ kind: 'ticker', last: '0.0025', volume: '10000', bid: null, change: null });
  });

  it('tell of a partial book, whose symbol only the stream names', () => {
    expect(combined('bnbbtc@depth5@100ms', PARTIAL)).toEqual({ kind: 'partial-depth', symbol: 'BNBBTC', ...PARTIAL });
    expect(read(PARTIAL)).toMatchObject({ kind: 'partial-depth', symbol: null });
  });

  it.each([
    ['an acknowledgement', { result: null, id: 1 }, { id: 1, streams: null, error: null }],
    ['a list', { result: ['btcusdt@trade'], id: 'x' }, { id: 'x', streams: ['btcusdt@trade'], error: null }],
    [
      'an error without id',
      { code: 2, msg: 'Invalid request' },
      { id: null, streams: null, error: { code: 2, message: 'Invalid request' } },
    ],
    [
      'an error with id',
      { error: { code: 3, msg: 'Invalid JSON' }, id: 7 },
      { id: 7, streams: null, error: { code: 3, message: 'Invalid JSON' } },
    ],
  ])('tell of %s', (_sentence, value, expected) => {
    expect(read(value)).toEqual({ kind: 'control', ...expected });
  });

  it('tell of the shutdown notice, bare and combined', () => {
    const notice = { e: 'serverShutdown', E: 1 };
    expect([read(notice), combined('!serverShutdown', notice)]).toEqual([{ kind: 'shutdown' }, { kind: 'shutdown' }]);
  });

  it('tell the name of an event that we have no use for', () => {
    expect(read({ e: 'referencePrice', s: 'X' })).toEqual({ kind: 'other', event: 'referencePrice' });
  });

  it.each([
    ['not JSON', '{"e":', null],
    ['not an object', '[1]', null],
    ['nothing we know', '{"a":1}', null],
    ['a depth event without bids', '{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"a":[]}', 'BTCUSDT'],
    ['a depth event whose ids go back', '{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":3,"u":2,"b":[],"a":[]}', 'BTCUSDT'],
    ['a price that is a number', '{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"b":[[1.5,"1"]],"a":[]}', 'BTCUSDT'],
    ['a price that is no decimal', '{"e":"trade","E":1,"s":"BTCUSDT","t":1,"p":"1e5","q":"1","T":1,"m":true}', 'BTCUSDT'],
    ['a stream without data', '{"stream":"btcusdt@trade"}', 'BTCUSDT'],
  ])('are unreadable when they are %s', (_sentence, text, symbol) => {
    expect(parseMarketFrame(text)).toMatchObject({ kind: 'unreadable', symbol });
  });
});

describe('depth snapshots', () => {
  it('keep text and ids', () => {
    const text = '{"lastUpdateId":90071992547409931,"bids":[["4.00000000","431.0",[]]],"asks":[]}';
    expect(parseDepthSnapshot(text)).toEqual({ lastUpdateId: 90_071_992_547_409_931n, bids: [['4.00000000', '431.0']], asks: [] });
  });

  it.each(['{}', '{"lastUpdateId":"1","bids":[],"asks":[]}', '{"lastUpdateId":1,"bids":[["1"]],"asks":[]}'])(
    'are refused when they are %s',
    (text) => {
      expect(() => parseDepthSnapshot(text)).toThrow(RangeError);
    },
  );
});

it.each([
  ['btcusdt@depth@100ms', 'BTCUSDT'],
  ['!miniTicker@arr', null],
  ['nonsense', null],
])('the symbol of %s is %s', (stream, symbol) => {
  expect(symbolOfStream(stream)).toBe(symbol);
});
