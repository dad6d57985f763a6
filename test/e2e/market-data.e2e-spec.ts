import { Global, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createBinanceExchange, type BinanceExchange } from '#libs/exchanges/binance';
import { ExchangeDirectory, type Exchange } from '#libs/exchanges/contract';
import { configureHttp, createFastifyAdapter, HttpModule, setupOpenApi } from '#libs/http';
import { Clock, SystemClock } from '#libs/kernel';
import { MarketDataModule } from '#libs/market-data';
import { startSimulator, type RunningSimulator } from '#libs/venue-simulator';

let simulator: RunningSimulator;
let exchange: BinanceExchange;
let app: NestFastifyApplication;

class OneExchange extends ExchangeDirectory {
  all(): readonly Exchange[] {
    return [exchange];
  }

  find(id: string): Exchange | undefined {
    return id === exchange.id ? exchange : undefined;
  }
}

@Global()
@Module({
  providers: [
    { provide: ExchangeDirectory, useClass: OneExchange },
    { provide: Clock, useClass: SystemClock },
  ],
  exports: [ExchangeDirectory, Clock],
})
class Ports {}

@Module({ imports: [HttpModule, Ports, MarketDataModule] })
class App {}

const get = (path: string) => request(app.getHttpServer()).get(path);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0, seed: 3, stepMs: 100 });
  const host = `127.0.0.1:${simulator.port}/binance`;
  exchange = createBinanceExchange({ restUrl: `http://${host}`, wsUrl: `ws://${host}`, clock: new SystemClock() });
  await exchange.start();
  const module = await Test.createTestingModule({ imports: [App] }).compile();
  app = module.createNestApplication<NestFastifyApplication>(createFastifyAdapter());
  configureHttp(app);
  setupOpenApi(app, { version: '0' });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});

afterAll(async () => {
  await app.close();
  await exchange.close();
  await simulator.close();
});

describe('venues', () => {
  it('are listed, and described one by one', async () => {
    const { body } = await get('/v1/venues').expect(200);
    expect(body).toEqual({ data: [{ id: 'binance', name: 'Binance', state: 'up', instruments: expect.any(Number) }], nextCursor: null });
    const one = await get('/v1/venues/binance').expect(200);
    expect(one.body).toMatchObject({
      id: 'binance',
      capabilities: { orderTypes: expect.arrayContaining(['limit']) },
      candleIntervals: expect.arrayContaining(['1m']),
    });
  });

  it('list their instruments by symbol, page by page, each once', async () => {
    const symbols: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = (await get(`/v1/venues/binance/instruments?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`).expect(200)).body as {
        data: { symbol: string }[];
        nextCursor: string | null;
      };
      symbols.push(...page.data.map(({ symbol }) => symbol));
      cursor = page.nextCursor;
    }
    expect(symbols).toEqual(
      exchange
        .instruments()
        .map(({ symbol }) => symbol)
        .toSorted(),
    );
  });

  it('narrow their instruments by symbol, base and quote', async () => {
    const { body } = await get('/v1/venues/binance/instruments?symbol=BTC/USDT').expect(200);
    expect(body.data).toMatchObject([
      { symbol: 'BTC/USDT', base: 'BTC', quote: 'USDT', kind: 'spot', filters: { priceTick: expect.stringMatching(DECIMAL) } },
    ]);
    expect((await get('/v1/venues/binance/instruments?quote=NONE').expect(200)).body).toEqual({ data: [], nextCursor: null });
  });

  it('that are not there answer 404, with the way to those that are', async () => {
    const { body } = await get('/v1/venues/nowhere').expect(404);
    expect(body).toMatchObject({ code: 'venue-not-found', detail: expect.stringContaining('GET /v1/venues') });
  });
});

describe('a book', () => {
  it('comes with its sequence, times and trust, best first, as text', async () => {
    const { body } = await get('/v1/market/book?venue=binance&symbol=BTC/USDT&depth=5').expect(200);
    expect(body).toEqual({
      venue: 'binance',
      symbol: 'BTC/USDT',
      sequence: expect.stringMatching(/^\d+$/),
      receivedAt: expect.stringMatching(TIME),
      venueTime: body.venueTime === null ? null : expect.stringMatching(TIME),
      stale: false,
      trust: 'live',
      ageMs: expect.any(Number),
      bids: expect.any(Array),
      asks: expect.any(Array),
    });
    expect([body.bids.length, body.asks.length]).toEqual([5, 5]);
    for (const text of [...body.bids, ...body.asks].flat()) expect(text).toMatch(DECIMAL);
  });

  it('goes on by itself, and tells the venue’s time of the last change', async () => {
    const first = (await get('/v1/market/book?venue=binance&symbol=BTC/USDT').expect(200)).body;
    await vi.waitFor(
      async () => {
        const { body } = await get('/v1/market/book?venue=binance&symbol=BTC/USDT').expect(200);
        expect(body.sequence).not.toBe(first.sequence);
        expect(body.venueTime).toMatch(TIME);
      },
      { timeout: 5_000 },
    );
  });
});

describe('ticker, trades and candles', () => {
  it('come as text and RFC 3339', async () => {
    const ticker = (await get('/v1/market/ticker?venue=binance&symbol=BTC/USDT').expect(200)).body;
    expect(ticker).toMatchObject({
      venue: 'binance',
      symbol: 'BTC/USDT',
      last: expect.stringMatching(DECIMAL),
      volume: expect.stringMatching(DECIMAL),
    });
    const trades = (await get('/v1/market/trades?venue=binance&symbol=BTC/USDT&limit=3').expect(200)).body;
    expect(trades.nextCursor).toBeNull();
    expect(trades.data.length).toBeLessThanOrEqual(3);
    const candles = (await get('/v1/market/candles?venue=binance&symbol=BTC/USDT&interval=1m&limit=3').expect(200)).body;
    expect(candles.data).toHaveLength(3);
    expect(candles.data[0]).toMatchObject({ openTime: expect.stringMatching(TIME), close: expect.stringMatching(DECIMAL) });
  });

  it('cost the venue one call, however many ask at once', async () => {
    const ask = vi.spyOn(exchange, 'ticker');
    await Promise.all(Array.from({ length: 20 }, () => get('/v1/market/ticker?venue=binance&symbol=ETH/USDT').expect(200)));
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('go on from page to page without a gap', async () => {
    const since = new Date(Math.floor(simulator.world().clock.nowMs() / 60_000) * 60_000 - 5 * 60_000).toISOString();
    const first = (await get(`/v1/market/candles?venue=binance&symbol=BTC/USDT&interval=1m&since=${since}&limit=2`).expect(200)).body;
    const second = (
      await get(`/v1/market/candles?venue=binance&symbol=BTC/USDT&interval=1m&limit=2&cursor=${first.nextCursor}`).expect(200)
    ).body;
    const times = [...first.data, ...second.data].map(({ openTime }: { openTime: string }) => Date.parse(openTime));
    expect(times).toEqual(times.map((_, at) => Date.parse(since) + at * 60_000));
  });
});

describe('a question that cannot be answered', () => {
  it.each([
    ['/v1/market/book?venue=nowhere&symbol=BTC/USDT', 404, 'venue-not-found'],
    ['/v1/market/ticker?venue=binance&symbol=NO/SUCH', 404, 'instrument-not-found'],
    ['/v1/market/book?venue=binance&symbol=BTC/USDT&depth=0', 400, 'invalid-request'],
    ['/v1/market/book?venue=binance&symbol=btcusdt', 400, 'invalid-request'],
    ['/v1/market/book?symbol=BTC/USDT', 400, 'invalid-request'],
    ['/v1/market/candles?venue=binance&symbol=BTC/USDT&interval=7m', 400, 'invalid-request'],
    ['/v1/market/candles?venue=binance&symbol=BTC/USDT&since=yesterday', 400, 'invalid-request'],
    ['/v1/market/trades?venue=binance&symbol=BTC/USDT&limit=5000', 400, 'invalid-request'],
    ['/v1/market/ticker?venue=binance&symbol=BTC/USDT&sybmol=1', 400, 'invalid-request'],
  ])('%s is refused with %i %s', async (path, status, code) => {
    const { body, headers } = await get(path).expect(status);
    expect(body).toMatchObject({ code, status });
    expect(headers['content-type']).toContain('application/problem+json');
  });
});

it('every route is in the API description, with scope, query and answer', async () => {
  const { body } = await get('/openapi.json').expect(200);
  const paths = [
    '/v1/venues',
    '/v1/venues/{venue}',
    '/v1/venues/{venue}/instruments',
    '/v1/market/book',
    '/v1/market/ticker',
    '/v1/market/trades',
    '/v1/market/candles',
  ];
  for (const path of paths) {
    expect(body.paths[path]?.get, path).toMatchObject({
      'x-scopes': ['market:read'],
      responses: { 200: { content: { 'application/json': { schema: expect.anything() } } } },
    });
  }
  const names = body.paths['/v1/market/book'].get.parameters.map(({ name }: { name: string }) => name);
  expect(names).toEqual(expect.arrayContaining(['venue', 'symbol', 'depth']));
});
