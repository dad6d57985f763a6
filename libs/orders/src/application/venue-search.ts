import type { VenueFill, VenueOrderReport } from '#libs/model';
import type { Negative, OrderState } from '../domain/index.js';
import type { AccountSession } from './account-sessions.js';
import type { MarketRecords } from './venue-lists.js';

const UNKNOWN_ORDERS_MAX = 8;

export interface VenueSearch {
  /** The order, where one of the records shows it. */
  readonly report: VenueOrderReport | null;
  /** The records that were read completely and do not show it. */
  readonly negatives: readonly Negative[];
}

/**
 * Looks for an order in the lists of its market: what is open, the history of orders, the trades. An order may live in one of them only,
 * such as one that was filled at once and has left the list of open ones.
 * @param knows - whether an order with this venue id is known to be another one of ours.
 * @throws VenueError where a trade's order could not be asked for: then that look proves nothing.
 */
export async function searchVenue(
  state: OrderState,
  session: AccountSession,
  records: MarketRecords,
  knows: (venueOrderId: string) => boolean,
): Promise<VenueSearch> {
  const { venueClientId } = state.terms;
  const listed = [...records.open, ...records.recent].findLast((report) => report.venueClientId === venueClientId);
  if (listed !== undefined) return { report: listed, negatives: [] };
  const traded = await orderOfTrades(records, state, session, knows);
  if (traded !== null) return { report: traded, negatives: [] };
  return { report: null, negatives: (['open-orders', 'history', 'fills'] as const).map((family) => ({ family, atMs: records.atMs })) };
}

/** A trade of an order that nobody knows may be this order's: the venue tells whose it is. */
async function orderOfTrades(
  { fills, open, recent }: MarketRecords,
  state: OrderState,
  session: AccountSession,
  knows: (venueOrderId: string) => boolean,
): Promise<VenueOrderReport | null> {
  const { symbol, side, venueClientId } = state.terms;
  const listed = new Set([...open, ...recent].map((report) => report.venueOrderId));
  const isStrange = (fill: VenueFill): boolean => fill.side === side && !listed.has(fill.venueOrderId) && !knows(fill.venueOrderId);
  const strangers = new Set(fills.filter(isStrange).map((fill) => fill.venueOrderId));
  for (const venueOrderId of [...strangers].slice(-UNKNOWN_ORDERS_MAX)) {
    const report = await session.venueAccount.queryOrder({ symbol, venueClientId: null, venueOrderId });
    if (report?.venueClientId === venueClientId) return report;
  }
  return null;
}
