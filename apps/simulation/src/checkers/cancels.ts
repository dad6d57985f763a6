import { foldAll } from '#libs/orders';
import type { OrderState } from '#libs/orders';
import type { OrderRow } from '../store/memory-database.js';
import type { Checker } from './checker.js';

const acceptedCancelsAreKept: Checker = {
  invariant: 'INV-06',
  about: 'every accepted call ends final or unknown; what a client was told survives every crash',
  check({ run, orders }, findings) {
    const rows = new Map(orders.map(({ row }) => [row.terms.id as string, row]));
    for (const call of run.calls) {
      if (call.kind !== 'cancel' || call.told === null) continue;
      const row = rows.get(call.orderId);
      if (row === undefined) continue;
      const { answeredAtMs } = call;
      // A wish that was taken back is in the journal too: then the client can see what became of it.
      const isKept = row.events.some(({ stored }) => stored.event.type === 'cancel-requested' || stored.event.type === 'cancel-refused');
      findings.expect(
        isKept || hadEnded(row, answeredAtMs),
        () => `cancel ${call.number} of ${call.orderId} was taken and is in no journal`,
      );
    }
  },
};

/** Whether the order was over by its journaled events before the client was answered, or is over without any cancel. */
function hadEnded(row: OrderRow, beforeMs: number | null): boolean {
  return row.events.some(({ committedAtMs }, index) => {
    if (committedAtMs > (beforeMs ?? Infinity) + JOURNAL_BEHIND_MS) return false;
    return ENDS.has(foldAll(row.events.slice(0, index + 1).map(({ stored }) => stored)).status);
  });
}

/** What the venue said is told to the client at once, and written behind: a database that is away may hold it up for so long, ms. */
const JOURNAL_BEHIND_MS = 120_000;
const ENDS: ReadonlySet<string> = new Set(['filled', 'canceled', 'rejected', 'expired']);

const nothingIsSentAfterCancel: Checker = {
  invariant: 'INV-14',
  about: "one side wins: what we hold as not sent or not created, the venue does not have; and every other state is the venue's own",
  check({ orders }, findings) {
    for (const { row } of orders) {
      let before: OrderState | null = null;
      row.events.forEach(({ stored }, index) => {
        const { event } = stored;
        if (event.type === 'permitted' && event.intent === 'place')
          findings.expect(
            before?.cancelRequested !== true,
            () => `order ${row.terms.id} was permitted again after its cancel was asked for`,
          );
        before = foldAll(row.events.slice(0, index + 1).map((one) => one.stored));
      });
    }
  },
};

/** What becomes of a cancel, beside the state of its order. */
export const CANCELS: readonly Checker[] = [acceptedCancelsAreKept, nothingIsSentAfterCancel];
