import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { MarketStream, type FetchedDepth, type MarketEvent, type MarketStreamLimits } from '#libs/exchanges/binance';
import { decimal, decimalText, SystemClock } from '#libs/kernel';
import type { BookSnapshot } from '#libs/model';
import { startSimulator, type RunningSimulator } from '#libs/venue-simulator';

const SYMBOL = 'BTC/USDT';
const DEPTH_STREAM = 'btcusdt@depth@100ms';
/** The same rules as in production, with less patience. */
const LIMITS: Partial<MarketStreamLimits> = {
  tickMs: 20,
  firstEventWaitMs: 50,
  snapshotRetryFirstMs: 50,
  snapshotRetryMaxMs: 400,
  snapshotsPerMinuteMax: 1_000,
  probeAfterMs: 400,
  controlTimeoutMs: 600,
};

const venueSymbol = (symbol: string): string => symbol.replace('/', '');
const plain = (levels: BookSnapshot['bids']): string[][] => levels.map((level) => level.map((text) => decimalText(decimal(text))));

let simulator: RunningSimulator;
let base: string;
let stream: MarketStream;

const post = async (path: string, body: unknown): Promise<void> => {
  const answer = await fetch(`${base}/_sim/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.ok, await answer.text()).toBe(true);
};
const fault = (kind: string, more: object = {}): Promise<void> => post('faults', { venue: 'binance', kind, ...more });
const step = (): Promise<void> => post('step', { steps: 1 });

async function depth(symbol: string, limit: number): Promise<FetchedDepth> {
  const answer = await fetch(`${base}/binance/api/v3/depth?symbol=${symbol}&limit=${limit}`);
  const { lastUpdateId, bids, asks } = (await answer.json()) as { lastUpdateId: number } & Pick<FetchedDepth, 'bids' | 'asks'>;
  return { lastUpdateId: String(lastUpdateId), bids, asks };
}

function open(limits: Partial<MarketStreamLimits> = {}): MarketStream {
  return new MarketStream({
    wsUrl: `${base.replace('http', 'ws')}/binance`,
    clock: new SystemClock(),
    venueSymbol,
    depth,
    limits: { ...LIMITS, ...limits },
    random: () => 0.5,
  });
}

/** The book is live, and is the venue's own at this moment. */
function isTrue(symbol = SYMBOL): void {
  const truth = simulator.world().exchange.depth(symbol, 20);
  const book = stream.peekBook(symbol, 20);
  expect(book).toMatchObject({ trust: 'live', sequence: String(truth.sequence) });
  const text = (levels: typeof truth.bids): string[][] => levels.map((level) => level.map(decimalText));
  expect(plain(book!.bids)).toEqual(text(truth.bids));
  expect(plain(book!.asks)).toEqual(text(truth.asks));
}

/** Waits until it is, while the market goes on. */
async function expectTrueBook(symbol = SYMBOL): Promise<void> {
  await vi.waitFor(() => isTrue(symbol), { timeout: 8_000, interval: 20 });
}

/** What listeners hear about the trust of a book, repetitions left out. */
function hearing(symbol = SYMBOL): string[] {
  const heard: string[] = [];
  stream.watch(symbol, 'book', (event) => {
    if (event.kind === 'book' && heard.at(-1) !== event.trust) heard.push(event.trust);
  });
  return heard;
}

beforeAll(async () => {
  // Nothing moves by itself: each test says when the market does.
  simulator = await startSimulator({ port: 0, seed: 11, stepMs: 0 });
  base = `http://127.0.0.1:${simulator.port}`;
});
beforeEach(() => {
  stream = open();
});
afterEach(async () => {
  await stream.close();
  await fetch(`${base}/_sim/faults`, { method: 'DELETE' });
});
afterAll(() => simulator.close());

describe('books from a venue that behaves', () => {
  it('are live at the first call, and follow every change', async () => {
    expect((await stream.book(SYMBOL, 5, 5_000)).trust).toBe('live');
    for (let at = 0; at < 5; at += 1) {
      await step();
      await expectTrueBook();
    }
    expect(stream.status().counts).toEqual({
      ordinaryFrames: 0,
      unreadable: 0,
      rolls: 0,
      snapshotsFailed: 0,
      auditsFailed: 0,
      listenerErrors: 0,
    });
  });

  it('share one connection, within the venue’s budget of messages', async () => {
    const symbols = simulator
      .world()
      .exchange.markets()
      .slice(0, 8)
      .map(({ symbol }) => symbol);
    const books = await Promise.all(symbols.map((symbol) => stream.book(symbol, 5, 8_000)));
    expect(books.map(({ trust }) => trust)).toEqual(symbols.map(() => 'live'));
    await step();
    for (const symbol of symbols) await expectTrueBook(symbol);
    expect(stream.status().streams.map(({ state }) => state)).toEqual(['open']);
    const [{ account }] = (await (await fetch(`${base}/_sim/accounts`)).json()) as [{ account: string }];
    const { rateLimitViolations } = (await (await fetch(`${base}/_sim/ledger?account=${account}`)).json()) as {
      rateLimitViolations: unknown[];
    };
    expect(rateLimitViolations).toEqual([]);
  });

  it('[lesson 23] spread over further connections when one is full, and break one by one', async () => {
    await stream.close();
    stream = open({ streamsPerConnectionMax: 2 });
    const symbols = simulator
      .world()
      .exchange.markets()
      .slice(0, 5)
      .map(({ symbol }) => symbol);
    await Promise.all(symbols.map((symbol) => stream.book(symbol, 5, 8_000)));
    expect(stream.status().streams.map(({ state }) => state)).toEqual(['open', 'open', 'open']);
    await fault('disconnect-ws', { count: 1 });
    await vi.waitFor(() => expect(stream.status().books.filter(({ trust }) => trust !== 'live').length).toBeGreaterThan(0), {
      timeout: 3_000,
      interval: 2,
    });
    await step();
    for (const symbol of symbols) await expectTrueBook(symbol);
  });

  it('go over to a new connection before the venue cuts the old one, and stay live all the while', async () => {
    await stream.close();
    stream = open({ rollAfterMs: 400 });
    await stream.book(SYMBOL, 5, 5_000);
    const heard = hearing();
    await vi.waitFor(
      async () => {
        await step();
        expect(stream.status().counts.rolls).toBeGreaterThan(1);
      },
      { timeout: 8_000, interval: 50 },
    );
    expect(heard.filter((trust) => trust !== 'live')).toEqual([]);
    await expectTrueBook();
  });

  it('are not there for a market that the venue has not: the venue stays silent, and so it is said', async () => {
    await expect(stream.book('NO/SUCH', 5, 300)).rejects.toMatchObject({ code: 'venue-unavailable', outcome: 'not-sent' });
  });

  it('are given up when nobody asks for them, and built again when somebody does', async () => {
    await stream.close();
    stream = open({ idleAfterMs: 200 });
    await stream.book(SYMBOL, 5, 5_000);
    await vi.waitFor(() => expect(stream.status().books).toEqual([]), { timeout: 3_000 });
    await step();
    expect((await stream.book(SYMBOL, 5, 5_000)).trust).toBe('live');
    await expectTrueBook();
  });
});

describe('books from a venue that does not', () => {
  beforeEach(async () => {
    await stream.book(SYMBOL, 5, 5_000);
    await step();
    await expectTrueBook();
  });

  it.each(['sequence-gap', 'drop-event', 'truncate', 'garbage'])(
    'are suspect as soon as a %s shows, and live again after a rebuild',
    async (kind) => {
      const heard = hearing();
      await fault(kind, { count: 1, match: { path: DEPTH_STREAM } });
      for (let at = 0; at < 12 && !heard.includes('suspect'); at += 1) {
        await step();
        await new Promise((resolve) => setTimeout(resolve, 120));
      }
      expect(heard).toContain('suspect');
      await expectTrueBook();
      expect(heard.at(-1)).toBe('live');
    },
  );

  it.each(['duplicate-event', 'reorder-events'])('come through %s', async (kind) => {
    await fault(kind, { count: 2, match: { path: DEPTH_STREAM }, ...(kind === 'reorder-events' && { delayMs: 150 }) });
    for (let at = 0; at < 4; at += 1) {
      await step();
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
    await expectTrueBook();
  });

  it('are suspect from the moment the connection breaks, and live again afterwards', async () => {
    const heard = hearing();
    await fault('disconnect-ws');
    await vi.waitFor(() => expect(heard).toContain('suspect'), { timeout: 3_000 });
    await step();
    await expectTrueBook();
    expect(heard).toEqual(['suspect', 'live']);
  });

  it('[lesson 21] notice a connection that lives but brings nothing', async () => {
    const heard = hearing();
    await fault('stall-ws', { count: 1 });
    await vi.waitFor(() => expect(heard).toContain('suspect'), { timeout: 5_000 });
    await fetch(`${base}/_sim/faults`, { method: 'DELETE' });
    await step();
    await expectTrueBook();
  });

  it('stay live while another connection takes over from one that is about to be cut', async () => {
    const heard = hearing();
    await fault('maintenance', { match: { path: '/nowhere' } });
    await vi.waitFor(() => expect(stream.status().counts.rolls).toBe(1), { timeout: 5_000 });
    await step();
    await expectTrueBook();
    expect(heard.filter((trust) => trust !== 'live')).toEqual([]);
  });

  it('keep the last proven levels while suspect, and say that they are not to be trusted', async () => {
    await fault('http-status', { status: 500, match: { path: '/api/v3/depth' } });
    await fault('sequence-gap', { count: 1, match: { path: DEPTH_STREAM } });
    await vi.waitFor(
      async () => {
        await step();
        expect(stream.peekBook(SYMBOL, 5)?.trust).toBe('suspect');
      },
      { timeout: 5_000, interval: 150 },
    );
    const book = await stream.book(SYMBOL, 5, 50);
    expect([book.trust, book.bids.length]).toEqual(['suspect', 5]);
    expect(stream.status().counts.snapshotsFailed).toBeGreaterThan(0);
  });
});

describe('books that look well and are not', () => {
  it('are found out when the venue moves on and the stream does not', async () => {
    await stream.close();
    stream = open({ quietAuditAfterMs: 150, auditPatienceMs: 200 });
    await stream.book(SYMBOL, 5, 5_000);
    const heard = hearing();
    await fault('drop-event', { match: { path: DEPTH_STREAM } });
    await step();
    await vi.waitFor(() => expect(heard).toContain('suspect'), { timeout: 5_000 });
    expect(stream.status().counts.auditsFailed).toBeGreaterThan(0);
    await fetch(`${base}/_sim/faults`, { method: 'DELETE' });
    await step();
    await expectTrueBook();
  });

  it('stay live through audits when nothing moves, and are stale when even audits fail', async () => {
    await stream.close();
    stream = open({ quietAuditAfterMs: 100, staleAfterMs: 600 });
    await stream.book(SYMBOL, 5, 5_000);
    const heard: (number | null)[] = [];
    await vi.waitFor(
      () => {
        heard.push(stream.bookAgeMs(SYMBOL));
        expect(heard.some((age, at) => at > 0 && age! < heard[at - 1]!)).toBe(true);
      },
      { timeout: 3_000, interval: 20 },
    );
    expect(stream.peekBook(SYMBOL, 1)?.trust).toBe('live');
    await fault('http-status', { status: 500, match: { path: '/api/v3/depth' } });
    await vi.waitFor(() => expect(stream.peekBook(SYMBOL, 1)?.trust).toBe('stale'), { timeout: 4_000 });
  });
});

describe('trades and best prices', () => {
  it('are heard while somebody listens, in our words', async () => {
    const heard: MarketEvent[] = [];
    const watches = (['trades', 'ticker'] as const).map((channel) => stream.watch(SYMBOL, channel, (event) => void heard.push(event)));
    stream.watch(SYMBOL, 'trades', () => {
      throw new Error('a listener that fails');
    });
    await vi.waitFor(
      async () => {
        await step();
        expect(heard.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['trade', 'top']));
      },
      { timeout: 8_000, interval: 50 },
    );
    const trade = heard.find((event) => event.kind === 'trade');
    expect(trade).toMatchObject({
      trade: { symbol: SYMBOL, price: expect.stringMatching(/^\d+\.\d+$/), side: expect.stringMatching(/^(buy|sell)$/) },
    });
    expect(stream.status().counts.listenerErrors).toBeGreaterThan(0);
    for (const watch of watches) watch.close();
    const before = heard.length;
    await step();
    await becomesQuiet();
    expect(heard.length).toBe(before);
  });
});

/** The venue has acknowledged that the streams are no longer wanted, so that nothing more can come. */
async function becomesQuiet(): Promise<void> {
  await stream.book(SYMBOL, 1, 5_000);
  await expectTrueBook();
}
