/** Request weights of Binance spot. `rest-api.md`, revision of 2026-07-21. Placing and cancelling cost nothing when they succeed. */
export const WEIGHTS = {
  time: 1,
  exchangeInfo: 20,
  trades: 25,
  aggTrades: 4,
  klines: 2,
  ticker24hr: 2,
  order: 1,
  orderQuery: 4,
  amend: 4,
  cancelAll: 1,
  cancelReplace: 1,
  orderTest: 1,
  orderTestWithCommission: 20,
  openOrdersOfSymbol: 6,
  openOrdersOfAll: 80,
  allOrders: 20,
  myTrades: 20,
  myTradesOfOrder: 5,
  account: 20,
} as const;

/** Weight of a depth snapshot, by how many levels are asked for. */
export function depthWeight(limit: number): number {
  if (limit <= 100) return 5;
  if (limit <= 500) return 25;
  return limit <= 1_000 ? 50 : 250;
}
