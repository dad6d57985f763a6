import type { FinishedRun } from '../workload/run.js';
import type { Paint } from './paint.js';
import { eventLines, inOrder, permitLines, told, wireLines } from './story.js';
import type { SaidLine } from './story.js';

/** Everything about one order: what was asked, said, permitted, written and journaled, and what the venue holds of it in the end. */
export function orderDossier(run: FinishedRun, said: readonly SaidLine[], orderId: string, paint: Paint): string[] {
  const row = run.fleet.database.orders.get(orderId);
  if (row === undefined) return [`the journal holds no order ${orderId}`];
  const { terms } = row;
  const { exchange } = run.fleet.world.venue;
  const atVenue = exchange.orders(terms.account, null).filter(({ clientOrderId }) => clientOrderId === terms.venueClientId);
  const venueIds = new Set(atVenue.map((order) => String(order.orderId)));
  const records = run.fleet.world.tap.records.filter(
    (record) => record.clientOrderId === terms.venueClientId || venueIds.has(record.parameter('orderId') ?? ''),
  );
  const lines = [
    ...said.filter(({ text }) => text.includes(orderId)),
    ...wireLines(records),
    ...[...permitLines(run), ...eventLines(run)].filter(({ text }) => text.includes(orderId)),
  ];
  const fills = exchange.fills(terms.account, null).filter((fill) => venueIds.has(String(fill.orderId)));
  const booked = (run.fleet.database.fills.get(terms.account) ?? []).filter((fill) => fill.orderId === terms.id);
  return [
    paint.bold(`order ${terms.id} of ${terms.account}: ${terms.side} ${terms.quantity?.toFixed() ?? '?'} ${terms.symbol} ${terms.type}`),
    ...inOrder(lines).map((line) => told(line, paint)),
    ...atVenue.map((order) => `at the venue: ${order.orderId} ${order.status}, filled ${order.filledQuantity.toFixed()}`),
    ...fills.map((fill) => `traded at the venue: ${fill.tradeId} ${fill.quantity.toFixed()} at ${fill.price.toFixed()}`),
    ...booked.map(
      ({ fill, source, isVoided }) =>
        `booked: ${fill.venueTradeId} ${fill.quantity.toFixed()} at ${fill.price.toFixed()} from ${source}${isVoided ? ', voided' : ''}`,
    ),
  ];
}
