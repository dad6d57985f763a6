import { isFinal } from '#libs/model';
import type { OrderStatus, VenueOrderReport } from '#libs/model';
import type { Decimal } from '#libs/kernel';

/** An order of ours that has not ended, as far as a comparison needs it. */
export interface OrderBrief {
  readonly id: string;
  readonly symbol: string;
  readonly venueClientId: string;
  readonly venueOrderId: string | null;
  readonly status: OrderStatus;
  readonly filledQuantity: Decimal;
  /** The venue has said that it has it. */
  readonly acknowledged: boolean;
  /** Since it was journaled, ms. */
  readonly ageMs: number;
}

export type OrderFindingKind = 'order-unacknowledged' | 'order-not-listed' | 'fills-missing';

export interface OrderFinding {
  readonly kind: OrderFindingKind;
  readonly order: OrderBrief;
  /** What the venue says of it; `null` where it does not list it. */
  readonly report: VenueOrderReport | null;
}

export interface OrderComparison {
  readonly findings: readonly OrderFinding[];
  /** Listed at the venue, and not among our open orders: ours that ended, ours that are not known here yet, or those of others. */
  readonly strangers: readonly VenueOrderReport[];
}

export interface OrderLists {
  readonly venue: readonly VenueOrderReport[];
  /** Our open orders when the venue was asked, and when it had answered: only what stood the whole time can be missing. */
  readonly before: readonly OrderBrief[];
  readonly after: readonly OrderBrief[];
  /** An order younger than this may not be listed yet, ms. */
  readonly settlingMs: number;
}

/** What the venue's list of open orders says against ours. */
export function compareOrders({ venue, before, after, settlingMs }: OrderLists): OrderComparison {
  const listed = new Map(venue.map((report) => [report.venueClientId, report]));
  const known = new Set([...before, ...after].map((order) => order.venueClientId));
  const stood = new Set(before.map((order) => order.id));
  const findings: OrderFinding[] = [];
  for (const order of after) {
    if (isFinal(order.status)) continue;
    const report = listed.get(order.venueClientId) ?? null;
    const kind = report === null ? absence(order, stood, settlingMs) : difference(order, report, settlingMs);
    if (kind !== null) findings.push({ kind, order, report });
  }
  return { findings, strangers: venue.filter((report) => !known.has(report.venueClientId)) };
}

function absence(order: OrderBrief, stood: ReadonlySet<string>, settlingMs: number): OrderFindingKind | null {
  return stood.has(order.id) && order.ageMs >= settlingMs ? 'order-not-listed' : null;
}

function difference(order: OrderBrief, report: VenueOrderReport, settlingMs: number): OrderFindingKind | null {
  if (report.filledQuantity !== null && report.filledQuantity.gt(order.filledQuantity)) return 'fills-missing';
  if (order.acknowledged && order.status !== 'unknown') return null;
  return order.status === 'unknown' || order.ageMs >= settlingMs ? 'order-unacknowledged' : null;
}
