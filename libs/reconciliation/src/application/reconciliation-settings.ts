/** How often and how far reconciliation looks. The defaults are those of the order safety protocol; a module may be given others. */
export class ReconciliationSettings {
  /** How often open orders are compared, ms. */
  readonly ordersIntervalMs: number = 30_000;
  /** How often fills are swept and balances compared, ms. */
  readonly balancesIntervalMs: number = 60_000;
  /** How often everything is looked at, ms. */
  readonly fullIntervalMs: number = 86_400_000;
  /** An order or a trade younger than this may not be listed yet, ms. */
  readonly settlingMs: number = 5_000;
  /** How far before its cursor a sweep of the trade history begins, ms: rows may become visible out of order. */
  readonly overlapMs: number = 300_000;
  /** A cursor older than this is followed by trade id: some venues answer a time with one day at most, ms. */
  readonly sinceMaxMs: number = 43_200_000;
  /** A market without a trade for this long is swept only by full runs, or where a total differs, ms. */
  readonly quietMs: number = 86_400_000;
  /** How far the venue's clock and ours may be apart, ms: trades that much older than an answer may still not be in it. */
  readonly clockMarginMs: number = 5_000;
  /** Looks in a row that must see the same difference before it is booked as an unreported transfer. */
  readonly driftLooks: number = 3;
  readonly symbolsMax: number = 200;
  readonly pagesMax: number = 20;
  readonly looksMax: number = 200;
  readonly looksAtOnce: number = 8;
  readonly retryMs: number = 1_000;
  readonly retryMaxMs: number = 60_000;
  /** How long a catch-up goes on looking where totals differ, beyond the venue's own lag, ms. */
  readonly catchUpMs: number = 15_000;
  /** The pause between two looks of a catch-up, ms. */
  readonly lookAgainMs: number = 3_000;

  constructor(given: Partial<ReconciliationSettings> = {}) {
    Object.assign(this, given);
  }
}
