import { VenueError } from '#libs/exchanges/contract';
import { SystemClock } from '#libs/kernel';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createBinanceExchange, type BinanceExchange } from './binance.exchange.js';

const info = readFileSync(new URL('../fixtures/http_exchangeInfo.json', import.meta.url), 'utf8');
const clock = new SystemClock();
const disposals: Array<() => Promise<void> | void> = [];

afterEach(async () => {
  for (const dispose of disposals.splice(0).reverse()) await dispose();
});

/** A venue that knows the time and its markets; `more` goes first. */
async function venue(more: (path: string, response: ServerResponse) => boolean = () => false) {
  const paths: string[] = [];
  const upgrades: string[] = [];
  const server: Server = createServer((request: IncomingMessage, response) => {
    const path = request.url ?? '';
    paths.push(path);
    if (more(path, response)) return;
    response.setHeader('content-type', 'application/json');
    if (path.endsWith('/time')) response.end(JSON.stringify({ serverTime: clock.nowMs() }));
    else if (path.includes('/exchangeInfo')) response.end(info);
    else response.writeHead(404).end('{}');
  });
  server.on('upgrade', (request, socket) => {
    upgrades.push(request.url ?? '');
    socket.on('error', () => undefined);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  disposals.push(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const base = `127.0.0.1:${(server.address() as AddressInfo).port}/binance`;
  return { restUrl: `http://${base}`, wsUrl: `ws://${base}/`, paths, upgrades };
}

function exchange(urls: { restUrl: string; wsUrl: string }, startWaitMs = 5_000): BinanceExchange {
  const made = createBinanceExchange({ restUrl: urls.restUrl, wsUrl: urls.wsUrl, clock, startWaitMs });
  disposals.push(() => made.close());
  return made;
}

describe('BinanceExchange', () => {
  it('loads clock, markets and limits below the prefix of its address', async () => {
    const at = await venue();
    const binance = exchange(at);
    expect(binance.status().state).toBe('down');
    await binance.start();
    expect(binance.instruments().map((instrument) => instrument.symbol)).toEqual(['BTC/USDT', 'OLD/BTC']);
    expect(binance.status()).toMatchObject({ state: 'up', instruments: 2, silentUntilMs: null, lastError: null });
    expect(binance.status().budgets.map((budget) => [budget.name, budget.limit])).toEqual([['REQUEST_WEIGHT_1M', 6_000]]);
    expect(at.paths.every((path) => path.startsWith('/binance/api/v3/'))).toBe(true);
    expect(JSON.parse(JSON.stringify(binance.status()))).toEqual(binance.status());
  });

  it('starts also where the venue is down, says so, and loads as soon as it is there', async () => {
    let down = true;
    const at = await venue((_path, response) => {
      if (down) response.writeHead(503).end('<html>maintenance</html>');
      return down;
    });
    const binance = exchange(at);
    await binance.start();
    expect(binance.status()).toMatchObject({ state: 'down', instruments: 0, clockOffsetMs: null });
    expect(binance.instrument('BTC/USDT')).toBeUndefined();
    await expect(binance.ticker('BTC/USDT')).rejects.toMatchObject({ code: 'venue-unavailable', outcome: 'not-sent' });
    down = false;
    await vi.waitFor(() => expect(binance.status().state).toBe('up'), { timeout: 10_000 });
  });

  it('does not let a venue that never answers hold up the start', async () => {
    const at = await venue(() => true);
    const binance = exchange(at, 30);
    await binance.start();
    expect(binance.status().state).toBe('down');
  });

  it('tells a market that is not there from a candle length that is not', async () => {
    const binance = exchange(await venue());
    await binance.start();
    await expect(binance.trades('NO/SUCH', 1)).rejects.toMatchObject({ code: 'invalid-symbol', outcome: 'not-sent' });
    await expect(binance.candles('BTC/USDT', '7m', null, 1)).rejects.toMatchObject({ code: 'invalid-request', outcome: 'not-sent' });
    await expect(binance.book('NO/SUCH', 5, 0)).rejects.toBeInstanceOf(VenueError);
  });

  it('is down when call after call finds no venue, and says what failed last', async () => {
    let broken = false;
    const at = await venue((_path, response) => {
      if (broken) response.writeHead(502).end();
      return broken;
    });
    const binance = exchange(at);
    await binance.start();
    broken = true;
    await expect(binance.ticker('BTC/USDT')).rejects.toMatchObject({ code: 'venue-unavailable' });
    expect(binance.status()).toMatchObject({ state: 'down', lastError: expect.stringContaining('HTTP 502') });
  });

  it('joins the private stream beside the market streams, or where it is told to', async () => {
    const at = await venue();
    const binance = exchange(at);
    await binance.start();
    const subscription = binance.account('main', { apiKey: 'K', apiSecret: 'S' }).subscribe(() => undefined);
    await vi.waitFor(() => expect(at.upgrades[0]).toBe('/binance/ws-api/v3'));
    await subscription.close();
  });

  it('refuses a private key that cannot be read, without repeating it', async () => {
    const binance = exchange(await venue());
    const broken = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----';
    expect(() => binance.account('main', { apiKey: 'K', apiSecret: broken })).toThrow(
      expect.objectContaining({ code: 'auth-failed', outcome: 'not-sent' }),
    );
  });

  it('frees everything when it is closed, twice over', async () => {
    const at = await venue();
    const binance = exchange(at);
    await binance.start();
    const account = binance.account('main', { apiKey: 'K', apiSecret: 'S' });
    account.subscribe(() => undefined);
    await binance.close();
    await binance.close();
    await expect(account.balances()).rejects.toMatchObject({ outcome: 'not-sent' });
    expect(binance.status().streams.filter((stream) => stream.name.startsWith('main'))).toEqual([]);
  });
});
