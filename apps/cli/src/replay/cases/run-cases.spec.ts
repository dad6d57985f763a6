import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCases } from './run-cases.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'replay-cases-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function run(cases: readonly (object | string)[], name = 'cases.jsonl'): Promise<{ code: number; lines: string[] }> {
  const file = path.join(folder, name);
  await writeFile(file, cases.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n'));
  const lines: string[] = [];
  const code = await runCases({
    venue: 'binance-spot',
    file,
    out: { line: (text) => lines.push(text), error: (text) => lines.push(text) },
  });
  return { code, lines };
}

const http = (id: string, method: string | null, where: string | null, raw: unknown, more: object = {}) => ({
  id,
  channel: 'http',
  dir: 'in',
  method,
  path: where,
  raw: typeof raw === 'string' ? raw : JSON.stringify(raw),
  ...more,
});
const ws = (id: string, raw: unknown, dir = 'in') => ({ id, channel: 'ws', dir, raw: typeof raw === 'string' ? raw : JSON.stringify(raw) });
const order = {
  symbol: 'BTCUSDT',
  orderId: 28,
  clientOrderId: 'gw-1',
  price: '20000.00',
  origQty: '0.01',
  executedQty: '0.004',
  cummulativeQuoteQty: '80.0',
  status: 'PARTIALLY_FILLED',
  timeInForce: 'GTC',
  type: 'LIMIT',
  side: 'BUY',
  time: 1_700_000_000_000,
};

describe('payload cases', () => {
  it('passes what the adapter reads, and names what it does not', async () => {
    const { code, lines } = await run([
      http('read', 'GET', '/api/v3/order', order),
      http('by shape', null, null, [order]),
      http('elsewhere', 'GET', '/sapi/v1/margin/order', order),
      http('unused', 'GET', '/api/v3/myPreventedMatches', []),
      http('new status', 'GET', '/api/v3/order', { ...order, status: 'HALF_OPEN' }),
      http('a page', 'GET', '/api/v3/order', '<html>'),
      http('nothing known', null, null, { what: 'is this' }),
      http('known error', 'POST', '/api/v3/order', { code: -2010, msg: 'Duplicate order sent.' }),
      http('new error', 'POST', '/api/v3/order', { code: -4242, msg: 'New.' }),
      http('null', 'GET', '/api/v3/order', 'null'),
      ws('event', { subscriptionId: 0, event: { e: 'balanceUpdate', E: 1, a: 'BTC', d: '1.0', T: 1 } }),
      ws('trade', { stream: 'btcusdt@trade', data: { e: 'trade', E: 1, s: 'BTCUSDT', t: 1, p: '1.0', q: '1', T: 1, m: true, M: true } }),
      ws('answer', { id: '1', status: 200, result: { serverTime: 1_700_000_000_000 } }),
      ws('refusal', { id: '1', status: 400, error: { code: -2011, msg: 'Unknown order sent.' } }),
      ws('request', { id: '1', method: 'order.place', params: {} }, 'out'),
    ]);
    expect(code).toBe(0);
    expect(lines.slice(0, -1).map((line) => line.replace(/(: [a-z-]+).*/, '$1'))).toEqual([
      'refused elsewhere: not-spot-trading-endpoint',
      'refused unused: endpoint-not-used',
      'refused new status: unreadable-answer',
      'refused a page: not-json',
      'refused nothing known: unknown-shape',
      'refused new error: unknown-error-code',
      'refused null: unreadable-answer',
      'refused request: request-not-made',
    ]);
    expect(lines.at(-1)).toBe('7 passed, 8 refused, 0 failed');
  });

  it('fails where what was read is not what was expected, and where a line is no case', async () => {
    const { code, lines } = await run([
      http('right', 'GET', '/api/v3/order', order, {
        expected: { id: '28', symbol: 'BTC/USDT', status: 'open', filled: '0.0040', remaining: '0.006', cost: '80' },
      }),
      http('wrong', 'GET', '/api/v3/order', order, { expected: { filled: '0.005' } }),
      http('wrong number', 'GET', '/api/v3/openOrders', [order], { expected: [] }),
      'no json',
      '[]',
    ]);
    expect(code).toBe(1);
    expect(lines).toEqual([
      'failed wrong: filled differs',
      'failed wrong number: the number of entries differs',
      'failed line 4: the line is no JSON object',
      'failed line 5: the line is no JSON object',
      '1 passed, 0 refused, 4 failed',
    ]);
  });
});

describe('signing cases', () => {
  const vector = {
    kind: 'signing',
    scheme: 'binance-hmac-sha256',
    name: 'documented',
    method: 'GET',
    path: '/api/v3/x',
    key: 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A',
    secret: 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
    params: [['timestamp', '1578963600000']],
    payload: 'timestamp=1578963600000',
    signature: 'd84e6641b1e328e7b418fff030caed655c266299c9355e36ce801ed14631eed4',
  };

  it('passes a documented vector, fails a wrong one, and refuses what it cannot judge', async () => {
    const { lines } = await run([
      vector,
      { ...vector, name: 'wrong signature', signature: 'd84e' },
      { ...vector, name: 'wrong payload', payload: 'timestamp=1' },
      { ...vector, name: 'wrong request', request: 'GET /api/v3/x?timestamp=1578963600000' },
      { ...vector, name: 'other kind of key', scheme: 'binance-ed25519' },
      { ...vector, name: 'other scheme', scheme: 'kraken-hmac-sha512' },
      { ...vector, name: 'no secret', secret: undefined },
      { ...vector, name: 'nothing to compare', signature: undefined },
    ]);
    expect(lines).toEqual([
      'failed wrong signature: signature differs',
      'failed wrong payload: payload differs',
      'failed wrong request: request differs',
      'failed other kind of key: the key is taken for hmac',
      'refused other scheme: unknown-scheme: kraken-hmac-sha512',
      'refused no secret: no-secret',
      'refused nothing to compare: no-signature-to-compare',
      '1 passed, 3 refused, 4 failed',
    ]);
  });
});

describe('request cases', () => {
  const request = (id: string, intent: object, raw: string, more: object = {}) => ({
    id,
    channel: 'http',
    dir: 'out',
    url: 'https://api.binance.com/api/v3/order',
    method: 'POST',
    encoding: 'urlencoded',
    intent: { market: 'BTC/USDT', type: 'limit', side: 'buy', amount: '0.5', price: '100', params: {}, ...intent },
    raw,
    ...more,
  });
  const limit = 'symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.5&price=100&timeInForce=GTC';

  it.each<[string, object, string, object]>([
    [
      'an order, whatever the order of its fields',
      {},
      'type=LIMIT&symbol=BTCUSDT&side=BUY&price=100.00&quantity=0.50&timeInForce=GTC&timestamp=1&signature=x',
      {},
    ],
    ['an amount, rounded down', { amount: '0.500009999' }, limit, {}],
    ['a price, rounded to the tick', { price: '99.996' }, limit, {}],
    ['post-only', { params: { postOnly: true } }, 'symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=0.5&price=100', {}],
    ['a time in force', { params: { timeInForce: 'IOC' } }, limit.replace('GTC', 'IOC'), {}],
    [
      'a cost',
      { type: 'market', amount: null, price: null, params: { cost: '10' } },
      'symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=10',
      {},
    ],
    ['a market order with a price', { type: 'market' }, 'symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=50', {}],
    ['a market order', { type: 'market', price: null }, 'symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.5', {}],
    [
      'a stop',
      { type: 'market', price: null, side: 'sell', params: { stopLossPrice: '90' } },
      'symbol=BTCUSDT&side=SELL&type=STOP_LOSS&quantity=0.5&stopPrice=90',
      {},
    ],
    [
      'a taken profit',
      { side: 'sell', params: { takeProfitPrice: '110' } },
      'symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT_LIMIT&quantity=0.5&price=100&timeInForce=GTC&stopPrice=110',
      {},
    ],
    [
      'a trailing stop',
      { type: 'market', price: null, side: 'sell', params: { trailingPercent: '1.5' } },
      'symbol=BTCUSDT&side=SELL&type=STOP_LOSS&quantity=0.5&trailingDelta=150',
      {},
    ],
    ['a client id', { params: { clientOrderId: 'mine' } }, `${limit}&newClientOrderId=mine`, {}],
    [
      'a cancel',
      { type: null, side: null, amount: null, price: null, params: { id: '28' } },
      'symbol=BTCUSDT&orderId=28',
      { method: 'DELETE', encoding: 'query' },
    ],
    [
      'a query',
      { type: null, side: null, amount: null, price: null, params: { clientOrderId: 'mine' } },
      'symbol=BTCUSDT&origClientOrderId=mine',
      { method: 'GET', encoding: 'query' },
    ],
  ])('builds %s', async (_what, intent, raw, more) => {
    expect((await run([request('one', intent, raw, more)])).lines).toEqual(['1 passed, 0 refused, 0 failed']);
  });

  it('fails a difference, and refuses what it has no words for', async () => {
    const { code, lines } = await run([
      request('wrong', {}, limit.replace('quantity=0.5', 'quantity=0.6')),
      request('too much', { params: { clientOrderId: 'mine' } }, `${limit}&newClientOrderId=other`),
      request('new word', { params: { moonPhase: 'full' } }, limit),
      request('reduce only', { params: { reduceOnly: true } }, limit),
      request('a future', { market: 'BTC/USDT:USDT' }, limit),
      request('json', {}, '{}', { encoding: 'json' }),
      request('other path', {}, limit, { url: 'https://api.binance.com/api/v3/orderList/oco' }),
      request(
        'no reference data',
        { market: 'NEW/COIN', amount: '0.123456' },
        'symbol=NEWCOIN&side=BUY&type=LIMIT&quantity=0.12&price=100&timeInForce=GTC',
      ),
      request('fits anyway', { market: 'NEW/COIN' }, limit.replace('BTCUSDT', 'NEWCOIN')),
    ]);
    expect(code).toBe(1);
    expect(lines.map((line) => line.replace(/(: [a-z-]+).*/, '$1'))).toEqual([
      'failed wrong: quantity',
      'failed too much: new',
      'refused new word: param-not-covered',
      'refused reduce only: unsupported-by-venue',
      'refused a future: not-spot-trading',
      'refused json: encoding-not-of-this-venue',
      'refused other path: request-not-covered',
      'refused no reference data: no-reference-data',
      '1 passed, 6 refused, 2 failed',
    ]);
  });

  it('takes lot steps from an exchangeInfo beside the cases', async () => {
    const symbols = [
      {
        symbol: 'NEWCOIN',
        status: 'TRADING',
        baseAsset: 'NEW',
        quoteAsset: 'COIN',
        filters: [{ filterType: 'LOT_SIZE', stepSize: '0.01000000' }],
      },
    ];
    await writeFile(
      path.join(folder, 'rest-public.jsonl'),
      JSON.stringify(http('info', 'GET', '/api/v3/exchangeInfo', { serverTime: 1, symbols })),
    );
    const { lines } = await run([
      request(
        'now known',
        { market: 'NEW/COIN', amount: '0.123456' },
        'symbol=NEWCOIN&side=BUY&type=LIMIT&quantity=0.12&price=100&timeInForce=GTC',
      ),
    ]);
    expect(lines).toEqual(['1 passed, 0 refused, 0 failed']);
  });
});

describe('files', () => {
  it('says with another exit code what could not be read at all', async () => {
    const lines: string[] = [];
    const out = { line: (text: string) => void lines.push(text), error: (text: string) => void lines.push(text) };
    expect(await runCases({ venue: 'binance', file: path.join(folder, 'missing.jsonl'), out })).toBe(2);
    expect(await runCases({ venue: 'nowhere', file: path.join(folder, 'cases.jsonl'), out })).toBe(2);
    expect(lines[1]).toBe('no cases of nowhere: one of binance');
  });
});
