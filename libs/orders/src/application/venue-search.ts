import type { VenueFill, VenueOrderReport } from '#libs/model';
import type { Negative, OrderState } from '../domain/index.js';
import type { AccountSession } from './account-sessions.js';

/** How far before its journaling an order's traces are looked for: the clocks may differ, ms. */
const BACK_MS = 60_000;
const UNKNOWN_TRADES_MAX = 8;

export interface VenueSearch {
  /** The order, where one of the records shows it. */
  readonly report: VenueOrderReport | null;
  /** The records that were read completely and do not show it. */
  readonly negatives: readonly Negative[];
}

/**
 * Looks for an order in the venue's other records: what is open, the history of orders, the trades. An order may live in one of them only,
 * such as one that was filled at once and has left the list of open ones.
 * @param knows - whether an order with this venue id is known to be another one of ours.
 * @throws VenueError where a record could not be read: then that look proves nothing.
 */
export async function searchVenue(
  state: OrderState,
  session: AccountSession,
  atMs: number,
  knows: (venueOrderId: string) => boolean,
): Promise<VenueSearch> {
  const { symbol, venueClientId, createdAtMs } = state.terms;
  const account = session.venueAccount;
  const isIt = (report: VenueOrderReport): boolean => report.venueClientId === venueClientId;
  const open = (await account.openOrders(symbol)).find(isIt);
  if (open !== undefined) return { report: open, negatives: [] };
  const sinceMs = createdAtMs - BACK_MS;
  const past = (await account.recentOrders(symbol, sinceMs)).find(isIt);
  if (past !== undefined) return { report: past, negatives: [] };
  const { fills } = await account.fills({ symbol, sinceMs });
  const traded = await orderOfTrades(fills, state, session, knows);
  if (traded !== null) return { report: traded, negatives: [] };
  return { report: null, negatives: (['open-orders', 'history', 'fills'] as const).map((family) => ({ family, atMs })) };
}

/** A trade of an order that nobody knows may be this order's: the venue tells whose it is. */
async function orderOfTrades(
  fills: readonly VenueFill[],
  state: OrderState,
  session: AccountSession,
  knows: (venueOrderId: string) => boolean,
): Promise<VenueOrderReport | null> {
  const { symbol, side, venueClientId } = state.terms;
  const strangers = new Set(fills.filter((fill) => fill.side === side && !knows(fill.venueOrderId)).map((fill) => fill.venueOrderId));
  for (const venueOrderId of [...strangers].slice(-UNKNOWN_TRADES_MAX)) {
    const report = await session.venueAccount.queryOrder({ symbol, venueClientId: null, venueOrderId });
    if (report?.venueClientId === venueClientId) return report;
  }
  return null;
}
