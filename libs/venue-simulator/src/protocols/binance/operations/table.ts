import { ACCOUNT_OPERATIONS } from './account.js';
import { AMEND_OPERATIONS } from './amend-order.js';
import { CANCEL_OPERATIONS } from './cancel-order.js';
import { CANCEL_REPLACE_OPERATIONS } from './cancel-replace.js';
import { MARKET_OPERATIONS } from './market.js';
import type { Operation } from './operation.js';
import { ORDER_QUERY_OPERATIONS } from './order-queries.js';
import { PLACE_OPERATIONS } from './place-order.js';
import { TICKER_OPERATIONS } from './tickers.js';

/** Everything that both transports serve. */
export const OPERATIONS: readonly Operation[] = [
  ...PLACE_OPERATIONS,
  ...CANCEL_OPERATIONS,
  ...CANCEL_REPLACE_OPERATIONS,
  ...AMEND_OPERATIONS,
  ...ORDER_QUERY_OPERATIONS,
  ...ACCOUNT_OPERATIONS,
  ...MARKET_OPERATIONS,
  ...TICKER_OPERATIONS,
];

export const OPERATIONS_BY_ROUTE: ReadonlyMap<string, Operation> = new Map(
  OPERATIONS.flatMap((operation) => (operation.route === null ? [] : [[operation.route, operation] as const])),
);

export const OPERATIONS_BY_METHOD: ReadonlyMap<string, Operation> = new Map(
  OPERATIONS.flatMap((operation) => (operation.method === null ? [] : [[operation.method, operation] as const])),
);
