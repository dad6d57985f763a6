import { type Decimal, decimal, decimalText, invariant } from '#libs/kernel';
import { createSimulatedExchange } from './exchange.js';
import type { SimulatedExchangeOptions } from './exchange.js';
import type { SimAccountEvent, SimExchange, SimMarketEvent, SimNewOrder, SimOrder, SimPlaced } from './types.js';

export const TEST_START_MS = Date.UTC(2026, 0, 5, 12, 0, 30);

/** Two funded accounts in an exchange without makers: every order in its books is the test's own. */
export function quietExchange(options: Partial<SimulatedExchangeOptions> = {}): SimExchange {
  return createSimulatedExchange({
    seed: 7,
    startMs: TEST_START_MS,
    marketMakers: false,
    accounts: [
      { name: 'alice', venue: 'binance', balances: { USDT: '1000000', BTC: '20', ETH: '300' } },
      { name: 'bob', venue: 'binance', balances: { USDT: '1000000', BTC: '20', ETH: '300' } },
    ],
    ...options,
  });
}

let nextId = 0;

/** Order fields as text where they are decimals. */
export type OrderText = Partial<Omit<SimNewOrder, DecimalField>> & Partial<Record<DecimalField, string | null>>;
type DecimalField = 'quantity' | 'quoteQuantity' | 'price' | 'stopPrice' | 'icebergQuantity';

/** Alice buys 1 BTC at 60,000 good till cancelled, but for what the test says. */
export function orderOf(text: OrderText = {}): SimNewOrder {
  nextId += 1;
  const isMarket = text.type === 'market' || text.type === 'stop-market' || text.type === 'take-profit-market';
  return {
    account: text.account ?? 'alice',
    clientOrderId: text.clientOrderId ?? `t-${nextId}`,
    symbol: text.symbol ?? 'BTC/USDT',
    side: text.side ?? 'buy',
    type: text.type ?? 'limit',
    timeInForce: text.timeInForce !== undefined ? text.timeInForce : isMarket ? null : 'GTC',
    quantity: optional(text.quantity !== undefined ? text.quantity : text.quoteQuantity == null ? '1' : null),
    quoteQuantity: optional(text.quoteQuantity ?? null),
    price: optional(text.price !== undefined ? text.price : isMarket ? null : '60000'),
    stopPrice: optional(text.stopPrice ?? null),
    icebergQuantity: optional(text.icebergQuantity ?? null),
    expiresAtMs: text.expiresAtMs ?? null,
    postOnly: text.postOnly ?? false,
    stpMode: text.stpMode ?? 'expire-maker',
  };
}

function optional(text: string | null): Decimal | null {
  return text === null ? null : decimal(text);
}

/** Places an order that the exchange must take. */
export function placed(exchange: SimExchange, text: OrderText = {}, nowMs: number = TEST_START_MS): SimPlaced {
  const result = exchange.place(orderOf(text), nowMs);
  invariant(result.ok, `the order is accepted, not ${result.ok ? '' : JSON.stringify(result.error)}`);
  return result.value;
}

/** Places an order that the exchange must refuse, and says why it did: the code, or the filter's name. */
export function refused(exchange: SimExchange, text: OrderText, nowMs: number = TEST_START_MS): string {
  const result = exchange.place(orderOf(text), nowMs);
  invariant(!result.ok, 'the order is refused');
  return result.error.filter ?? result.error.code;
}

export function current(exchange: SimExchange, order: SimOrder): SimOrder {
  const found = exchange.order({ account: order.account, symbol: order.symbol, orderId: order.orderId, clientOrderId: null });
  invariant(found !== undefined, 'the order exists');
  return found;
}

/** `free/locked` as text. */
export function balanceText(exchange: SimExchange, account: string, asset: string): string {
  const balance = exchange.balances(account).find((candidate) => candidate.asset === asset);
  return balance === undefined ? '0/0' : `${decimalText(balance.free)}/${decimalText(balance.locked)}`;
}

/** Every event so far, as lines of text. */
export function recordEvents(exchange: SimExchange): string[] {
  const lines: string[] = [];
  exchange.onAccountEvent((account, event) => lines.push(accountLine(account, event)));
  exchange.onMarketEvent((event) => lines.push(marketLine(event)));
  return lines;
}

function accountLine(account: string, event: SimAccountEvent): string {
  if (event.type !== 'order') return JSON.stringify(event);
  const { order, fill } = event;
  const traded = fill === null ? '' : ` ${decimalText(fill.quantity)}@${decimalText(fill.price)}`;
  return `${account} ${order.clientOrderId} ${event.execution} ${order.status}${traded}`;
}

function marketLine(event: SimMarketEvent): string {
  const price = decimalText(event.price);
  const quantity = decimalText(event.quantity);
  return event.type === 'level' ? `level ${event.side} ${price} ${quantity} #${event.sequence}` : `trade ${quantity}@${price}`;
}
