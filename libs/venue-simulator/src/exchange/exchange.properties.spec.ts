import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decimal, ZERO, decimal, decimalText, sum } from '#libs/kernel';
import { type OrderText, TEST_START_MS, orderOf, quietExchange } from './testing.js';
import type { SimExchange, SimOrder } from './types.js';

type Action =
  | { readonly kind: 'place'; readonly order: OrderText }
  | { readonly kind: 'cancel'; readonly account: string; readonly pick: number }
  | { readonly kind: 'amend'; readonly account: string; readonly pick: number; readonly quantity: string }
  | { readonly kind: 'cancel-all'; readonly account: string }
  | { readonly kind: 'makers' }
  | { readonly kind: 'deposit'; readonly account: string };

const ACCOUNTS = ['alice', 'bob'];
const account = fc.constantFrom(...ACCOUNTS);
const symbol = fc.constantFrom('BTC/USDT', 'ETH/BTC');
const PRICES: Readonly<Record<string, readonly string[]>> = {
  'BTC/USDT': ['63900', '63999.99', '64000', '64000.01', '64050.5', '64100', '70000'],
  'ETH/BTC': ['0.0495', '0.04999', '0.05', '0.05001', '0.05003', '0.0505'],
};
const quantity = fc.integer({ min: 1, max: 40_000 }).map((steps) => decimalText(decimal(String(steps)).times(decimal('0.0001'))));

/** A trigger on one order in five. */
const rarely = fc.nat(499).map((drawn) => (drawn % 5 === 0 ? drawn : null));

const limitOrder = fc
  .record({
    account,
    symbol,
    side: fc.constantFrom('buy' as const, 'sell' as const),
    quantity,
    price: fc.nat(100),
    timeInForce: fc.constantFrom('GTC' as const, 'GTC' as const, 'IOC' as const, 'FOK' as const, 'GTD' as const),
    iceberg: fc.boolean(),
    postOnly: fc.boolean(),
    trigger: rarely,
    stpMode: fc.constantFrom(
      'none' as const,
      'expire-maker' as const,
      'expire-taker' as const,
      'expire-both' as const,
      'decrement' as const,
    ),
  })
  .map(({ price, iceberg, postOnly, trigger, ...order }): OrderText => {
    const prices = PRICES[order.symbol]!;
    const rests = order.timeInForce === 'GTC' || order.timeInForce === 'GTD';
    return {
      ...order,
      type: trigger === null ? 'limit' : price % 2 === 0 ? 'stop-limit' : 'take-profit-limit',
      price: prices[price % prices.length]!,
      stopPrice: trigger === null ? null : prices[trigger % prices.length]!,
      icebergQuantity: iceberg && rests ? decimalText(decimal(order.quantity).div(decimal('4')).round(4, 3)) : null,
      postOnly: postOnly && rests,
      expiresAtMs: order.timeInForce === 'GTD' ? TEST_START_MS + 20_000 : null,
    };
  });

const marketOrder = fc
  .record({
    account,
    symbol,
    side: fc.constantFrom('buy' as const, 'sell' as const),
    quantity,
    byQuote: fc.boolean(),
    trigger: rarely,
  })
  .map(({ byQuote, trigger, ...order }): OrderText => {
    const prices = PRICES[order.symbol]!;
    if (trigger !== null)
      return { ...order, type: trigger % 2 === 0 ? 'stop-market' : 'take-profit-market', stopPrice: prices[trigger % prices.length]! };
    return byQuote ? { ...order, type: 'market', quantity: null, quoteQuantity: order.quantity } : { ...order, type: 'market' };
  });

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: limitOrder.map((order) => ({ kind: 'place' as const, order })) },
  { weight: 3, arbitrary: marketOrder.map((order) => ({ kind: 'place' as const, order })) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), account, pick: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('amend' as const), account, pick: fc.nat(50), quantity }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel-all' as const), account }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'makers' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deposit' as const), account }) },
);

const actions = fc.array(action, { minLength: 40, maxLength: 80 });

function run(exchange: SimExchange, steps: readonly Action[], afterEach: () => void): void {
  let nowMs = TEST_START_MS;
  steps.forEach((step, index) => {
    nowMs += 700;
    perform(exchange, step, index, nowMs);
    afterEach();
  });
}

function perform(exchange: SimExchange, step: Action, index: number, nowMs: number): void {
  if (step.kind === 'place') exchange.place(orderOf({ ...step.order, clientOrderId: `o-${index % 40}` }), nowMs);
  else if (step.kind === 'makers') exchange.makersStep(nowMs);
  else if (step.kind === 'cancel-all') exchange.cancelAll(step.account, 'BTC/USDT', nowMs);
  else if (step.kind === 'deposit') exchange.deposit(step.account, 'USDT', decimal('12.34567891'), nowMs);
  else {
    const open = exchange.openOrders(step.account, null);
    const order = open[step.pick % Math.max(1, open.length)];
    if (order === undefined) return;
    const ref = { account: step.account, symbol: order.symbol, orderId: order.orderId, clientOrderId: null };
    if (step.kind === 'cancel') exchange.cancel(ref, 'c', nowMs);
    else exchange.amend(ref, decimal(step.quantity), `a-${index % 40}`, nowMs);
  }
}

/** One account is rich, the other soon runs out of money. */
function openExchange(marketMakers: boolean): SimExchange {
  const rich = { USDT: '1000000', BTC: '20', ETH: '300' };
  const poor = { USDT: '300000', BTC: '4', ETH: '9' };
  const accounts = [
    { name: 'alice', venue: 'binance', balances: rich },
    { name: 'bob', venue: 'binance', balances: poor },
  ];
  return quietExchange({ marketMakers, accounts });
}

const remaining = (order: SimOrder): Decimal => order.originalQuantity.minus(order.filledQuantity).minus(order.preventedQuantity);

function checkMoney(exchange: SimExchange): void {
  for (const total of exchange.totals()) {
    expect(decimalText(total.accounts.plus(total.makers).plus(total.fees)), total.asset).toBe(decimalText(total.deposited));
  }
  for (const name of ACCOUNTS) {
    for (const balance of exchange.balances(name)) {
      expect(balance.free.gte(ZERO), `${name} ${balance.asset} free`).toBe(true);
      expect(balance.locked.gte(ZERO), `${name} ${balance.asset} locked`).toBe(true);
    }
  }
}

function checkLocks(exchange: SimExchange): void {
  for (const name of ACCOUNTS) {
    const locked = new Map<string, Decimal>();
    for (const order of exchange.openOrders(name, null)) {
      const [base = '', quote = ''] = order.symbol.split('/');
      const [asset, amount] =
        order.side === 'sell'
          ? [base, remaining(order)]
          : [
              quote,
              remaining(order)
                .times((order.price ?? order.stopPrice)!)
                .round(8, 3),
            ];
      locked.set(asset, (locked.get(asset) ?? ZERO).plus(amount));
    }
    for (const balance of exchange.balances(name)) {
      expect(decimalText(balance.locked), `${name} ${balance.asset}`).toBe(decimalText(locked.get(balance.asset) ?? ZERO));
    }
  }
}

function checkBooks(exchange: SimExchange): void {
  for (const name of ['BTC/USDT', 'ETH/BTC']) {
    const { bids, asks } = exchange.depth(name, 5000);
    if (bids[0] !== undefined && asks[0] !== undefined) expect(bids[0][0].lt(asks[0][0]), `${name} is not crossed`).toBe(true);
    for (const [price, shown] of [...bids, ...asks]) expect(shown.gt(ZERO), `${name} ${decimalText(price)} is shown`).toBe(true);
    bids.slice(1).forEach(([price], index) => expect(price.lt(bids[index]![0])).toBe(true));
    asks.slice(1).forEach(([price], index) => expect(price.gt(asks[index]![0])).toBe(true));
  }
}

function checkOrders(exchange: SimExchange): void {
  for (const name of ACCOUNTS) {
    const fills = exchange.fills(name, null);
    for (const order of exchange.orders(name, null)) {
      const own = fills.filter((fill) => fill.orderId === order.orderId);
      expect(decimalText(sum(own.map((fill) => fill.quantity)))).toBe(decimalText(order.filledQuantity));
      expect(decimalText(sum(own.map((fill) => fill.quoteQuantity)))).toBe(decimalText(order.filledQuote));
      expect(remaining(order).gte(ZERO)).toBe(true);
      if (order.status === 'filled') expect(decimalText(remaining(order))).toBe('0');
      if (order.timeInForce === 'FOK' && order.isWorking) expect(['filled', 'expired']).toContain(order.status);
      if (order.timeInForce === 'FOK' && order.status === 'expired') expect(own).toEqual([]);
      if (order.status === 'new') expect(decimalText(order.filledQuantity)).toBe('0');
      for (const fill of own)
        if (order.price !== null) expect(order.side === 'buy' ? fill.price.lte(order.price) : fill.price.gte(order.price)).toBe(true);
    }
  }
}

describe('whatever accounts do', () => {
  it.each([
    { marketMakers: false, runs: 80 },
    { marketMakers: true, runs: 10 },
  ])(
    'money is conserved, nothing is negative, books are not crossed and orders add up (makers: $marketMakers)',
    ({ marketMakers, runs }) => {
      let fills = 0;
      fc.assert(
        fc.property(actions, (steps) => {
          const exchange = openExchange(marketMakers);
          run(exchange, steps, () => {
            checkMoney(exchange);
            checkLocks(exchange);
            if (!marketMakers) checkBooks(exchange);
          });
          checkBooks(exchange);
          checkOrders(exchange);
          fills += exchange.fills('alice', null).length;
        }),
        { numRuns: runs },
      );
      expect(fills, 'the stories are about trading').toBeGreaterThan(2 * runs);
    },
    120_000,
  );

  it('the same seed and the same calls give the same events, ids and books', () => {
    const story = (steps: readonly Action[]): string => {
      const exchange = quietExchange({ marketMakers: true, idBase: 5_000 });
      const hash = createHash('sha256');
      exchange.onAccountEvent((name, event) => hash.update(name + JSON.stringify(event)));
      exchange.onMarketEvent((event) => hash.update(JSON.stringify(event)));
      run(exchange, steps, () => undefined);
      return hash.update(JSON.stringify([exchange.depth('BTC/USDT', 5000), exchange.totals()])).digest('hex');
    };
    fc.assert(
      fc.property(actions, (steps) => {
        expect(story(steps)).toBe(story(steps));
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it('level events rebuild the book, one sequence number after the other', () => {
    fc.assert(
      fc.property(actions, (steps) => {
        const exchange = quietExchange({ marketMakers: true });
        const book = new Map<string, string>();
        const before = exchange.depth('BTC/USDT', 5000);
        for (const [price, shown] of before.bids) book.set(`buy ${decimalText(price)}`, decimalText(shown));
        for (const [price, shown] of before.asks) book.set(`sell ${decimalText(price)}`, decimalText(shown));
        let { sequence } = before;
        exchange.onMarketEvent((event) => {
          if (event.type !== 'level' || event.symbol !== 'BTC/USDT') return;
          sequence += 1;
          expect(event.sequence).toBe(sequence);
          if (event.quantity.eq(ZERO)) book.delete(`${event.side} ${decimalText(event.price)}`);
          else book.set(`${event.side} ${decimalText(event.price)}`, decimalText(event.quantity));
        });
        run(exchange, steps, () => undefined);
        const after = exchange.depth('BTC/USDT', 5000);
        expect(after.sequence).toBe(sequence);
        const lines = [
          ...after.bids.map(([price, shown]) => `buy ${decimalText(price)} ${decimalText(shown)}`),
          ...after.asks.map(([price, shown]) => `sell ${decimalText(price)} ${decimalText(shown)}`),
        ];
        expect([...book].map(([key, shown]) => `${key} ${shown}`).toSorted()).toEqual(lines.toSorted());
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});
