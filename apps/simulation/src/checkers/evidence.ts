import { foldAll } from '#libs/orders';
import type { SimOrder } from '#libs/venue-simulator';
import { ACCOUNTS } from '../workload/run.js';
import type { FinishedRun } from '../workload/run.js';
import type { Evidence } from './checker.js';

export function evidenceOf(run: FinishedRun): Evidence {
  const { database, world } = run.fleet;
  const orders = [...database.orders.values()].map((row) => ({ row, state: foldAll(row.events.map(({ stored }) => stored)) }));
  const atVenue = new Map<string, SimOrder[]>();
  for (const account of ACCOUNTS) {
    for (const order of world.venue.exchange.orders(account, null)) {
      const found = atVenue.get(order.clientOrderId);
      if (found === undefined) atVenue.set(order.clientOrderId, [order]);
      else found.push(order);
    }
  }
  return { run, orders, atVenue };
}
