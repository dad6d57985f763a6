import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '#libs/kernel';
import type { RunningSimulator } from '../../../server/index.js';
import { BinanceTestClient, startTestSimulator } from '../../../testing.js';

let simulator: RunningSimulator;
let clock: ManualClock;
let client: BinanceTestClient;

beforeEach(async () => {
  ({ simulator, clock } = await startTestSimulator());
  client = new BinanceTestClient(simulator, () => clock.nowMs());
});
afterEach(() => simulator.close());

describe('placing', () => {
  it('answers a limit order in full, with the fields in the documented order and spelling', async () => {
    const answer = await client.limit({ newClientOrderId: 'gw-1' });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.json)).toEqual([
      'symbol',
      'orderId',
      'orderListId',
      'clientOrderId',
      'transactTime',
      'price',
      'origQty',
      'executedQty',
      'origQuoteOrderQty',
      'cummulativeQuoteQty',
      'status',
      'timeInForce',
      'type',
      'side',
      'workingTime',
      'selfTradePreventionMode',
      'fills',
    ]);
    expect(answer.json).toMatchObject({
      symbol: 'BTCUSDT',
      orderListId: -1,
      clientOrderId: 'gw-1',
      price: '60000.00000000',
      origQty: '0.01000000',
      executedQty: '0.00000000',
      status: 'NEW',
      fills: [],
    });
    expect(answer.text).toMatch(/"orderId":\d+,/);
    expect(answer.headers).toMatchObject({ 'x-mbx-used-weight-1m': '0', 'x-mbx-order-count-10s': '1', 'x-mbx-order-count-1d': '1' });
  });

  it('answers a market order with its fills and gives the order count back to the taker', async () => {
    const answer = await client.order({ type: 'MARKET', quantity: '0.01' });
    expect(answer.json).toMatchObject({ status: 'FILLED', executedQty: '0.01000000', price: '0.00000000', type: 'MARKET' });
    expect(answer.json['fills']).toEqual(
      expect.arrayContaining([expect.objectContaining({ commissionAsset: 'BTC', qty: expect.stringMatching(/^\d+\.\d{8}$/) })]),
    );
    expect(answer.headers).toMatchObject({ 'x-mbx-order-count-10s': '0' });
  });

  it('answers ACK for a stop order and RESULT where it is asked for', async () => {
    const stop = await client.order({
      side: 'SELL',
      type: 'STOP_LOSS_LIMIT',
      timeInForce: 'GTC',
      quantity: '0.01',
      price: '50000',
      stopPrice: '51000',
    });
    expect(Object.keys(stop.json)).toEqual(['symbol', 'orderId', 'orderListId', 'clientOrderId', 'transactTime']);
    const result = await client.limit({ newOrderRespType: 'RESULT' });
    expect(result.json).not.toHaveProperty('fills');
    expect(result.json).toHaveProperty('status', 'NEW');
  });

  it('reports an unfilled IOC as EXPIRED, with the reason', async () => {
    const answer = await client.limit({ timeInForce: 'IOC' });
    expect(answer).toMatchObject({ status: 200, json: { status: 'EXPIRED', expiryReason: 'UNFILLED_IOC_QUANTITY_EXPIRED' } });
  });

  it('spends quoteOrderQty', async () => {
    const answer = await client.order({ type: 'MARKET', quoteOrderQty: '500' });
    expect(answer.json).toMatchObject({ status: 'FILLED', origQuoteOrderQty: '500.00000000' });
  });

  it('takes parameters from a form body and lets the query win', async () => {
    const query = 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=60000';
    const body = `quantity=1&price=1&timestamp=${clock.nowMs()}`;
    const answer = await client.send(
      'POST',
      `/binance/api/v3/order?${query}`,
      { 'x-mbx-apikey': client.apiKey, 'content-type': 'application/x-www-form-urlencoded' },
      `${body}&signature=${client.hmac(query + body)}`,
    );
    expect(answer.json).toMatchObject({ status: 'NEW', price: '60000.00000000', origQty: '1.00000000' });
  });

  it('checks a test order and does nothing', async () => {
    const params = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '60000' };
    expect(await client.signed('POST', '/api/v3/order/test', params)).toMatchObject({ status: 200, text: '{}' });
    expect(await client.signed('POST', '/api/v3/order/test', { ...params, price: '60000.001' })).toMatchObject({ json: { code: -1013 } });
    expect((await client.signed('GET', '/api/v3/openOrders')).text).toBe('[]');
  });

  const limit = { type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '60000' };
  it.each<[string, Record<string, string>, number, string]>([
    ['an unknown symbol', { ...limit, symbol: 'NOPE' }, -1121, 'Invalid symbol.'],
    ['an amount beyond all books', { type: 'MARKET', quoteOrderQty: '99999999999999999999' }, -1013, 'Filter failure: MARKET_LOT_SIZE'],
    ['a bad side', { ...limit, side: 'HOLD' }, -1117, 'Invalid side.'],
    ['a bad type', { ...limit, type: 'LIMITED' }, -1116, 'Invalid orderType.'],
    ['a bad time in force', { ...limit, timeInForce: 'DAY' }, -1115, 'Invalid timeInForce.'],
    [
      'a missing price',
      { type: 'LIMIT', timeInForce: 'GTC', quantity: '1' },
      -1102,
      "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
    ],
    ['a time in force on LIMIT_MAKER', { ...limit, type: 'LIMIT_MAKER' }, -1106, "Parameter 'timeInForce' sent when not required."],
    [
      'a market order without quantity',
      { type: 'MARKET' },
      -1102,
      "Param 'quoteOrderQty' or 'quantity' must be sent, but both were empty/null!",
    ],
    [
      'letters in a quantity',
      { ...limit, quantity: 'abc' },
      -1100,
      "Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
    ],
    ['nine decimals', { ...limit, quantity: '0.000000001' }, -1111, "Parameter 'quantity' has too much precision."],
    ['a price of zero', { ...limit, price: '0' }, -1013, 'Invalid price.'],
    ['a price between ticks', { ...limit, price: '60000.001' }, -1013, 'Filter failure: PRICE_FILTER'],
    ['a quantity between steps', { ...limit, quantity: '0.000015' }, -1013, 'Filter failure: LOT_SIZE'],
    ['too small an amount', { ...limit, quantity: '0.00001' }, -1013, 'Filter failure: NOTIONAL'],
    ['a price out of the band', { ...limit, price: '1000' }, -1013, 'Filter failure: PERCENT_PRICE_BY_SIDE'],
    ['more than there is', { ...limit, quantity: '100' }, -2010, 'Account has insufficient balance for requested action.'],
    [
      'a post-only order that would take',
      { type: 'LIMIT_MAKER', quantity: '0.01', price: '70000' },
      -2010,
      'Order would immediately match and take.',
    ],
    ['a trigger on the wrong side', { type: 'STOP_LOSS', quantity: '0.01', stopPrice: '50000' }, -2010, 'Order would trigger immediately.'],
    [
      'a bad self-trade mode',
      { ...limit, selfTradePreventionMode: 'TRANSFER' },
      -1013,
      'This symbol does not allow the specified self-trade prevention mode.',
    ],
    [
      'a bad client id',
      { ...limit, newClientOrderId: 'with space' },
      -1100,
      "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.",
    ],
    [
      'an unknown parameter',
      { ...limit, colour: 'red' },
      -1104,
      "Not all sent parameters were read; read '8' parameter(s) but was sent '9'.",
    ],
    [
      'trailing stops, which are not here',
      { type: 'STOP_LOSS', quantity: '1', trailingDelta: '100' },
      -2010,
      'Trailing stop orders are not supported for this symbol.',
    ],
  ])('refuses %s', async (_what, params, code, msg) => {
    const answer = await client.order(params);
    expect(answer).toMatchObject({ status: 400, json: { code, msg } });
    expect(answer.headers['x-mbx-used-weight-1m']).toBe('1');
  });

  it('refuses a client id only while the order that has it is open', async () => {
    await client.limit({ newClientOrderId: 'twice' });
    expect(await client.limit({ newClientOrderId: 'twice' })).toMatchObject({
      status: 400,
      json: { code: -2010, msg: 'Duplicate order sent.' },
    });
    await client.signed('DELETE', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'twice' });
    expect(await client.limit({ newClientOrderId: 'twice' })).toMatchObject({ status: 200 });
  });

  it('refuses the sixth open stop order of a symbol', async () => {
    const stop = { side: 'SELL', type: 'STOP_LOSS', quantity: '0.01', stopPrice: '51000' };
    for (let n = 0; n < 5; n += 1) expect(await client.order(stop)).toMatchObject({ status: 200 });
    expect(await client.order(stop)).toMatchObject({ json: { code: -1013, msg: 'Filter failure: MAX_NUM_ALGO_ORDERS' } });
  });
});

describe('cancelling and asking', () => {
  it('names the cancel and the order apart', async () => {
    await client.limit({ newClientOrderId: 'mine' });
    const answer = await client.signed('DELETE', '/api/v3/order', {
      symbol: 'BTCUSDT',
      origClientOrderId: 'mine',
      newClientOrderId: 'the-cancel',
    });
    expect(answer.json).toMatchObject({ origClientOrderId: 'mine', clientOrderId: 'the-cancel', status: 'CANCELED' });
    const again = await client.signed('DELETE', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'mine' });
    expect(again).toMatchObject({ status: 400, json: { code: -2011, msg: 'Unknown order sent.' } });
  });

  it('refuses two ids that name different orders, and cancels that are restricted', async () => {
    const { json } = await client.limit({ newClientOrderId: 'a' });
    const ids = { symbol: 'BTCUSDT', orderId: String(json['orderId']) };
    expect(await client.signed('DELETE', '/api/v3/order', { ...ids, origClientOrderId: 'b' })).toMatchObject({ json: { code: -2039 } });
    expect(await client.signed('DELETE', '/api/v3/order', { ...ids, cancelRestrictions: 'ONLY_PARTIALLY_FILLED' })).toMatchObject({
      json: { code: -2011, msg: 'Order was not canceled due to cancel restrictions.' },
    });
    expect(
      await client.signed('DELETE', '/api/v3/order', { ...ids, origClientOrderId: 'a', cancelRestrictions: 'ONLY_NEW' }),
    ).toMatchObject({ status: 200 });
  });

  it('cancels all of a symbol, and nothing is -2011', async () => {
    await client.limit();
    await client.limit({ price: '59000' });
    const answer = await client.signed('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' });
    expect(answer.list).toMatchObject([{ status: 'CANCELED' }, { status: 'CANCELED' }]);
    expect(await client.signed('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' })).toMatchObject({
      status: 400,
      json: { code: -2011 },
    });
  });

  it('finds orders by either id and says -2013 for none and -1102 for no id', async () => {
    const { json } = await client.limit({ newClientOrderId: 'find-me' });
    const query = (params: Record<string, string>) => client.signed('GET', '/api/v3/order', { symbol: 'BTCUSDT', ...params });
    expect(await query({ orderId: String(json['orderId']) })).toMatchObject({
      status: 200,
      json: { clientOrderId: 'find-me', isWorking: true },
    });
    expect(await query({ origClientOrderId: 'find-me' })).toMatchObject({ status: 200, json: { orderId: json['orderId'] } });
    expect(await query({ orderId: '999999' })).toMatchObject({ status: 400, json: { code: -2013, msg: 'Order does not exist.' } });
    expect(await query({})).toMatchObject({ status: 400, json: { code: -1102 } });
  });

  it('lists open orders, all orders and own trades', async () => {
    const first = await client.limit();
    clock.advance(1_000);
    await client.order({ type: 'MARKET', quantity: '0.01' });
    expect((await client.signed('GET', '/api/v3/openOrders', { symbol: 'BTCUSDT' })).list).toHaveLength(1);
    expect((await client.signed('GET', '/api/v3/allOrders', { symbol: 'BTCUSDT' })).list).toHaveLength(2);
    const late = await client.signed('GET', '/api/v3/allOrders', { symbol: 'BTCUSDT', orderId: Number(first.json['orderId']) + 1 });
    expect(late.list).toMatchObject([{ type: 'MARKET' }]);
    const trades = (await client.signed('GET', '/api/v3/myTrades', { symbol: 'BTCUSDT' })).list;
    expect(trades[0]).toMatchObject({ isBuyer: true, isMaker: false, commissionAsset: 'BTC' });
    const page = await client.signed('GET', '/api/v3/myTrades', { symbol: 'BTCUSDT', fromId: Number(trades.at(-1)!['id']) + 1 });
    expect(page.list).toEqual([]);
  });

  it('refuses combinations of trade parameters that are not documented', async () => {
    const ask = (params: Record<string, number>) => client.signed('GET', '/api/v3/myTrades', { symbol: 'BTCUSDT', ...params });
    const nowMs = clock.nowMs();
    expect(await ask({ orderId: 1, startTime: nowMs })).toMatchObject({ json: { code: -1128 } });
    expect(await ask({ fromId: 1, endTime: nowMs })).toMatchObject({ json: { code: -1128 } });
    expect(await ask({ startTime: nowMs - 86_400_001, endTime: nowMs })).toMatchObject({ json: { code: -1127 } });
    expect(await ask({ orderId: 1, fromId: 1 })).toMatchObject({ status: 200 });
  });
});

describe('amending', () => {
  it('lowers the quantity, keeps the order id and lists the amendment', async () => {
    const { json } = await client.limit({ newClientOrderId: 'before' });
    const answer = await client.signed('PUT', '/api/v3/order/amend/keepPriority', {
      symbol: 'BTCUSDT',
      origClientOrderId: 'before',
      newClientOrderId: 'after',
      newQty: '0.004',
    });
    expect(answer.json).toMatchObject({
      executionId: expect.any(Number),
      amendedOrder: { orderId: json['orderId'], origClientOrderId: 'before', clientOrderId: 'after', qty: '0.00400000' },
    });
    const list = await client.signed('GET', '/api/v3/order/amendments', { symbol: 'BTCUSDT', orderId: String(json['orderId']) });
    expect(list.list).toMatchObject([
      { origQty: '0.01000000', newQty: '0.00400000', origClientOrderId: 'before', newClientOrderId: 'after' },
    ]);
  });

  it('refuses more, the same and the unknown', async () => {
    await client.limit({ newClientOrderId: 'o' });
    const amend = (origClientOrderId: string, newQty: string) =>
      client.signed('PUT', '/api/v3/order/amend/keepPriority', { symbol: 'BTCUSDT', origClientOrderId, newQty });
    expect(await amend('o', '0.02')).toMatchObject({ json: { code: -2038, msg: 'Order amend (quantity increase) is not supported.' } });
    expect(await amend('o', '0.01')).toMatchObject({ json: { code: -2038, msg: 'The requested action would change no state; rejecting' } });
    expect(await amend('x', '0.001')).toMatchObject({ json: { code: -2013 } });
  });
});
