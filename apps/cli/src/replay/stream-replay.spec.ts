import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runStreamReplay } from './stream-replay.js';
import type { ReplayResult } from './stream-result.js';

type Line = Readonly<Record<string, unknown>>;
type Level = readonly [string, string];

const WS = { ts: 1, channel: 'ws', dir: 'in', conn: 'ws.1', url: 'wss://stream.binance.com:9443/stream' };
const bare = (data: unknown): Line => ({ ...WS, raw: JSON.stringify(data) });
const combined = (stream: string, data: unknown): Line => ({ ...WS, raw: JSON.stringify({ stream, data }) });
const event = (U: number, u: number, b: Level[], a: Level[] = [], s = 'BTCUSDT') => ({ e: 'depthUpdate', E: u, s, U, u, b, a });
const depth = (...args: Parameters<typeof event>): Line => combined(`${(args[4] ?? 'BTCUSDT').toLowerCase()}@depth@100ms`, event(...args));
const trade = (t: number, q: string) => ({ e: 'trade', E: t, s: 'BTCUSDT', t, p: '100.00', q, T: t, m: true, M: true });
const snapshot = (lastUpdateId: number, bids: Level[], asks: Level[], symbol = 'BTCUSDT'): Line => ({
  ts: 1,
  channel: 'http',
  dir: 'in',
  conn: 'http.0',
  url: `https://api.binance.com/api/v3/depth?symbol=${symbol}&limit=1000`,
  raw: JSON.stringify({ lastUpdateId, bids, asks }),
});
const EXCHANGE_INFO: Line = {
  ts: null,
  channel: 'http',
  dir: 'in',
  conn: 'rest',
  url: 'https://api.binance.com/api/v3/exchangeInfo',
  raw: '{"symbols":[]}',
};
const OPEN: Line = { ...WS, dir: 'open', raw: '' };

describe('replaying a recording', () => {
  let folder = '';
  const out = {
    lines: [] as string[],
    errors: [] as string[],
    line: (text: string) => void out.lines.push(text),
    error: (text: string) => void out.errors.push(text),
  };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'breakwater-replay-'));
    out.lines = [];
    out.errors = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function replay(
    lines: readonly Line[],
    options: { at?: number[]; expect?: unknown; venue?: string } = {},
  ): Promise<{ code: number; result: ReplayResult }> {
    const file = path.join(folder, 'stream.jsonl.gz');
    await writeFile(file, gzipSync(lines.map((line) => JSON.stringify(line)).join('\n') + '\n'));
    const expected = options.expect === undefined ? null : path.join(folder, 'expected.json');
    if (expected !== null) await writeFile(expected, JSON.stringify(options.expect));
    const code = await runStreamReplay({ venue: options.venue ?? 'binance', file, expect: expected, at: options.at ?? [], out });
    return { code, result: JSON.parse(out.lines.join('') || '{}') as ReplayResult };
  }

  it('builds books from combined and bare frames, and drops trailing zeros', async () => {
    const { code, result } = await replay(
      [
        EXCHANGE_INFO,
        OPEN,
        depth(1, 3, [['99.00', '9.00']]),
        depth(4, 7, [['99.50', '1.50000000']], [['101.00', '0.00000000']]),
        snapshot(
          5,
          [['99.00', '1.0']],
          [
            ['100.00', '2.00'],
            ['101.00', '3.0'],
          ],
        ),
        bare(event(8, 8, [['98', '4']])),
        bare(trade(1, '0.10')),
        combined('btcusdt@trade', trade(2, '0.2')),
      ],
      { at: [5] },
    );
    expect(code).toBe(0);
    expect(result.books['BTCUSDT']).toMatchObject({
      bookMessages: 2,
      droppedBeforeSnapshot: 1,
      finalLevels: { bids: 3, asks: 1 },
      trust: 'live',
      sequence: '8',
      gaps: [],
      checkpoints: [
        {
          line: 5,
          trust: 'live',
          bids: [
            ['99.5', '1.5'],
            ['99', '1'],
          ],
          asks: [['100', '2']],
        },
      ],
      finalTop20: {
        bids: [
          ['99.5', '1.5'],
          ['99', '1'],
          ['98', '4'],
        ],
        asks: [['100', '2']],
      },
    });
    expect(result.trades).toEqual({ 'BTCUSDT trade': { count: 2, quantity: '0.3' } });
  });

  it('shows no levels between a gap and the next snapshot, and says why', async () => {
    const { result } = await replay(
      [
        snapshot(5, [['99', '1']], [['100', '2']]),
        depth(6, 6, [['98', '1']]),
        depth(8, 8, [['97', '1']]),
        depth(9, 9, [['96', '1']]),
        snapshot(
          8,
          [
            ['99', '1'],
            ['97', '1'],
          ],
          [['100', '2']],
        ),
      ],
      { at: [2, 3, 4] },
    );
    const book = result.books['BTCUSDT']!;
    expect(book.checkpoints.map(({ trust, bids }) => [trust, bids.length])).toEqual([
      ['live', 2],
      ['suspect', 0],
      ['suspect', 0],
    ]);
    expect(book.gaps).toEqual([{ line: 3, reason: 'an event is missing between 6 and 8' }]);
    expect([book.trust, book.sequence, book.snapshots, result.untrusted]).toEqual(['live', '9', 2, {}]);
  });

  it('names the books that are not to be used at the end', async () => {
    const { result } = await replay([
      depth(1, 2, [['1', '1']], [], 'ETHBTC'),
      snapshot(5, [['99', '1']], [['100', '2']]),
      depth(9, 9, []),
      depth(20, 21, [], [], 'BNBBTC'),
      snapshot(5, [], [], 'BNBBTC'),
    ]);
    expect(result.untrusted).toEqual({
      ETHBTC: 'no snapshot',
      BTCUSDT: 'line 3: an event is missing between 5 and 9',
      BNBBTC: 'the snapshot in line 5 is older than the events after it',
    });
    expect(Object.keys(result.books)).toEqual(['BTCUSDT']);
    expect(result.books['BTCUSDT']!.finalTop20).toEqual({ bids: [], asks: [] });
  });

  it('takes a newer snapshot over a live book, and leaves an older one', async () => {
    const { result } = await replay([
      snapshot(
        5,
        [
          ['99', '1'],
          ['1', '1'],
        ],
        [['100', '2']],
      ),
      depth(6, 6, [['98', '1']]),
      snapshot(5, [['99', '7']], []),
      snapshot(9, [['99', '3']], [['100', '4']]),
      depth(7, 9, [['99', '8']]),
    ]);
    expect(result.books['BTCUSDT']).toMatchObject({
      snapshots: 2,
      sequence: '9',
      droppedBeforeSnapshot: 1,
      finalTop20: { bids: [['99', '3']], asks: [['100', '4']] },
    });
    expect(result.counts).toMatchObject({ snapshotsBehind: 1 });
  });

  it('gives up the proof of a book when an event of it cannot be read', async () => {
    const { result } = await replay([
      snapshot(5, [['99', '1']], [['100', '2']]),
      combined('btcusdt@depth@100ms', { e: 'depthUpdate', s: 'BTCUSDT', U: 6 }),
    ]);
    expect(result.untrusted['BTCUSDT']).toBe('line 2: unreadable: bad depthUpdate');
  });

  const STREAM = [snapshot(5, [['99', '1']], [['100', '2']]), depth(6, 6, [['98', '1']]), bare(trade(1, '1'))];
  const EXPECTED = {
    note: 'anything',
    for: 'anything',
    books: {
      BTCUSDT: {
        bookMessages: 1,
        droppedBeforeSnapshot: 0,
        finalLevels: { bids: 2, asks: 1 },
        checkpoints: [{ line: 1, bids: [['99', '1']], asks: [['100', '2']] }],
        finalTop20: {
          bids: [
            ['99', '1'],
            ['98', '1'],
          ],
          asks: [['100', '2']],
        },
      },
    },
    trades: { 'BTCUSDT trade': { count: 1, quantity: '1' } },
  };

  it('exits 0 when everything expected is there', async () => {
    expect((await replay(STREAM, { expect: EXPECTED, at: [2] })).code).toBe(0);
    expect(out.errors).toEqual([]);
  });

  it.each([
    ['books.BTCUSDT.bookMessages', (one: typeof EXPECTED) => void (one.books.BTCUSDT.bookMessages = 2)],
    ['books.BTCUSDT.checkpoints[0].bids[0][1]', (one: typeof EXPECTED) => void (one.books.BTCUSDT.checkpoints[0]!.bids[0]![1] = '2')],
    [
      'books.BTCUSDT.checkpoints.length',
      (one: typeof EXPECTED) => void one.books.BTCUSDT.checkpoints.push({ line: 99, bids: [], asks: [] }),
    ],
    ['books.BTCUSDT.finalTop20.bids.length', (one: typeof EXPECTED) => void one.books.BTCUSDT.finalTop20.bids.pop()],
    ['trades.BTCUSDT trade', (one: typeof EXPECTED) => void Reflect.deleteProperty(one.trades, 'BTCUSDT trade')],
  ])('exits 1 and names the first difference: %s', async (where, change) => {
    const expected = structuredClone(EXPECTED);
    change(expected);
    const { code, result } = await replay(STREAM, { expect: expected });
    expect(code).toBe(1);
    expect(out.errors).toEqual([expect.stringMatching(/^first difference at /)]);
    expect((result as unknown as { difference: { path: string } }).difference.path).toBe(
      where.replace('checkpoints.length', 'checkpoints[1]'),
    );
  });

  it.each([
    ['a venue that it does not know', { venue: 'nowhere' }, STREAM, /no replay for venue nowhere/],
    ['a line that is no message', {}, [{ hello: 1 }], /line 1 is not a recorded message/],
    ['an expectation of another form', { expect: { books: 1 } }, STREAM, /not the documented form/],
  ])('exits 2 on %s', async (_sentence, options, lines, message) => {
    expect((await replay(lines, options)).code).toBe(2);
    expect(out.errors.join()).toMatch(message);
  });

  it('exits 2 on a file that is not there', async () => {
    expect(await runStreamReplay({ venue: 'binance', file: path.join(folder, 'none.jsonl.gz'), out })).toBe(2);
    expect(out.errors.join()).toMatch(/ENOENT/);
  });
});
