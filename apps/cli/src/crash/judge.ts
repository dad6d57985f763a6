import { decimal } from '#libs/kernel';
import type { Intent } from './intents.js';
import type { Ledger, LedgerOrder } from './venue.js';

/** An order as the gateway tells it in the end. */
export interface OurOrder {
  readonly id: string;
  readonly clientOrderId: string | null;
  readonly venueOrderId: string | null;
  readonly status: string;
  readonly quantity: string | null;
  readonly filledQuantity: string;
}

export interface OurFill {
  readonly orderId: string;
  readonly venueTradeId: string;
  readonly venueOrderId: string;
  readonly quantity: string;
}

/**
 * - `twice`: one intent has two orders, here or at the venue, or a fill is booked twice
 * - `lost`: something that a client was told of, or that the venue holds, is not known here, or the other way round
 * - `guessed`: we say something of an order that the venue's ledger contradicts
 * - `unknown`: still open after the resolver had its time
 */
export type Verdict = 'twice' | 'lost' | 'guessed' | 'unknown';

export interface Finding {
  readonly verdict: Verdict;
  /** `null` where no intent of a client stands behind it. */
  readonly clientOrderId: string | null;
  readonly what: string;
}

const OPEN_OUTCOMES: ReadonlySet<string> = new Set(['unknown', 'pending-new', 'pending-cancel']);

/** Compares what clients were told, what the gateway tells, and what the venue holds. Nothing found: all three are the same. */
export function judge(
  intents: readonly Intent[],
  orders: readonly OurOrder[],
  fills: readonly OurFill[],
  ledger: Ledger,
): readonly Finding[] {
  return [...judgeIntents(intents, orders), ...judgeOrders(orders, ledger), ...judgeFills(orders, fills, ledger)];
}

function judgeIntents(intents: readonly Intent[], orders: readonly OurOrder[]): Finding[] {
  const found: Finding[] = [];
  const byId = new Map(orders.map((order) => [order.id, order]));
  const byClientId = groupedBy(orders, ({ clientOrderId }) => clientOrderId);
  for (const { clientOrderId, ids, toldEnd } of intents) {
    const mine = byClientId.get(clientOrderId) ?? [];
    if (ids.size > 1) found.push({ verdict: 'twice', clientOrderId, what: `the client was told ${[...ids].join(' and ')}` });
    if (mine.length > 1) found.push({ verdict: 'twice', clientOrderId, what: `orders ${mine.map(({ id }) => id).join(' and ')}` });
    for (const id of ids) {
      const order = byId.get(id);
      if (order?.clientOrderId !== clientOrderId)
        found.push({ verdict: 'lost', clientOrderId, what: `the client was told of ${id}, which is not there` });
      else if (toldEnd !== null && order.status !== toldEnd)
        found.push({ verdict: 'guessed', clientOrderId, what: `the client was told ${toldEnd}, now ${id} is ${order.status}` });
    }
  }
  return found;
}

function judgeOrders(orders: readonly OurOrder[], ledger: Ledger): Finding[] {
  const found: Finding[] = [];
  const atVenue = new Map(ledger.orders.map((order) => [order.venueOrderId, order]));
  const ours = groupedBy(
    orders.filter(({ venueOrderId }) => venueOrderId !== null),
    ({ venueOrderId }) => venueOrderId!,
  );
  for (const [venueClientId, same] of groupedBy(ledger.orders, ({ clientOrderId }) => clientOrderId)) {
    const clientOrderId = ours.get(same[0]!.venueOrderId)?.[0]?.clientOrderId ?? null;
    if (same.length > 1) found.push({ verdict: 'twice', clientOrderId, what: `the venue took ${venueClientId} ${same.length} times` });
  }
  for (const { venueOrderId, clientOrderId } of ledger.orders)
    if (!ours.has(venueOrderId))
      found.push({ verdict: 'lost', clientOrderId: null, what: `the venue's order ${venueOrderId} (${clientOrderId}) is not known here` });
  for (const order of orders) found.push(...judgeOrder(order, atVenue));
  for (const [venueOrderId, [first, second]] of ours)
    if (second !== undefined)
      found.push({
        verdict: 'guessed',
        clientOrderId: first!.clientOrderId,
        what: `${first!.id} and ${second.id} both say ${venueOrderId}`,
      });
  return found;
}

function judgeOrder(order: OurOrder, atVenue: ReadonlyMap<string, LedgerOrder>): Finding[] {
  const { id, clientOrderId, venueOrderId, status } = order;
  const found = (verdict: Verdict, what: string): Finding[] => [{ verdict, clientOrderId, what: `${id} ${what}` }];
  if (OPEN_OUTCOMES.has(status)) return found('unknown', `is ${status}`);
  if (venueOrderId === null)
    return status === 'rejected' || status === 'canceled' ? [] : found('guessed', `is ${status}, and not at the venue`);
  const truth = atVenue.get(venueOrderId);
  if (truth === undefined) return found('lost', `says ${venueOrderId}, which the venue does not have`);
  // The venue's own word for an end by its self-trade prevention; to clients it is an end without a trade.
  const theirs = truth.status === 'expired-in-match' ? 'expired' : truth.status;
  if (status !== theirs) return found('guessed', `is ${status}, at the venue ${theirs}`);
  if (!decimal(order.filledQuantity).eq(truth.filledQuantity))
    return found('guessed', `filled ${order.filledQuantity}, at the venue ${truth.filledQuantity}`);
  if (order.quantity !== null && !decimal(order.quantity).eq(truth.quantity))
    return found('guessed', `quantity ${order.quantity}, at the venue ${truth.quantity}`);
  return [];
}

function judgeFills(orders: readonly OurOrder[], fills: readonly OurFill[], ledger: Ledger): Finding[] {
  const found: Finding[] = [];
  const clientIds = new Map(orders.map(({ id, clientOrderId }) => [id, clientOrderId]));
  const clientIdsByVenue = new Map(orders.map(({ venueOrderId, clientOrderId }) => [venueOrderId, clientOrderId]));
  const booked = groupedBy(fills, keyOf);
  const traded = new Map(ledger.fills.map((fill) => [keyOf(fill), fill]));
  for (const [key, [first, ...more]] of booked) {
    const clientOrderId = clientIds.get(first!.orderId) ?? null;
    if (more.length > 0) found.push({ verdict: 'twice', clientOrderId, what: `trade ${key} is booked ${more.length + 1} times` });
    const truth = traded.get(key);
    if (truth === undefined || !decimal(truth.quantity).eq(first!.quantity))
      found.push({ verdict: 'guessed', clientOrderId, what: `trade ${key} of ${first!.quantity} is not the venue's` });
  }
  for (const [key, fill] of traded)
    if (!booked.has(key))
      found.push({ verdict: 'lost', clientOrderId: clientIdsByVenue.get(fill.venueOrderId) ?? null, what: `trade ${key} is not booked` });
  return found;
}

function keyOf({ venueTradeId, venueOrderId }: { venueTradeId: string; venueOrderId: string }): string {
  return `${venueTradeId} of ${venueOrderId}`;
}

function groupedBy<Item, Key>(items: readonly Item[], keyOfItem: (item: Item) => Key): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOfItem(item));
    if (group === undefined) groups.set(keyOfItem(item), [item]);
    else group.push(item);
  }
  return groups;
}
