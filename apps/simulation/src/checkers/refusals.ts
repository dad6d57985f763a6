import type { WireRecord } from '../network/wire-tap.js';
import type { Checker } from './checker.js';

const ENDS_UNCREATED: ReadonlySet<string> = new Set(['refused', 'not-created', 'not-sent']);

/** Where the end proves right because the order is ended once it shows up, the conclusion was wrong all the same. */
const noneIsRefusedByGuess: Checker = {
  invariant: 'INV-14',
  about: "one side wins: what we hold as not sent or not created, the venue does not have; and every other state is the venue's own",
  check({ run, orders, atVenue }, findings) {
    const sends = new Map<string, WireRecord[]>();
    for (const record of run.fleet.world.tap.commands()) {
      if (record.method !== 'POST' || record.clientOrderId === null) continue;
      const known = sends.get(record.clientOrderId);
      if (known === undefined) sends.set(record.clientOrderId, [record]);
      else known.push(record);
    }
    for (const { row } of orders) {
      const { id, venueClientId } = row.terms;
      const ended = row.events.find(({ stored }) => ENDS_UNCREATED.has(stored.event.type));
      if (ended === undefined) continue;
      const deliveries = (sends.get(venueClientId) ?? []).flatMap((record) => record.deliveries);
      // A venue may accept an order and reject it later; and of two deliveries of one request it may refuse one.
      const isSaidByVenue =
        deliveries.some(({ status }) => status >= 400 && status < 500) ||
        (atVenue.get(venueClientId) ?? []).some(({ status }) => status === 'rejected');
      const accepted = deliveries.find(({ acceptedOrderId, atMs }) => acceptedOrderId !== null && atMs <= ended.committedAtMs);
      findings.expect(
        accepted === undefined || isSaidByVenue,
        () => `order ${id} was ended by ${ended.stored.event.type}, and the venue had made it order ${accepted?.acceptedOrderId}`,
      );
    }
  },
};

/** What is held as never made. */
export const REFUSALS: readonly Checker[] = [noneIsRefusedByGuess];
