import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { AccountStore } from '#libs/accounts';
import { AuditTrail } from '#libs/audit';
import { Database } from '#libs/database';
import { createBinanceExchange, type BinanceAccount, type BinanceExchange } from '#libs/exchanges/binance';
import { Clock, IdSource, Scheduler, UuidV7Source, ZERO, decimal } from '#libs/kernel';
import type { ManualClock } from '#libs/kernel';
import { AccountLeases } from '#libs/leases';
import type { Side } from '#libs/model';
import {
  BalanceWitness,
  DiscrepancyStore,
  EngineView,
  Incidents,
  Ledger,
  ReconciliationLog,
  ReconciliationMetrics,
  ReconciliationModule,
  ReconciliationSettings,
  Reconciler,
  VenueDoors,
  type Discrepancy,
  type Run,
} from '#libs/reconciliation';
import { VenueRecords } from '#testing/reconciliation';
import { testDatabase, type TestDatabase } from '#testing/database';
import { BinanceTestClient, startTestSimulator } from '#testing/venue-simulator';
import type { RunningSimulator } from '#libs/venue-simulator';
import { ACCOUNT, CountingMetrics, EngineDouble, WaitingScheduler } from './support/reconciliation-doubles.js';

const NAME = ACCOUNT;
const SETTLE_MS = 10_000;

let server: TestDatabase;
let simulator: RunningSimulator;
let clock: ManualClock;
let client: BinanceTestClient;
let exchange: BinanceExchange;
let account: BinanceAccount;
let engine: EngineDouble;
let metrics: CountingMetrics;
let app: TestingModule;
let isOwner: boolean;

beforeEach(async () => {
  server = await testDatabase();
  ({ simulator, clock } = await startTestSimulator({ limits: 'unlimited' }));
  client = new BinanceTestClient(simulator, () => clock.nowMs());
  exchange = createBinanceExchange({ restUrl: `${client.base}/binance`, wsUrl: `${client.base.replace('http', 'ws')}/binance`, clock });
  await exchange.start();
  const keys = simulator
    .world()
    .exchange.accounts()
    .find(({ name }) => name === NAME)!;
  account = exchange.account(NAME, keys);
  engine = new EngineDouble(server.database(), clock, new UuidV7Source(), () => account);
  metrics = new CountingMetrics();
  isOwner = true;
  app = await moduleOf(server.database({ url: server.appUrl }));
  return async () => {
    await app.close();
    await exchange.close();
    await simulator.close();
    await server.close();
  };
}, 60_000);

async function moduleOf(database: Database): Promise<TestingModule> {
  const door = { name: NAME, exchange, venueAccount: account };
  const doors = { get: (name: string) => (name === NAME ? door : undefined), all: () => [door], amountDecimals: () => 8 };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const providers = [
    { provide: Database, useValue: database },
    { provide: Clock, useValue: clock },
    { provide: IdSource, useValue: new UuidV7Source() },
    { provide: Scheduler, useValue: new WaitingScheduler(clock) },
    { provide: EngineView, useValue: engine },
    { provide: VenueDoors, useValue: doors },
    { provide: AccountLeases, useValue: { current: (name: string) => (isOwner ? { account: name, token: 1 } : null) } },
    { provide: ReconciliationMetrics, useValue: metrics },
    { provide: ReconciliationLog, useValue: log },
    { provide: ReconciliationSettings, useValue: new ReconciliationSettings() },
    { provide: AccountStore, useValue: {} },
    { provide: AuditTrail, useValue: {} },
  ];
  class Ports {}
  Module({ providers, exports: providers.map(({ provide }) => provide) })(Ports);
  Global()(Ports);
  return Test.createTestingModule({ imports: [Ports, ReconciliationModule] }).compile();
}

async function open(): Promise<void> {
  expect(await app.get(Reconciler).catchUp(NAME)).toMatchObject({ status: 'agreed' });
  clock.advance(SETTLE_MS);
}

async function reconcile(): Promise<Run> {
  return (await app.get(Reconciler).runNow(NAME, 'demand'))!;
}

function found(): Promise<readonly Discrepancy[]> {
  return app.get(DiscrepancyStore).list({ accounts: null, state: null, kind: null, before: null, limit: 100 });
}

async function trade(symbol: string, side: Side, quantity: string): Promise<string> {
  const id = randomUUID();
  await engine.hold(id, symbol, side);
  const command = { kind: 'place' as const, symbol, side, venueClientId: id, type: 'market' as const, quantity: decimal(quantity) };
  const rest = { timeInForce: null, quoteQuantity: null, price: null, stopPrice: null, postOnly: false };
  await account.send(account.prepare({ ...command, ...rest }), { deadlineMs: 5_000, correlationId: null });
  return id;
}

/** What the ledger says against what the simulator's own ledger says, to the last digit. */
async function expectEqualTotals(): Promise<void> {
  const { totals } = await app.get(Ledger).read(NAME, clock.nowMs());
  const truth = simulator.world().exchange.balances(NAME);
  for (const { asset, free, locked } of truth)
    expect([asset, (totals.get(asset) ?? ZERO).toFixed()]).toEqual([asset, free.plus(locked).toFixed()]);
}

describe('reconciliation against the simulated venue', () => {
  it('opens the ledger with what is there, and agrees', async () => {
    await open();
    await expectEqualTotals();
    expect(await reconcile()).toMatchObject({ outcome: 'agreed', cause: 'demand', counts: { totalsEqual: 9 } });
    expect([...metrics.loops].toSorted()).toEqual(['balances', 'fills', 'orders']);
  });

  it('[lesson 16] finds the fill that the stream did not bring, and delivers it', async () => {
    await open();
    const id = await trade('BTC/USDT', 'buy', '0.05');
    clock.advance(SETTLE_MS);
    const run = await reconcile();
    expect(run.outcome).toBe('agreed');
    const { brief } = engine.orders.get(id)!;
    expect([brief.status, brief.filledQuantity.toFixed()]).toEqual(['filled', '0.05']);
    expect((await found()).map(({ kind, subject, state }) => [kind, subject, state])).toEqual([['order-not-listed', id, 'repaired']]);
    await expectEqualTotals();
  });

  it('finds a fill in the trade history alone, by a cursor that overlaps', async () => {
    await open();
    const id = await trade('BTC/USDT', 'buy', '0.05');
    await engine.takeReport(NAME, (await account.queryOrder({ symbol: 'BTC/USDT', venueClientId: id, venueOrderId: null }))!);
    clock.advance(SETTLE_MS);
    await app.get(Reconciler).catchUp(NAME);
    expect(engine.orders.get(id)!.brief.filledQuantity.toFixed()).toBe('0.05');
    await expectEqualTotals();
  });

  it('shows orders and trades of others, and touches none of them', async () => {
    await open();
    expect((await client.limit({ newClientOrderId: 'web_1' })).status).toBe(200);
    await reconcile();
    clock.advance(SETTLE_MS);
    expect((await client.order({ type: 'MARKET', quantity: '0.02', newClientOrderId: 'web_2' })).status).toBe(200);
    clock.advance(SETTLE_MS);
    expect(await reconcile()).toMatchObject({ outcome: 'agreed', counts: { externalOrders: 1 } });
    const externals = await app.get(VenueRecords).externals(NAME, null, 10);
    expect(externals.map(({ venueClientId, status }) => [venueClientId, status])).toEqual([
      ['web_1', 'new'],
      ['web_2', 'filled'],
    ]);
    expect(await account.openOrders('BTC/USDT')).toHaveLength(1);
    await expectEqualTotals();
  });

  it('explains a deposit that the stream told of', async () => {
    await open();
    await client.control('POST', '/deposit', { account: NAME, asset: 'USDT', amount: '1234.56789' });
    app.get(Reconciler).takeEvent(NAME, { kind: 'transfer', asset: 'USDT', amount: '1234.56789', venueTimeMs: clock.nowMs() });
    app.get(Reconciler).takeEvent(NAME, { kind: 'transfer', asset: 'USDT', amount: '1234.56789', venueTimeMs: clock.nowMs() });
    expect(await reconcile()).toMatchObject({ outcome: 'agreed' });
    expect(await found()).toEqual([]);
    await expectEqualTotals();
  });

  it('books a deposit that nobody told of once it has stood long enough, and says so', async () => {
    await open();
    await client.control('POST', '/deposit', { account: NAME, asset: 'USDT', amount: '77.7' });
    expect(await reconcile()).toMatchObject({ outcome: 'differs', counts: { differs: ['USDT'] } });
    expect(metrics.drifts).toBe(0);
    expect(await app.get(Reconciler).catchUp(NAME)).toMatchObject({ status: 'agreed' });
    expect(await found()).toMatchObject([
      { kind: 'balance-drift', subject: 'USDT', state: 'explained', repair: 'booked as an unreported transfer of 77.7 USDT' },
    ]);
    expect(metrics.drifts).toBe(1);
    expect(metrics.open.size).toBe(0);
    await expectEqualTotals();
  });

  it('judges no total that an order of unknown outcome may have moved, and the witness sees the movement of a trade', async () => {
    await open();
    const witness = app.get(BalanceWitness);
    expect(await witness.unexplained(NAME, ['BTC', 'USDT'])).toBe(false);
    const hidden = await trade('BTC/USDT', 'buy', '0.05');
    const order = engine.orders.get(hidden)!;
    engine.orders.delete(hidden);
    await engine.hold(randomUUID(), 'BTC/USDT', 'buy');
    // Held under another name, and hidden from the trade history: only the totals can tell.
    const fills = account.fills.bind(account);
    account.fills = async () => ({ fills: [], nextFromTradeId: null });
    expect(await witness.unexplained(NAME, ['BTC', 'USDT'])).toBe(true);
    expect(await reconcile()).toMatchObject({ outcome: 'waiting' });
    account.fills = fills;
    engine.orders.set(hidden, order);
    await engine.lookAt(hidden);
    clock.advance(SETTLE_MS);
    expect(await witness.unexplained(NAME, ['BTC', 'USDT'])).toBe(false);
    await client.control('POST', '/deposit', { account: NAME, asset: 'USDT', amount: '5' });
    expect(await witness.unexplained(NAME, ['BTC', 'USDT'])).toBe(false);
    expect(await witness.unexplained(NAME, ['USDT'])).toBe(true);
  });

  it('takes a fill of an order whose venue id is not known here for no trade of others, and finds its order', async () => {
    await open();
    const id = await trade('BTC/USDT', 'buy', '0.05');
    // The witness reads the trade history only. What it finds is an order of ours, and so explained by its fills.
    expect(await app.get(BalanceWitness).unexplained(NAME, ['BTC', 'USDT'])).toBe(false);
    expect(engine.orders.get(id)!.brief).toMatchObject({ acknowledged: true, status: 'unknown' });
    expect(engine.orders.get(id)!.brief.filledQuantity.toFixed()).toBe('0.05');
    await expectEqualTotals();
  });

  it('says that it does not know while the venue does not show whose fill it is', async () => {
    await open();
    const id = await trade('BTC/USDT', 'buy', '0.05');
    const query = account.queryOrder.bind(account);
    account.queryOrder = async () => null;
    expect(await app.get(BalanceWitness).unexplained(NAME, ['BTC', 'USDT'])).toBe(true);
    account.queryOrder = query;
    clock.advance(SETTLE_MS);
    expect(await app.get(Reconciler).catchUp(NAME)).toMatchObject({ status: 'agreed' });
    expect(engine.orders.get(id)!.brief.status).toBe('filled');
    await expectEqualTotals();
  });

  it('writes down a run that failed, and a replica that does not hold the account does not look', async () => {
    await open();
    await client.control('POST', '/faults', { venue: 'binance', kind: 'http-status', status: 403, count: 50 });
    expect(await reconcile()).toMatchObject({ outcome: 'failed' });
    await client.control('DELETE', '/faults');
    isOwner = false;
    expect(await app.get(Reconciler).runNow(NAME, 'demand')).toBeNull();
    expect(await app.get(Reconciler).catchUp(NAME)).toEqual({ status: 'not-held' });
  });

  it('keeps an incident until it is settled: one row, whoever raises it again', async () => {
    await open();
    const incident = { kind: 'overfill', account: NAME, orderId: randomUUID(), symbol: 'BTC/USDT', detail: { by: '0.1' } };
    for (const kind of ['overfill', 'overfill', 'late-appearance']) app.get(Incidents).raise({ ...incident, kind });
    await app.get(Incidents).flushed();
    expect((await found()).map(({ kind, seenCount }) => [kind, seenCount])).toEqual([
      ['late-appearance', 1],
      ['overfill', 2],
    ]);
    expect(metrics.late).toBe(1);
    await reconcile();
    expect((await found()).map(({ kind, state }) => [kind, state])).toEqual([
      ['late-appearance', 'repaired'],
      ['overfill', 'explained'],
    ]);
  });

  it('agrees to the last digit after five hundred random trades, over restarts and with a second replica at work', async () => {
    await open();
    const sizes: Record<string, readonly string[]> = {
      'BTC/USDT': ['0.00137', '0.01', '0.02003'],
      'ETH/BTC': ['0.0317', '0.2001', '0.5'],
      'LTC/BTC': ['0.513', '1.001', '2'],
      'SOL/USDT': ['0.333', '1', '2.707'],
    };
    const trades = fc.record({
      symbol: fc.constantFrom(...Object.keys(sizes)),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      size: fc.nat(2),
    });
    const [plan] = fc.sample(fc.array(trades, { minLength: 500, maxLength: 500 }), { numRuns: 1, seed: 17 });
    const other = await moduleOf(server.database({ url: server.appUrl }));
    for (const [at, { symbol, side, size }] of plan!.entries()) {
      await trade(symbol, side, sizes[symbol]![size]!);
      if (at % 10 === 9) await client.control('POST', '/step', { steps: 1 });
      if (at % 100 !== 99) continue;
      clock.advance(SETTLE_MS);
      const [run] = await Promise.all([reconcile(), other.get(Reconciler).runNow(NAME, 'demand')]);
      expect(run.outcome).not.toBe('differs');
    }
    clock.advance(SETTLE_MS);
    expect(await reconcile()).toMatchObject({ outcome: 'agreed', counts: { totalsEqual: 9 } });
    await expectEqualTotals();
    const { totals } = await app.get(Ledger).read(NAME, clock.nowMs());
    for (let restart = 0; restart < 10; restart += 1) {
      const again = await moduleOf(server.database({ url: server.appUrl }));
      expect(await again.get(Reconciler).catchUp(NAME)).toMatchObject({ status: 'agreed' });
      expect((await again.get(Ledger).read(NAME, clock.nowMs())).totals).toEqual(totals);
    }
    // Nothing was booked to make it agree.
    expect((await found()).filter(({ kind, state }) => kind === 'balance-drift' || state === 'open')).toEqual([]);
  }, 120_000);
});
