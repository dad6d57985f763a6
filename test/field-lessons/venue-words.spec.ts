import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  parseAccountEvent,
  parseBalances,
  parseCommissionRates,
  parseExchangeInfo,
  parseExecutionReport,
  parseFills,
  parseOrder,
  parseOrders,
  UnreadableAnswer,
  unwrap,
} from '#libs/exchanges/binance';
import { parseLosslessJson } from '#libs/exchanges/transport';
import { decimalText } from '#libs/kernel';
import { GatewayWorld } from './support/gateway-world.js';
import { decimal } from '#libs/kernel';

type Raw = Record<string, unknown>;

const FIXTURES = new URL('../../libs/exchanges/binance/fixtures/', import.meta.url);
const toSymbol = (symbol: string): string => (symbol === 'BTCUSDT' ? 'BTC/USDT' : symbol);
const fixture = (name: string): unknown => parseLosslessJson(readFileSync(new URL(`${name}.json`, FIXTURES), 'utf8'));

const READERS: Readonly<Record<string, (raw: unknown) => unknown>> = {
  http_get_order: (raw) => parseOrder(raw, toSymbol),
  http_post_order_full: (raw) => parseOrder(raw, toSymbol),
  http_delete_order: (raw) => parseOrder(raw, toSymbol),
  http_post_orderList_oco: (raw) => parseOrders([raw], toSymbol),
  http_get_myTrades: (raw) => parseFills(raw, toSymbol),
  http_get_account: (raw) => parseBalances(raw),
  http_post_order_test: (raw) => parseCommissionRates(raw),
  http_exchangeInfo: (raw) => parseExchangeInfo(raw, 'binance'),
};
const EVENTS = readdirSync(FIXTURES).filter((name) => name.startsWith('ws_') && name.endsWith('.json'));

function eventOf(file: string): { name: string; raw: Raw } {
  const frame = unwrap(fixture(file.replace('.json', '')));
  if (frame.kind !== 'event') throw new Error(`${file} is no event`);
  return { name: frame.name, raw: frame.raw as Raw };
}

/** The same value with a field that nobody knows in every object of it. */
function extended(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(extended);
  if (typeof value !== 'object' || value === null) return value;
  return {
    ...Object.fromEntries(Object.entries(value).map(([name, member]) => [name, extended(member)])),
    brandNew: 'x',
    Zz: [1, { y: 2 }],
  };
}

/** Every value that differs from this one by one missing or renamed field. */
function* damaged(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [at, member] of value.entries()) for (const other of damaged(member)) yield value.with(at, other);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      const { [name]: _gone, ...rest } = value as Raw;
      yield rest;
      yield { ...rest, [`${name}V2`]: member };
      yield { ...rest, [name]: typeof member === 'object' ? 'text' : { nested: member } };
      for (const other of damaged(member)) yield { ...rest, [name]: other };
    }
  }
}

describe('a venue that changes its words', () => {
  it.each(Object.keys(READERS))('[lesson 43] may add fields anywhere: %s reads as before', (name) => {
    const raw = fixture(name);
    expect(READERS[name]!(extended(raw))).toEqual(READERS[name]!(raw));
  });

  it.each(Object.keys(READERS))(
    '[lesson 43] may drop, rename or reshape any field: %s is then read without it or called unreadable',
    (name) => {
      let unreadable = 0;
      for (const other of damaged(fixture(name))) {
        try {
          READERS[name]!(other);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableAnswer);
          unreadable += 1;
        }
      }
      // Reference data leaves a broken market out and counts it.
      if (name !== 'http_exchangeInfo') expect(unreadable).toBeGreaterThan(0);
    },
  );

  it.each(EVENTS)('[lesson 43] never makes an event vanish: %s is read, or said to be unreadable so that the venue is asked', (file) => {
    const { name, raw } = eventOf(file);
    expect(parseAccountEvent(name, extended(raw) as Raw, toSymbol)).toEqual(parseAccountEvent(name, raw, toSymbol));
    for (const other of damaged(raw)) {
      const { events } = parseAccountEvent(name, other as Raw, toSymbol);
      if (name === 'executionReport') expect(events.length).toBeGreaterThan(0);
    }
    expect(parseAccountEvent(`${name}V2`, raw, toSymbol).events).toMatchObject([{ kind: 'unreadable' }]);
  });

  it('[lesson 43] is asked how things stand where it used a word for a status that is new, and nothing is guessed meanwhile', async () => {
    const world = await GatewayWorld.open();
    world.faults.force('unknown-status', { when: ({ method }) => method === 'POST' });
    world.offer(decimal('0.004'));
    const { id } = await world.place();
    await world.runFor(60_000);
    expect(world.story(id)).not.toContain('rejected');
    expect(world.order(id)).toMatchObject({ status: 'partially-filled' });
    expect([world.posts(), world.bookedFills()]).toEqual([1, world.venueFills()]);
  });
});

describe('an event of the venue in our words', () => {
  const { raw } = eventOf('ws_executionReport_trade.json');

  /** What the venue writes, and the one thing that it means here. */
  it.each([
    ['NEW', 'NEW', '0', 'new', 0],
    ['NEW', 'PENDING_NEW', '0', 'pending-new', 0],
    ['TRADE', 'PARTIALLY_FILLED', '0.004', 'partially-filled', 1],
    ['TRADE', 'FILLED', '0.01', 'filled', 1],
    ['CANCELED', 'CANCELED', '0', 'canceled', 0],
    ['REJECTED', 'REJECTED', '0', 'rejected', 0],
    ['EXPIRED', 'EXPIRED', '0', 'expired', 0],
    ['TRADE_PREVENTION', 'EXPIRED_IN_MATCH', '0', 'expired', 0],
  ])('[lesson 46] %s with status %s and %s filled is %s: a refusal is never a cancel', (x, X, z, status, fills) => {
    const report = parseExecutionReport({ ...raw, x, X, z } as never, toSymbol);
    expect([report.status, decimalText(report.filledQuantity!), report.fills.length]).toEqual([status, z, fills]);
  });

  it('[lesson 46] is about the order that it names, and about no other', async () => {
    const world = await GatewayWorld.open();
    const [first, second] = [await world.place(), await world.place({ price: decimal('59000') })];
    await world.cancel(second.id);
    world.sell(decimal('0.01'));
    await world.runFor(2_000);
    expect([world.order(first.id).status, world.order(second.id).status]).toEqual(['filled', 'canceled']);
    const byVenue = new Map(world.atVenue().map(({ orderId, status }) => [String(orderId), status]));
    for (const { venueOrderId, status } of world.orders()) expect(byVenue.get(venueOrderId!)).toBe(status);
  });
});
