import { decimal } from '#libs/kernel';
import type { AccountName, Decimal, OrderId } from '#libs/kernel';
import type { VenueFill, VenueOrderReport } from '#libs/model';
import { fold } from './domain/index.js';
import type { Attempt, OrderEvent, OrderState, OrderTerms } from './domain/index.js';

export { inferFills, observeFills, observeReport } from './domain/index.js';

export const TEST_NOW_MS = 1_700_000_000_000;

let made = 0;

/** A limit buy of 1 at 100, unless said otherwise. Each has an id of its own. */
export function testTerms(changes: Partial<OrderTerms> = {}): OrderTerms {
  made += 1;
  const id = `018bcfe5-6800-7000-8000-${made.toString(16).padStart(12, '0')}` as OrderId;
  return {
    id,
    account: 'test-account' as AccountName,
    venue: 'test-venue',
    symbol: 'BTC/USDT',
    side: 'buy',
    type: 'limit',
    timeInForce: 'GTC',
    quantity: decimal('1'),
    quoteQuantity: null,
    price: decimal('100'),
    stopPrice: null,
    postOnly: false,
    reduceOnly: false,
    expiresAtMs: null,
    clientOrderId: null,
    idempotencyKey: null,
    fingerprint: 'f'.repeat(64),
    venueClientId: `bw${id.replaceAll('-', '')}`,
    apiKeyId: 'test-key',
    correlationId: 'test-correlation',
    createdAtMs: TEST_NOW_MS,
    onNotCreated: 'reject',
    resubmitUntilMs: null,
    ...changes,
  };
}

export const testAttempt: Attempt = {
  number: 1,
  fence: 1,
  timestampMs: TEST_NOW_MS,
  notAfterMs: TEST_NOW_MS + 5_000,
  validForMs: 5_000,
  hash: 'a'.repeat(64),
};

/** An order after `submitted` and the given events. */
export function testOrder(terms: OrderTerms = testTerms(), ...events: OrderEvent[]): OrderState {
  const first = fold(null, {
    version: 1,
    atMs: TEST_NOW_MS,
    correlationId: null,
    event: { type: 'submitted', terms, attempt: testAttempt },
  });
  return events.reduce((state, event) => nextState(state, event), first);
}

export function nextState(state: OrderState, event: OrderEvent): OrderState {
  return fold(state, { version: state.version + 1, atMs: state.updatedAtMs + 1, correlationId: null, event });
}

export function testFill(terms: OrderTerms, tradeId: string, quantity: string, price = '100'): VenueFill {
  return {
    symbol: terms.symbol,
    venueTradeId: tradeId,
    venueOrderId: '77',
    side: terms.side,
    price: decimal(price),
    quantity: decimal(quantity),
    fee: { asset: 'BTC', amount: decimal('0.001') },
    liquidity: 'taker',
    venueTimeMs: TEST_NOW_MS,
  };
}

/** A report of the venue about the order: `new`, nothing filled, unless said otherwise. */
export function testReport(
  terms: OrderTerms,
  changes: Partial<Omit<VenueOrderReport, 'filledQuantity'>> & { filledQuantity?: Decimal | null } = {},
): VenueOrderReport {
  return {
    symbol: terms.symbol,
    venueOrderId: '77',
    venueClientId: terms.venueClientId,
    status: 'new',
    side: terms.side,
    type: terms.type,
    timeInForce: terms.timeInForce,
    quantity: terms.quantity ?? decimal('1'),
    price: terms.price,
    stopPrice: terms.stopPrice,
    filledQuantity: decimal('0'),
    filledQuote: null,
    venueTimeMs: TEST_NOW_MS,
    reason: null,
    fills: [],
    ...changes,
  };
}
