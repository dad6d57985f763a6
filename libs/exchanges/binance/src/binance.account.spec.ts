import { VenueError, type PlaceCommand, type PreparedCommand } from '#libs/exchanges/contract';
import {
  Budget,
  ClockOffset,
  silentLogger,
  TransportError,
  type HttpAnswer,
  type HttpTransport,
  type HttpRequest,
} from '#libs/exchanges/transport';
import { decimal, InvariantViolation, ManualClock } from '#libs/kernel';
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { BinanceAccount } from './binance.account.js';
import { SymbolTable } from './domain/symbol.js';
import { BinanceApi } from './rest/binance-api.js';
import { parseExchangeInfo } from './rest/parse-market.js';
import { createSigner } from './rest/sign.js';

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8');
const secret = 'a secret of the account';
const options = { deadlineMs: 1_000, correlationId: null };

/** Answers in turn; keeps what was asked. */
class ScriptedHttp implements HttpTransport {
  readonly requests: HttpRequest[] = [];
  answers: (Partial<HttpAnswer> | Error)[] = [];

  async request(request: HttpRequest): Promise<HttpAnswer> {
    this.requests.push(request);
    const next = this.answers.shift() ?? { status: 500 };
    if (next instanceof Error) throw next;
    return { status: 200, headers: {}, body: '', ...next };
  }

  async close(): Promise<void> {}
}

let clock: ManualClock;
let http: ScriptedHttp;
let budget: Budget;
let offset: ClockOffset;
let account: BinanceAccount;

beforeEach(() => {
  clock = new ManualClock(1_700_000_000_000);
  http = new ScriptedHttp();
  budget = new Budget();
  offset = new ClockOffset();
  // A round trip of 10 ms, the venue 250 ms ahead: wrong by 7 ms at most.
  offset.add({ sentAtMs: clock.nowMs() - 10, receivedAtMs: clock.nowMs(), venueTimeMs: clock.nowMs() - 5 + 250 });
  const api = new BinanceApi({ http, clock, offset, budget, random: () => 0 });
  const info = parseExchangeInfo(JSON.parse(fixture('http_exchangeInfo')), 'binance');
  account = new BinanceAccount({
    name: 'main',
    apiKey: 'the key',
    signer: createSigner(secret),
    api,
    clock,
    offset,
    symbols: new SymbolTable(info.instruments),
    recvWindowMs: 5_000,
    wsApiUrl: 'ws://127.0.0.1:1/ws-api/v3',
    logger: silentLogger,
  });
  account.setOrderLimits(api.setLimits(info.rateLimits));
});

const place: PlaceCommand = {
  kind: 'place',
  symbol: 'BTC/USDT',
  venueClientId: 'gw-1',
  side: 'buy',
  type: 'limit',
  timeInForce: 'GTC',
  quantity: decimal('0.01'),
  quoteQuantity: null,
  price: decimal('20000'),
  stopPrice: null,
  postOnly: false,
};
const cancel = { kind: 'cancel', symbol: 'BTC/USDT', venueClientId: 'gw-1', venueOrderId: null } as const;

async function failure(promise: Promise<unknown>): Promise<VenueError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(VenueError);
  return error as VenueError;
}

describe('prepare', () => {
  it('pins the venue time, never ahead, and says until when on our clock the venue may accept it', () => {
    const prepared = account.prepare(place);
    expect(prepared).toMatchObject({
      kind: 'place',
      symbol: 'BTC/USDT',
      timestampMs: 1_700_000_000_250 - 7,
      notAfterMs: 1_700_000_000_000 + 5_000,
    });
    expect(http.requests).toEqual([]);
  });

  it('signs the bytes that are sent, and hashes all of them', async () => {
    const prepared = account.prepare(place);
    http.answers = [{ body: fixture('http_post_order_full') }];
    await account.send(prepared, options);
    const [request] = http.requests;
    const form = `symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.01&price=20000&timeInForce=GTC&newClientOrderId=gw-1&newOrderRespType=FULL&recvWindow=5000&timestamp=${prepared.timestampMs}`;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/api/v3/order',
      headers: ['X-MBX-APIKEY', 'the key', 'Content-Type', 'application/x-www-form-urlencoded'],
    });
    expect(request!.body).toBe(`${form}&signature=${createHmac('sha256', secret).update(form).digest('hex')}`);
    expect(prepared.hash).toBe(createHash('sha256').update(`POST /api/v3/order\n${request!.body}`).digest('hex'));
  });

  it('puts a cancel into the query', async () => {
    http.answers = [{ body: fixture('http_delete_order') }];
    expect(await account.send(account.prepare(cancel), options)).toMatchObject({ status: 'canceled', venueClientId: 'gw-1' });
    expect(http.requests[0]).toMatchObject({ method: 'DELETE', body: null });
    expect(http.requests[0]!.path).toMatch(
      /^\/api\/v3\/order\?symbol=BTCUSDT&origClientOrderId=gw-1&recvWindow=5000&timestamp=\d+&signature=[0-9a-f]{64}$/,
    );
  });

  it('refuses a market that is not there, and anything at all before the clock is known', () => {
    expect(() => account.prepare({ ...place, symbol: 'NO/SUCH' })).toThrow(VenueError);
    Object.assign(offset, { best: null });
    expect(() => account.prepare(place)).toThrow("the venue's clock is not known yet");
  });

  it('takes a UUID for a client id and finds it again', () => {
    const uuid = '0190b3a0-1111-7abc-8def-001122334455';
    expect(account.uuidOf(account.venueClientId(uuid))).toBe(uuid);
    expect(account.uuidOf('web_abc')).toBeNull();
  });
});

describe('send', () => {
  it('sends a prepared command at most once, whatever became of it', async () => {
    const prepared = account.prepare(place);
    http.answers = [new TransportError('broken-connection', 'unknown')];
    expect(await failure(account.send(prepared, options))).toMatchObject({ code: 'unknown-outcome', outcome: 'unknown' });
    await expect(account.send(prepared, options)).rejects.toThrow(InvariantViolation);
    expect(http.requests.length).toBe(1);
  });

  it('never repeats a command, however it failed', async () => {
    for (const answer of [
      { status: 503 },
      { status: 429, body: '{"code":-1003,"msg":"x"}' },
      new TransportError('no-connection', 'not-sent'),
    ]) {
      budget = new Budget();
      http.requests.length = 0;
      http.answers = [answer, { body: fixture('http_post_order_full') }];
      await failure(account.send(account.prepare(place), options));
      expect(http.requests.length).toBe(1);
      clock.advance(300_000);
    }
  });

  it('writes nothing after its time is over, however long it waited', async () => {
    const prepared = account.prepare(place);
    clock.advance(5_000);
    expect(await failure(account.send(prepared, options))).toMatchObject({ code: 'clock-skew', outcome: 'not-sent' });
    expect(http.requests).toEqual([]);
  });

  it('tells the transport how long it may wait for a socket', async () => {
    const prepared = account.prepare(place);
    clock.advance(4_000);
    http.answers = [{ body: fixture('http_post_order_full') }];
    await account.send(prepared, options);
    expect(http.requests[0]!.writeWithinMs).toBeGreaterThan(900);
    expect(http.requests[0]!.writeWithinMs).toBeLessThanOrEqual(1_000);
  });

  it.each<[string, Partial<HttpAnswer>]>([
    ['half an answer', { body: fixture('http_post_order_full').slice(0, 100) }],
    ['a page', { body: '<html>ok</html>' }],
    ['an acknowledgement that says nothing of the state', { body: fixture('http_post_order_ack') }],
    ['a state that is new', { body: fixture('http_post_order_full').replace('PARTIALLY_FILLED', 'HALF_OPEN') }],
  ])('does not know what became of an order that was answered with %s', async (_what, answer) => {
    http.answers = [answer];
    expect(await failure(account.send(account.prepare(place), options))).toMatchObject({ code: 'unreadable-answer', outcome: 'unknown' });
  });

  it('sends only what it has prepared itself', async () => {
    const foreign: PreparedCommand = {
      kind: 'place',
      symbol: 'BTC/USDT',
      timestampMs: 1,
      notAfterMs: 2,
      validForMs: 1,
      writeBeforeMs: 2,
      hash: '',
    };
    await expect(account.send(foreign, options)).rejects.toThrow(InvariantViolation);
  });
});

describe('limits', () => {
  it('is silent after a ban, says for how long, and lets nothing out, cancels included', async () => {
    http.answers = [{ status: 418, headers: { 'retry-after': '120' }, body: '{"code":-1003,"msg":"IP banned until 1700000120000."}' }];
    expect(await failure(account.balances())).toMatchObject({ code: 'ip-banned', retryAfterMs: 120_000 });
    for (const command of [place, cancel]) {
      expect(await failure(account.send(account.prepare(command), options))).toMatchObject({ code: 'ip-banned', outcome: 'not-sent' });
    }
    expect(http.requests.length).toBe(1);
    clock.advance(120_000);
    http.answers = [{ body: fixture('http_get_account') }];
    expect((await account.balances()).length).toBe(2);
  });

  it('holds back new orders, and only those, when the venue counted too many', async () => {
    http.answers = [
      {
        status: 429,
        headers: { 'retry-after': '8' },
        body: '{"code":-1015,"msg":"Too many new orders; current limit is 50 orders per 10 SECOND."}',
      },
    ];
    expect(await failure(account.send(account.prepare(place), options))).toMatchObject({
      code: 'order-rate-limited',
      outcome: 'refused',
      retryAfterMs: 8_000,
    });
    expect(await failure(account.send(account.prepare(place), options))).toMatchObject({ code: 'order-rate-limited', outcome: 'not-sent' });
    http.answers = [{ body: fixture('http_delete_order') }];
    await account.send(account.prepare(cancel), options);
  });

  it('learns from the headers', async () => {
    http.answers = [{ body: fixture('http_post_order_full'), headers: { 'x-mbx-used-weight-1m': '5990', 'x-mbx-order-count-10s': '99' } }];
    await account.send(account.prepare(place), options);
    expect(await failure(account.send(account.prepare(place), options))).toMatchObject({ outcome: 'not-sent' });
    expect(await failure(account.openOrders(null))).toMatchObject({ code: 'rate-limited', outcome: 'not-sent' });
    http.answers = [{ body: fixture('http_delete_order') }];
    await account.send(account.prepare(cancel), options);
    expect(account.status(clock.nowMs()).budgets).toContainEqual({ name: 'main ORDERS_10S', used: 99, limit: 100, windowMs: 10_000 });
  });
});

describe('queries', () => {
  it('repeats a read that found no venue, signed anew, three times at most', async () => {
    http.answers = [{ status: 503 }, new TransportError('broken-connection', 'unknown'), { body: `[${fixture('http_get_order')}]` }];
    expect((await account.openOrders('BTC/USDT')).length).toBe(1);
    http.answers = [];
    expect(await failure(account.openOrders('BTC/USDT'))).toMatchObject({ code: 'venue-unavailable' });
    expect(http.requests.length).toBe(6);
  });

  it('does not repeat a read that was refused', async () => {
    http.answers = [{ status: 401, body: '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}' }];
    expect(await failure(account.balances())).toMatchObject({ code: 'permission-denied', outcome: 'refused' });
    expect(http.requests.length).toBe(1);
  });

  it('looks at the clock again when a read came too late, then reads', async () => {
    const time = JSON.stringify({ serverTime: clock.nowMs() + 9_000 });
    http.answers = [
      { status: 400, body: '{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}' },
      { body: time },
      { body: '[]' },
    ];
    expect(await account.openOrders(null)).toEqual([]);
    expect(http.requests.map((request) => request.path.split('?')[0])).toEqual([
      '/api/v3/openOrders',
      '/api/v3/time',
      '/api/v3/openOrders',
    ]);
    expect(offset.offsetMs).toBe(9_000);
  });

  it('answers null for an order that the venue does not know, and an error for one it has archived', async () => {
    const reference = { symbol: 'BTC/USDT', venueClientId: 'gw-1', venueOrderId: null };
    http.answers = [{ status: 400, body: '{"code":-2013,"msg":"Order does not exist."}' }];
    expect(await account.queryOrder(reference)).toBeNull();
    http.answers = [{ status: 400, body: '{"code":-2026,"msg":"Order was canceled or expired."}' }];
    expect(await failure(account.queryOrder(reference))).toMatchObject({ code: 'order-not-found', venueCode: '-2026' });
  });

  it('pages through fills by trade id, and stops at a short page', async () => {
    const rows = fixture('http_get_myTrades');
    http.answers = [{ body: rows }, { body: rows }];
    expect((await account.fills({ symbol: 'BTC/USDT', limit: 2, fromTradeId: '56' })).nextFromTradeId).toBe('58');
    const page = await account.fills({ symbol: 'BTC/USDT', limit: 3, fromTradeId: '56', sinceMs: 1_700_000_000_150 });
    expect(page.nextFromTradeId).toBeNull();
    expect(page.fills.map((fill) => fill.venueTradeId)).toEqual(['57']);
    expect(http.requests[1]!.path).toContain('symbol=BTCUSDT&limit=3&fromId=56&');
    expect(http.requests[1]!.path).not.toContain('startTime');
  });

  it('takes "nothing open" for an empty list when it cancels all', async () => {
    http.answers = [{ status: 400, body: '{"code":-2011,"msg":"Unknown order sent."}' }];
    expect(await account.cancelAll('BTC/USDT', options)).toEqual([]);
  });

  it('reads both halves of a cancel-replace that failed in part', async () => {
    http.answers = [{ status: 409, body: fixture('http_post_cancelReplace_409') }];
    const answer = await account.cancelReplace(
      { venueClientId: 'gw-1', venueOrderId: null },
      { ...place, venueClientId: 'gw-2' },
      'stop-on-failure',
      options,
    );
    expect(answer).toMatchObject({ canceled: { status: 'canceled' }, placed: { code: 'insufficient-funds', outcome: 'refused' } });
  });
});

describe('secrets', () => {
  it('stand in no error', async () => {
    const leaks: string[] = [];
    http.answers = [
      { status: 400, body: `{"code":-1022,"msg":"${secret} the key"}` },
      new TransportError('broken-answer', 'unknown'),
      { body: secret },
    ];
    for (let round = 0; round < 3; round += 1) leaks.push(JSON.stringify(await failure(account.send(account.prepare(place), options))));
    expect(leaks.join()).not.toMatch(/the key|secret|signature=/);
  });
});
