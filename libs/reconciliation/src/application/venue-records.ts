import type { VenueOrderReport } from '#libs/model';

/** How far the venue's trade history of a market has been read; its times are those of the venue's clock. */
export interface FillCursor {
  readonly symbol: string;
  readonly venueTimeMs: number;
  readonly venueTradeId: string | null;
  readonly readAtMs: number;
}

/** An order at the venue that is not ours. `not-listed`: it was open, and the venue no longer lists it. */
export interface ExternalOrder extends Pick<
  VenueOrderReport,
  'symbol' | 'venueOrderId' | 'venueClientId' | 'side' | 'type' | 'quantity' | 'price' | 'filledQuantity' | 'venueTimeMs'
> {
  readonly account: string;
  readonly status: string;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
}

export interface ExternalOrderPosition {
  readonly symbol: string;
  readonly venueOrderId: string;
}

/** What was read at venues: how far, and whose orders else there are. */
export abstract class VenueRecords {
  abstract cursors(account: string): Promise<readonly FillCursor[]>;
  /** A cursor never goes back. */
  abstract saveCursors(account: string, cursors: readonly FillCursor[]): Promise<void>;
  abstract seeExternal(account: string, reports: readonly VenueOrderReport[], atMs: number): Promise<void>;
  /** Which of these orders of a market are known to be of others. */
  abstract knownExternal(account: string, symbol: string, venueOrderIds: readonly string[]): Promise<readonly string[]>;
  /** Those that were open and are not among the listed ones have ended, somehow. */
  abstract endExternal(account: string, listedVenueOrderIds: readonly string[], atMs: number): Promise<void>;
  /** By market and venue order id. */
  abstract externals(account: string, after: ExternalOrderPosition | null, limit: number): Promise<readonly ExternalOrder[]>;
}
