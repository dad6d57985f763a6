import { decimal } from '#libs/kernel';
import type { VenueFill, VenueOrderReport } from '#libs/model';
import type { OrderBrief } from './domain/index.js';

export const TEST_NOW_MS = 1_700_000_000_000;

export function testBrief(more: Partial<OrderBrief> = {}): OrderBrief {
  return {
    id: 'order-1',
    symbol: 'BTC/USDT',
    venueClientId: 'client-1',
    venueOrderId: '1001',
    status: 'new',
    filledQuantity: decimal('0'),
    acknowledged: true,
    ageMs: 60_000,
    ...more,
  };
}

export function testReport(more: Partial<VenueOrderReport> = {}): VenueOrderReport {
  return {
    symbol: 'BTC/USDT',
    venueOrderId: '1001',
    venueClientId: 'client-1',
    status: 'new',
    side: 'buy',
    type: 'limit',
    timeInForce: 'GTC',
    quantity: decimal('1'),
    price: decimal('100'),
    stopPrice: null,
    filledQuantity: decimal('0'),
    filledQuote: decimal('0'),
    venueTimeMs: TEST_NOW_MS,
    reason: null,
    fills: [],
    ...more,
  };
}

export function testVenueFill(more: Partial<VenueFill> = {}): VenueFill {
  return {
    symbol: 'BTC/USDT',
    venueTradeId: '1',
    venueOrderId: '1001',
    side: 'buy',
    price: decimal('100'),
    quantity: decimal('1'),
    fee: null,
    liquidity: 'taker',
    venueTimeMs: TEST_NOW_MS,
    ...more,
  };
}
export { VenueRecords } from './application/venue-records.js';
