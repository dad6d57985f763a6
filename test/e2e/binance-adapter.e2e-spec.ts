import { decimal, SystemClock } from '#libs/kernel';
import { BinanceExchange, createBinanceExchange, type BinanceAccount } from '#libs/exchanges/binance';
import { VenueError, type AccountEvent, type PlaceCommand } from '#libs/exchanges/contract';
import { startSimulator, type RunningSimulator } from '#libs/venue-simulator';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

const options = { deadlineMs: 3_000, correlationId: null };
let simulator: RunningSimulator;
let base: string;
let exchange: BinanceExchange;
let account: BinanceAccount;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0, seed: 7 });
  base = `http://127.0.0.1:${simulator.port}`;
  exchange = createBinanceExchange({
    restUrl: `${base}/binance`,
    wsUrl: `${base.replace('http', 'ws')}/binance`,
    clock: new SystemClock(),
  });
  await exchange.start();
  const accounts = (await (await fetch(`${base}/_sim/accounts`)).json()) as {
    venue: string;
    account: string;
    apiKey: string;
    apiSecret: string;
  }[];
  const mine = accounts.find((candidate) => candidate.venue === 'binance')!;
  account = exchange.account(mine.account, mine);
});

afterEach(async () => {
  await fetch(`${base}/_sim/faults`, { method: 'DELETE' });
});

afterAll(async () => {
  await exchange.close();
  await simulator.close();
});

function order(more: Partial<PlaceCommand> = {}): PlaceCommand {
  return {
    kind: 'place',
    symbol: 'BTC/USDT',
    venueClientId: account.venueClientId(randomUUID()),
    side: 'buy',
    type: 'limit',
    timeInForce: 'GTC',
    quantity: decimal('0.01'),
    quoteQuantity: null,
    price: decimal('20000'),
    stopPrice: null,
    postOnly: false,
    ...more,
  };
}

async function failure(promise: Promise<unknown>): Promise<VenueError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(VenueError);
  return error as VenueError;
}

async function fault(body: object): Promise<void> {
  const answer = await fetch(`${base}/_sim/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ venue: 'binance', ...body }),
  });
  expect(answer.ok).toBe(true);
}

describe('the Binance adapter against the simulated venue', () => {
  it('loads markets, clock and limits', () => {
    expect(exchange.instrument('BTC/USDT')).toMatchObject({ venueSymbol: 'BTCUSDT', status: 'trading' });
    expect(exchange.status()).toMatchObject({ venue: 'binance', state: 'up' });
    expect(Math.abs(exchange.status().clockOffsetMs!)).toBeLessThan(1_000);
    expect(exchange.status().budgets.length).toBeGreaterThan(0);
  });

  it('reads market data', async () => {
    const ticker = await exchange.ticker('BTC/USDT');
    expect(ticker.symbol).toBe('BTC/USDT');
    await exchange.trades('BTC/USDT', 5);
    expect(Array.isArray(await exchange.candles('BTC/USDT', '1m', null, 5))).toBe(true);
    const depth = await exchange.depth('BTC/USDT', 5);
    expect(depth.bids.length).toBeGreaterThan(0);
  });

  it('places, finds, amends and cancels a resting order', async () => {
    const command = order();
    const placed = await account.send(account.prepare(command), options);
    expect(placed).toMatchObject({ status: 'new', venueClientId: command.venueClientId, side: 'buy', type: 'limit', symbol: 'BTC/USDT' });
    const reference = { symbol: 'BTC/USDT', venueClientId: command.venueClientId, venueOrderId: null };
    expect((await account.queryOrder(reference))!.venueOrderId).toBe(placed.venueOrderId);
    expect((await account.openOrders('BTC/USDT')).some((open) => open.venueOrderId === placed.venueOrderId)).toBe(true);
    expect((await account.openOrders(null)).some((open) => open.venueOrderId === placed.venueOrderId)).toBe(true);

    const named = { symbol: 'BTC/USDT', venueClientId: command.venueClientId, venueOrderId: placed.venueOrderId };
    const amended = await account.send(account.prepare({ kind: 'amend', ...named, quantity: decimal('0.006') }), options);
    expect(amended.quantity.toFixed()).toBe('0.006');
    expect(amended.venueClientId).toBe(command.venueClientId);

    const canceled = await account.send(account.prepare({ kind: 'cancel', ...named }), options);
    expect(canceled).toMatchObject({ status: 'canceled', venueClientId: command.venueClientId });
    const again = await failure(account.send(account.prepare({ kind: 'cancel', ...named }), options));
    expect(again).toMatchObject({ code: 'order-not-found', outcome: 'refused', venueCode: '-2011' });
  });

  it('keeps a book from the stream, and says whether to trust it', async () => {
    const book = await exchange.book('BTC/USDT', 5, 5_000);
    expect(book).toMatchObject({ symbol: 'BTC/USDT', trust: 'live' });
    expect(book.bids.length).toBeGreaterThan(0);
    expect(decimal(book.bids[0]![0]).lt(decimal(book.asks[0]![0]))).toBe(true);
    expect(exchange.status().books).toMatchObject([{ symbol: 'BTC/USDT', trust: 'live' }]);
  });

  it('says null of an order that the venue does not know', async () => {
    expect(await account.queryOrder({ symbol: 'BTC/USDT', venueClientId: randomUUID(), venueOrderId: null })).toBeNull();
  });

  it('buys at the market by amount of quote asset, and pages through the fills', async () => {
    const bought = await account.send(
      account.prepare(order({ type: 'market', timeInForce: null, quantity: null, price: null, quoteQuantity: decimal('500') })),
      options,
    );
    expect(bought.status).toBe('filled');
    expect(bought.fills.length).toBeGreaterThan(0);
    await account.send(account.prepare(order({ type: 'market', timeInForce: null, price: null })), options);
    const all = await account.fills({ symbol: 'BTC/USDT' });
    expect(all.nextFromTradeId).toBeNull();
    const ids: string[] = [];
    for (let from: string | null = all.fills[0]!.venueTradeId; from !== null;) {
      const page = await account.fills({ symbol: 'BTC/USDT', fromTradeId: from, limit: 1 });
      ids.push(...page.fills.map((fill) => fill.venueTradeId));
      from = page.nextFromTradeId;
    }
    expect(ids).toEqual(all.fills.map((fill) => fill.venueTradeId));
    const ofOrder = await account.fills({ symbol: 'BTC/USDT', venueOrderId: bought.venueOrderId });
    expect(ofOrder.fills.map((fill) => fill.quantity.toFixed())).toEqual(bought.fills.map((fill) => fill.quantity.toFixed()));
    expect((await account.balances()).map((balance) => balance.asset)).toContain('BTC');
  });

  it('places each kind of order, previews, cancels all, and cancels and replaces', async () => {
    const price = decimal('20000');
    expect(await account.send(account.prepare(order({ postOnly: true, price })), options)).toMatchObject({ status: 'new', type: 'limit' });
    expect(
      await account.send(account.prepare(order({ type: 'stop-limit', side: 'sell', stopPrice: decimal('20001'), price })), options),
    ).toMatchObject({ status: 'new', type: 'stop-limit' });
    expect(
      await account.send(
        account.prepare(order({ type: 'stop-market', side: 'sell', timeInForce: null, stopPrice: decimal('20001'), price: null })),
        options,
      ),
    ).toMatchObject({ type: 'stop-market' });
    expect(await account.send(account.prepare(order({ timeInForce: 'IOC', price })), options)).toMatchObject({ status: 'expired' });
    await account.preview(order(), options);
    const first = order();
    await account.send(account.prepare(first), options);
    const replaced = await account.cancelReplace(
      { venueClientId: first.venueClientId, venueOrderId: null },
      order({ price: decimal('20100') }),
      'stop-on-failure',
      options,
    );
    expect(replaced).toMatchObject({ canceled: { status: 'canceled', venueClientId: first.venueClientId }, placed: { status: 'new' } });
    const failed = await account.cancelReplace(
      { venueClientId: first.venueClientId, venueOrderId: null },
      order(),
      'stop-on-failure',
      options,
    );
    expect(failed).toMatchObject({ canceled: { code: 'order-not-found' }, placed: null });
    expect((await account.cancelAll('BTC/USDT', options)).length).toBe(4);
    expect(await account.cancelAll('BTC/USDT', options)).toEqual([]);
    expect((await account.allOrders('BTC/USDT')).length).toBeGreaterThan(4);
  });

  it('names what the venue refused', async () => {
    const take = await failure(account.send(account.prepare(order({ postOnly: true, price: decimal('1000000') })), options));
    expect(['post-only-would-take', 'filter-violation']).toContain(take.code);
    const filter = await failure(account.send(account.prepare(order({ quantity: decimal('0.0000001') })), options));
    expect(filter).toMatchObject({ code: 'filter-violation', outcome: 'refused' });
    const funds = await failure(account.send(account.prepare(order({ quantity: decimal('4000') })), options));
    expect(funds.outcome).toBe('refused');
    expect(['insufficient-funds', 'filter-violation']).toContain(funds.code);
  });

  it('does not say refused when the answer to an order is lost, and finds the order by its client id', async () => {
    for (const kind of ['drop-response', 'reset', 'truncate', 'garbage']) {
      await fault({ kind, match: { method: 'POST', path: '/api/v3/order' }, count: 1 });
      const command = order();
      const error = await failure(account.send(account.prepare(command), { ...options, deadlineMs: 500 }));
      expect(error.outcome, kind).toBe('unknown');
      await account.queryOrder({ symbol: 'BTC/USDT', venueClientId: command.venueClientId, venueOrderId: null });
    }
    await fault({ kind: 'http-status', status: 502, match: { method: 'POST', path: '/api/v3/order' }, count: 1 });
    expect((await failure(account.send(account.prepare(order()), options))).outcome).toBe('unknown');
    await account.cancelAll('BTC/USDT', options);
  });

  it('repeats a read that failed, but no command', async () => {
    await fault({ kind: 'http-status', status: 503, match: { method: 'GET', path: '/api/v3/openOrders' }, count: 2 });
    expect(await account.openOrders('BTC/USDT')).toEqual([]);
  });

  it('hears on the private stream what happens to its orders, joins again after a cut, and says so', async () => {
    const events: AccountEvent[] = [];
    const subscription = account.subscribe((event) => events.push(event));
    const streams = () => events.flatMap((event) => (event.kind === 'stream' ? [event.state] : []));
    await vi.waitFor(() => expect(streams()).toEqual(['live']));
    const command = order({ type: 'market', timeInForce: null, price: null });
    const placed = await account.send(account.prepare(command), options);
    await vi.waitFor(() => {
      const reports = events.flatMap((event) =>
        event.kind === 'order' && event.report.venueOrderId === placed.venueOrderId ? [event.report] : [],
      );
      expect(reports.at(-1)).toMatchObject({ status: 'filled', venueClientId: command.venueClientId });
      expect(reports.flatMap((report) => report.fills).map((fill) => fill.venueTradeId)).toEqual(
        placed.fills.map((fill) => fill.venueTradeId),
      );
    });
    expect(events.some((event) => event.kind === 'balances')).toBe(true);
    await fault({ kind: 'disconnect-ws', count: 1 });
    await vi.waitFor(() => expect(streams()).toEqual(['live', 'lost', 'live']), { timeout: 5_000 });
    expect(events.filter((event) => event.kind === 'unreadable')).toEqual([]);
    await subscription.close();
    await subscription.close();
  });

  it('[lesson 29] finds the clock again when the venue sets it', async () => {
    await fault({ kind: 'clock-skew', skewMs: 8_000 });
    expect(await failure(account.send(account.prepare(order()), options))).toMatchObject({ code: 'clock-skew', outcome: 'refused' });
    await vi.waitFor(() => expect(exchange.status().clockOffsetMs).toBeGreaterThan(7_000));
    const placed = await account.send(account.prepare(order()), options);
    await account.send(
      account.prepare({ kind: 'cancel', symbol: 'BTC/USDT', venueClientId: placed.venueClientId, venueOrderId: null }),
      options,
    );
  });

  it('tells a wrong key from a wrong signature', async () => {
    const wrong = exchange.account('wrong', { apiKey: 'x'.repeat(64), apiSecret: 'y'.repeat(64) });
    const error = await failure(wrong.balances());
    expect(['auth-failed', 'permission-denied']).toContain(error.code);
    await wrong.close();
  });

  it('[lesson 27] is silent while it is banned, and lets not even a cancel out', async () => {
    await fault({ kind: 'ban', count: 1 });
    const banned = await failure(account.openOrders('BTC/USDT'));
    expect(banned.code).toBe('ip-banned');
    expect(banned.retryAfterMs).toBeGreaterThan(0);
    const cancel = { kind: 'cancel', symbol: 'BTC/USDT', venueClientId: randomUUID(), venueOrderId: null } as const;
    expect(await failure(account.send(account.prepare(cancel), options))).toMatchObject({ code: 'ip-banned', outcome: 'not-sent' });
    expect(exchange.status()).toMatchObject({ state: 'degraded', silentUntilMs: expect.any(Number) });
  });
});
