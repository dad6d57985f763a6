import { parseLosslessJson } from '#libs/exchanges/transport';
import { decimalText } from '#libs/kernel';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Raw } from '../rest/responses.js';
import { unwrap } from './messages.js';
import { parseAccountEvent } from './parse.js';

const toSymbol = (venueSymbol: string): string => (venueSymbol === 'BTCUSDT' ? 'BTC/USDT' : venueSymbol);

function fixture(name: string): { name: string; raw: Raw } {
  const frame = unwrap(parseLosslessJson(readFileSync(new URL(`../../fixtures/${name}.json`, import.meta.url), 'utf8')));
  if (frame.kind !== 'event') throw new Error('no event');
  return frame;
}

const parse = (name: string) => {
  const event = fixture(name);
  return parseAccountEvent(event.name, event.raw, toSymbol);
};

function order(raw: Raw) {
  const [event] = parseAccountEvent('executionReport', raw, toSymbol).events;
  return event;
}

const trade = fixture('ws_executionReport_trade').raw;

describe('executionReport', () => {
  it('reads a trade as a fill of the order', () => {
    const event = order(trade);
    if (event?.kind !== 'order') throw new Error('no order');
    const { report } = event;
    expect(report).toMatchObject({
      symbol: 'BTC/USDT',
      venueOrderId: '28',
      venueClientId: 'gw-1',
      status: 'partially-filled',
      side: 'buy',
      type: 'limit',
      timeInForce: 'GTC',
      reason: null,
    });
    expect(decimalText(report.filledQuote!)).toBe('80');
    expect(
      report.fills.map((fill) => [fill.venueTradeId, decimalText(fill.price), decimalText(fill.quantity), fill.fee?.asset, fill.liquidity]),
    ).toEqual([['56', '20000', '0.004', 'BTC', 'taker']]);
  });

  it('[lesson 46] names a cancelled order by its own id, not by that of the cancel request', () => {
    expect(parse('ws_executionReport_cancel').events).toMatchObject([
      { kind: 'order', report: { venueClientId: 'gw-1', status: 'canceled', fills: [] } },
    ]);
  });

  it.each([
    ['no original id', '', 'gw-1'],
    ['an original id', 'first', 'first'],
    ['the word null for none', 'null', 'gw-1'],
    ['none at all', undefined, 'gw-1'],
  ])('takes C before c: %s', (_what, C, expected) => {
    expect(order({ ...trade, C })).toMatchObject({ report: { venueClientId: expected } });
  });

  it.each([
    ['no trade id', { t: -1 }],
    ['no quantity', { l: '0.00000000' }],
    ['prevented by the venue', { x: 'TRADE_PREVENTION', l: '0.00000000' }],
    ['only accepted', { x: 'NEW', X: 'NEW' }],
    ['amended', { x: 'REPLACED' }],
  ])('makes no fill of what is none: %s', (_what, more) => {
    expect(order({ ...trade, ...more })).toMatchObject({ kind: 'order', report: { fills: [] } });
  });

  it('takes what the venue traded by itself for a fill too', () => {
    expect(order({ ...trade, x: 'CALCULATED' })).toMatchObject({ report: { fills: [{ venueTradeId: '56' }] } });
  });

  it('has no fee where the venue names no asset', () => {
    expect(order({ ...trade, N: null, n: '0' })).toMatchObject({ report: { fills: [{ fee: null }] } });
  });

  it.each([
    [{ x: 'REJECTED', X: 'REJECTED', r: 'INSUFFICIENT_BALANCES' }, 'INSUFFICIENT_BALANCES'],
    [{ x: 'EXPIRED', X: 'EXPIRED', eR: 'UNFILLED_IOC_QUANTITY_EXPIRED' }, 'UNFILLED_IOC_QUANTITY_EXPIRED'],
    [{ x: 'EXPIRED', X: 'EXPIRED_IN_MATCH' }, 'SELF_TRADE_PREVENTION'],
    [{ x: 'EXPIRED', X: 'EXPIRED', eR: 'NONE' }, null],
  ])('says why an order ended: %j', (more, reason) => {
    expect(order({ ...trade, ...more })).toMatchObject({ report: { reason } });
  });

  it.each<[string, Raw]>([
    ['a status that is new', { X: 'HALF_OPEN' }],
    ['a side that is new', { S: 'BOTH' }],
    ['no order id', { i: undefined }],
    ['a quantity that is no decimal', { q: 'many' }],
    ['a fill without a price', { L: undefined }],
    ['a fill without a trade id', { t: undefined }],
    ['a fill of nobody', { m: 'yes' }],
    ['a fill without a time', { T: undefined }],
    ['no kind of execution', { x: undefined }],
  ])('says that it cannot read %s, instead of guessing or dropping it', (_what, more) => {
    expect(order({ ...trade, ...more })).toMatchObject({ kind: 'unreadable', reason: expect.stringMatching(/^executionReport: /) });
  });
});

describe('the other events', () => {
  it('reads the balances that were touched', () => {
    expect(parse('ws_outboundAccountPosition').events).toMatchObject([
      { kind: 'balances', complete: false, venueTimeMs: 1_700_000_000_100, balances: [{ asset: 'BTC' }, { asset: 'USDT' }] },
    ]);
  });

  it('reads a withdrawal as a transfer', () => {
    expect(parse('ws_balanceUpdate').events).toEqual([
      { kind: 'transfer', asset: 'BTC', amount: '-0.50000000', venueTimeMs: 1_700_000_000_100 },
    ]);
  });

  it('asks for balances when something outside locked a part of them', () => {
    expect(parseAccountEvent('externalLockUpdate', { a: 'BTC', d: '1', T: 1 }, toSymbol).events).toMatchObject([{ kind: 'unreadable' }]);
  });

  it('leaves order lists to the reports of their orders', () => {
    expect(parse('ws_listStatus')).toEqual({ events: [], control: null });
  });

  it.each(['serverShutdown', 'eventStreamTerminated', 'listenKeyExpired'])('goes to another connection on %s', (name) => {
    expect(parseAccountEvent(name, { e: name, E: 1 }, toSymbol)).toEqual({ events: [], control: 'reconnect' });
  });

  it('does not drop an event that is new, and repeats of its name only what is a word', () => {
    expect(parseAccountEvent('marginCall', {}, toSymbol).events).toEqual([{ kind: 'unreadable', reason: 'marginCall: unknown event' }]);
    expect(parseAccountEvent('<script>', {}, toSymbol).events).toEqual([{ kind: 'unreadable', reason: 'event: unknown event' }]);
  });
});

describe('unwrap', () => {
  it.each([
    ['wrapped by the WebSocket API', { subscriptionId: 0, event: { e: 'x' } }],
    ['wrapped by a combined stream', { stream: 's', data: { e: 'x' } }],
    ['bare', { e: 'x' }],
  ])('finds an event %s', (_what, value) => {
    expect(unwrap(value)).toMatchObject({ kind: 'event', name: 'x' });
  });

  it('tells answers from acknowledgements', () => {
    expect(unwrap({ id: 'a', status: 200, result: {} })).toMatchObject({ kind: 'answer', id: 'a', status: 200 });
    expect(unwrap({ id: null, status: 401, error: { code: -2015 } })).toMatchObject({ kind: 'answer', id: null, status: 401 });
    expect(unwrap({ result: null, id: 1 })).toEqual({ kind: 'acknowledgement', id: 1 });
    expect(() => unwrap([1])).toThrow('frame is no object');
  });
});
