import { isFinal } from '#libs/model';
import { fold } from '#libs/orders';
import type { OrderState } from '#libs/orders';
import type { OrderRow, StoredOrderEvent } from '../store/memory-database.js';
import type { Checker, Evidence } from './checker.js';

/**
 * What must hold at each moment, and not only when everything has come to rest: a wrong conclusion that reconciliation puts right afterwards
 * was told to somebody in between.
 */

interface Step {
  readonly event: StoredOrderEvent;
  readonly before: OrderState | null;
  readonly after: OrderState;
}

function stepsOf(row: OrderRow): Step[] {
  const steps: Step[] = [];
  let before: OrderState | null = null;
  for (const event of row.events) {
    const after = fold(before, event.stored);
    steps.push({ event, before, after });
    before = after;
  }
  return steps;
}

function firstEnd(row: OrderRow): Step | undefined {
  return stepsOf(row).find(({ after }) => isFinal(after.status));
}

const endsWithItsFills: Checker = {
  invariant: 'INV-07',
  about: 'an order ends only when every fill that the venue has counted is booked',
  check({ orders }, findings) {
    for (const { row } of orders) {
      const end = firstEnd(row);
      if (end === undefined || end.after.status === 'rejected') continue;
      const { event } = end.event.stored;
      const closed = (event.type === 'reported' ? event.change.closed : undefined) ?? end.before?.closing ?? null;
      const { filledQuantity, quantity, status } = end.after;
      // Beyond its quantity a venue may fill an order at any time: those fills are booked, and nobody waits for them.
      const isFull = quantity !== null && filledQuantity.gte(quantity);
      findings.expect(
        closed === null || isFull || filledQuantity.gte(closed.filledQuantity),
        () => `order ${row.terms.id} ended ${status} with ${filledQuantity.toFixed()} of ${closed?.filledQuantity.toFixed()} booked`,
      );
    }
  },
};

const firstEndIsTheVenues: Checker = {
  invariant: 'INV-14',
  about: "the first end that is told of an order is the venue's own: nothing is guessed and put right later",
  check({ orders, atVenue }, findings) {
    for (const { row } of orders) {
      const [order] = atVenue.get(row.terms.venueClientId) ?? [];
      const end = firstEnd(row);
      if (order?.status !== 'filled' || end === undefined) continue;
      findings.expect(
        end.after.status === 'filled',
        () => `order ${row.terms.id} was said to be ${end.after.status}, and the venue filled it`,
      );
    }
  },
};

const absentIsAbsent: Checker = {
  invariant: 'INV-10',
  about: 'no order is concluded to be absent that the venue has',
  check({ run, orders, atVenue }, findings) {
    for (const { row } of orders) {
      for (const { stored, committedAtMs } of row.events) {
        if (stored.event.type !== 'not-created' && stored.event.type !== 'gone-at-venue') continue;
        const venueMs = venueMsAt(run, committedAtMs);
        const there = (atVenue.get(row.terms.venueClientId) ?? []).filter(({ createdAtMs }) => createdAtMs < venueMs);
        findings.expect(
          there.length === 0,
          () => `order ${row.terms.id} was concluded to be absent, and the venue has it as ${there[0]?.orderId}`,
        );
      }
    }
  },
};

/** The venue's wall clock at a true moment of the run. */
function venueMsAt({ fleet }: Evidence['run'], elapsedMs: number): number {
  const { venue, time } = fleet.world;
  return venue.nowMs - (time.elapsedMs - elapsedMs);
}

const oneHolder: Checker = {
  invariant: 'INV-04',
  about: 'an account has one holder at a time, and each takeover a higher token',
  check({ run }, findings) {
    const last = new Map<string, number>();
    for (const { account, owner, token, atMs, replaced } of run.fleet.database.leaseGrants) {
      const before = last.get(account) ?? 0;
      findings.expect(token > before, () => `${owner} took ${account} under token ${token} after ${before}`);
      const wasAlive = replaced !== null && replaced.owner !== owner && replaced.expiresAtMs > atMs;
      findings.expect(!wasAlive, () => `${owner} took ${account} from ${replaced?.owner}, which was alive`);
      last.set(account, Math.max(before, token));
    }
  },
};

/** What must hold at each moment. */
export const MOMENTS: readonly Checker[] = [endsWithItsFills, firstEndIsTheVenues, absentIsAbsent, oneHolder];
