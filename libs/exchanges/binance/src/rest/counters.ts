import type { Budget, BudgetWindow, HttpAnswer } from '#libs/exchanges/transport';
import type { RateLimit } from './parse-market.js';

export const WEIGHT = 'REQUEST_WEIGHT_1M';

/** One counter of the venue and the header that tells it. */
export interface CountedHeader {
  readonly header: string;
  readonly name: string;
}

export const ORDER_HEADERS: readonly CountedHeader[] = [
  { name: 'ORDERS_10S', header: 'x-mbx-order-count-10s' },
  { name: 'ORDERS_1D', header: 'x-mbx-order-count-1d' },
];

export function weightHeaders(windows: readonly BudgetWindow[]): readonly CountedHeader[] {
  return windows.map(({ name }) => ({ name, header: `x-mbx-used-weight-${name.slice('REQUEST_WEIGHT_'.length).toLowerCase()}` }));
}

/** The limits of one type as budget windows: `ORDERS_10S`, `REQUEST_WEIGHT_1M`. */
export function windows(limits: readonly RateLimit[], type: string): readonly BudgetWindow[] {
  return limits
    .filter((limit) => limit.type === type && limit.limit > 0)
    .map((limit) => ({ name: `${type}_${limit.window}`, limit: limit.limit, windowMs: limit.windowMs }));
}

/** Tells a budget what the venue counted. */
export function takeCounts(budget: Budget, headers: readonly CountedHeader[], answer: HttpAnswer, nowMs: number): void {
  for (const counted of headers) {
    const value = answer.headers[counted.header];
    if (typeof value === 'string' && /^\d{1,9}$/.test(value)) budget.counted(counted.name, parseInt(value, 10), nowMs);
  }
}

export function header(answer: HttpAnswer, name: string): string | null {
  const value = answer.headers[name];
  return typeof value === 'string' ? value : null;
}
