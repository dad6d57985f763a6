/**
 * Does stock ccxt trade at the simulated venue, when only the hosts are replaced? Run by hand: `npm run bench -- ccxt-check`.
 * Usage: node ccxt-check.mjs http://127.0.0.1:4010
 */
import assert from 'node:assert/strict';
import { ccxt, ccxtAgainst, demoAccount } from './ccxt-setup.mjs';

const SYMBOL = 'BTC/USDT';
const simulatorUrl = process.argv[2] ?? 'http://127.0.0.1:4010';
const account = await demoAccount(simulatorUrl);
const exchange = ccxtAgainst(`${simulatorUrl}/binance`, account.apiKey, account.apiSecret);
const state = {};

const STEPS = {
  async markets() {
    const markets = await exchange.loadMarkets();
    for (const symbol of [SYMBOL, 'ETH/USDT', 'ETH/BTC', 'SOL/USDT'])
      assert.ok(markets[symbol]?.active, `${symbol} is not there or not active`);
    assert.ok(markets[SYMBOL].limits.cost.min > 0, 'no least notional');
  },
  async book() {
    const book = await exchange.fetchOrderBook(SYMBOL, 50);
    assert.ok(book.bids.length >= 20 && book.asks.length >= 20, `only ${book.bids.length} bids and ${book.asks.length} asks`);
    assert.ok(book.bids[0][0] < book.asks[0][0], 'crossed');
    state.bid = book.bids[0][0];
    state.ask = book.asks[0][0];
  },
  async ticker() {
    const ticker = await exchange.fetchTicker(SYMBOL);
    assert.ok(ticker.last > 0 && ticker.bid > 0, 'no price');
  },
  async trades() {
    assert.ok(Array.isArray(await exchange.fetchTrades(SYMBOL, undefined, 10)));
  },
  async candles() {
    assert.ok(Array.isArray(await exchange.fetchOHLCV(SYMBOL, '1m', undefined, 10)));
  },
  async balance() {
    const balance = await exchange.fetchBalance();
    assert.ok(balance.USDT.free > 0 && balance.BTC.free > 0, 'not funded');
    state.usdt = balance.USDT.free;
  },
  async 'limit order'() {
    state.order = await exchange.createOrder(SYMBOL, 'limit', 'buy', 0.001, exchange.priceToPrecision(SYMBOL, state.bid * 0.9));
    assert.equal(state.order.status, 'open');
  },
  async query() {
    const order = await exchange.fetchOrder(state.order.id, SYMBOL);
    assert.equal(order.id, state.order.id);
    assert.equal(order.status, 'open');
    assert.equal(order.amount, 0.001);
  },
  async 'open orders'() {
    const open = await exchange.fetchOpenOrders(SYMBOL);
    assert.ok(open.some((order) => order.id === state.order.id));
  },
  async 'money is locked'() {
    const balance = await exchange.fetchBalance();
    assert.ok(balance.USDT.used > 0, 'nothing locked by an open order');
  },
  async cancel() {
    await exchange.cancelOrder(state.order.id, SYMBOL);
    assert.equal((await exchange.fetchOrder(state.order.id, SYMBOL)).status, 'canceled');
  },
  async 'market order'() {
    state.market = await exchange.createOrder(SYMBOL, 'market', 'buy', 0.002);
    assert.equal(state.market.status, 'closed');
    assert.equal(state.market.filled, 0.002);
    assert.ok(state.market.average > 0);
  },
  async 'my trades'() {
    const trades = await exchange.fetchMyTrades(SYMBOL);
    const mine = trades.filter((trade) => trade.order === state.market.id);
    const filled = mine.reduce((sum, trade) => sum + trade.amount, 0);
    assert.ok(Math.abs(filled - 0.002) < 1e-9, `trades add up to ${filled}`);
    assert.ok(mine.every((trade) => trade.fee.cost >= 0));
  },
  async 'insufficient funds'() {
    const tooMuch = exchange.amountToPrecision(SYMBOL, Math.min(8000, (state.usdt / state.bid) * 5));
    await assert.rejects(
      () => exchange.createOrder(SYMBOL, 'limit', 'buy', tooMuch, exchange.priceToPrecision(SYMBOL, state.bid * 0.9)),
      ccxt.InsufficientFunds,
    );
  },
  async 'unknown order'() {
    await assert.rejects(() => exchange.cancelOrder('999999999', SYMBOL), ccxt.OrderNotFound);
  },
  async 'wrong signature'() {
    const stranger = ccxtAgainst(`${simulatorUrl}/binance`, account.apiKey, 'not-the-secret', { options: { fetchCurrencies: false } });
    await assert.rejects(() => stranger.fetchBalance(), ccxt.AuthenticationError);
  },
};

let failed = 0;
for (const [name, step] of Object.entries(STEPS)) {
  try {
    await step();
    console.log(`pass  ${name}`);
  } catch (failure) {
    failed += 1;
    console.log(`FAIL  ${name}: ${String(failure?.message ?? failure).split('\n')[0]}`);
  }
}
console.log(`ccxt ${ccxt.version}: ${Object.keys(STEPS).length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
