import { isFinal } from '#libs/model';
import type { OrderStatus } from '#libs/model';
import { foldAll } from '#libs/orders';
import type { OrderState } from '#libs/orders';
import type { SimOrder } from '#libs/venue-simulator';
import type { SubmitCall } from '../workload/calls.js';
import type { Checker } from './checker.js';

/** How a status may follow another. Beyond these, only the venue's own word brings back what was held as never created. */
const TRANSITIONS: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  'pending-new': ['unknown', 'new', 'partially-filled', 'filled', 'pending-cancel', 'canceled', 'rejected', 'expired'],
  unknown: ['pending-new', 'new', 'partially-filled', 'filled', 'pending-cancel', 'canceled', 'rejected', 'expired'],
  new: ['partially-filled', 'filled', 'pending-cancel', 'canceled', 'rejected', 'expired'],
  'partially-filled': ['filled', 'pending-cancel', 'canceled', 'rejected', 'expired'],
  'pending-cancel': ['new', 'partially-filled', 'filled', 'canceled', 'rejected', 'expired'],
  filled: [],
  canceled: ['filled'],
  rejected: ['filled'],
  expired: ['filled'],
};

const nothingVanishes: Checker = {
  invariant: 'INV-06',
  about: 'every accepted call ends final or unknown; what a client was told survives every crash',
  check({ run, orders }, findings) {
    const states = new Map(orders.map(({ state }) => [state.terms.id as string, state]));
    for (const call of run.calls) {
      if (call.told === null) continue;
      const { told } = call;
      const state = states.get(told.orderId);
      findings.expect(state !== undefined, () => `call ${call.number} was told of order ${told.orderId}, which the journal does not hold`);
      if (state === undefined || !isFinal(told.status as OrderStatus)) continue;
      findings.expect(
        isFinal(state.status) || told.status === 'rejected',
        () => `call ${call.number} was told ${told.status}, and the order is ${state.status}`,
      );
    }
  },
};

const statesFollowTheTable: Checker = {
  invariant: 'INV-09',
  about: 'state moves only along the transition table; terminal states never go back to open',
  check({ orders }, findings) {
    for (const { row } of orders) {
      let before: OrderState | null = null;
      row.events.forEach((event, index) => {
        const after = foldAll(row.events.slice(0, index + 1).map(({ stored }) => stored));
        if (before !== null && after.status !== before.status) {
          const from = before.status;
          const appeared = from === 'rejected' && before.acknowledgedAtMs === null && after.acknowledgedAtMs !== null;
          findings.expect(
            appeared || TRANSITIONS[from].includes(after.status),
            () => `order ${row.terms.id} went from ${from} to ${after.status} by ${event.stored.event.type}`,
          );
        }
        before = after;
      });
    }
  },
};

const FAMILIES_MIN = 2;
const NEGATIVES_MIN = 3;
/** The venue's record: how long it may work on a request, and how far its reads may lag. */
const VENUE_DELAYS_MS = 40_000;

const absenceIsProven: Checker = {
  invariant: 'INV-10',
  about: '"not created" has its evidence: at least three negatives of two families, all past the horizon',
  check({ run, orders }, findings) {
    const { venue, time } = run.fleet.world;
    const venueAheadMs = venue.nowMs - time.startMs - time.elapsedMs;
    for (const { row } of orders) {
      let pinnedMs = 0;
      let windowMs = 0;
      for (const { stored, committedAtMs } of row.events) {
        const { event } = stored;
        const attempt = event.type === 'submitted' || (event.type === 'permitted' && event.intent === 'place') ? event.attempt : null;
        if (attempt !== null) {
          pinnedMs = attempt.timestampMs;
          windowMs = RECV_WINDOW_MS;
        }
        if (event.type !== 'not-created' && event.type !== 'gone-at-venue') continue;
        const { horizonMs, negatives } = event.evidence;
        const families = new Set(negatives.map(({ family }) => family));
        const enough =
          negatives.length >= NEGATIVES_MIN && families.size >= FAMILIES_MIN && negatives.every(({ atMs }) => atMs > horizonMs);
        findings.expect(
          enough,
          () => `order ${row.terms.id} was concluded absent from ${negatives.length} looks at ${families.size} records`,
        );
        const venueMs = time.startMs + committedAtMs + venueAheadMs;
        findings.expect(
          event.type !== 'not-created' || venueMs > pinnedMs + windowMs + VENUE_DELAYS_MS,
          () => `order ${row.terms.id} was concluded absent ${pinnedMs + windowMs + VENUE_DELAYS_MS - venueMs} ms too early`,
        );
      }
    }
  },
};

const RECV_WINDOW_MS = 5_000;

const sameKeySameAnswer: Checker = {
  invariant: 'INV-12',
  about: 'same key, same answer, under any concurrency; a changed body is refused',
  check({ run }, findings) {
    const byKey = new Map<string, SubmitCall[]>();
    for (const call of run.calls) {
      if (call.kind !== 'submit') continue;
      const { account, clientOrderId } = call.request;
      const key = call.caller.idempotencyKey ?? clientOrderId;
      if (key === null) continue;
      const calls = byKey.get(`${account} ${key}`) ?? [];
      calls.push(call);
      byKey.set(`${account} ${key}`, calls);
    }
    for (const calls of byKey.values()) {
      const answered = calls.filter(({ told }) => told !== null);
      const ids = new Set(answered.map(({ told }) => told!.orderId));
      findings.expect(
        ids.size <= 1,
        () => `calls ${answered.map(({ number }) => number).join(', ')} share a key and got ${ids.size} orders`,
      );
      const bodies = new Set(answered.map(({ request }) => `${request.side} ${request.quantity?.toFixed()}`));
      findings.expect(
        bodies.size <= 1,
        () => `calls ${answered.map(({ number }) => number).join(', ')} had different bodies and were all answered`,
      );
    }
  },
};

const stateIsTheVenues: Checker = {
  invariant: 'INV-14',
  about: "one side wins: what we hold as not sent or not created, the venue does not have; and every other state is the venue's own",
  check({ run, orders, atVenue }, findings) {
    if (run.settledAtMs === null) return;
    for (const { row, state } of orders) {
      const [order] = atVenue.get(row.terms.venueClientId) ?? [];
      if (order === undefined) {
        findings.expect(state.status === 'rejected', () => `order ${row.terms.id} is ${state.status}, and the venue never had it`);
        continue;
      }
      findings.expect(agrees(state, order), () => `order ${row.terms.id} is ${state.status} here and ${order.status} at the venue`);
      findings.expect(
        state.filledQuantity.eq(order.filledQuantity),
        () => `order ${row.terms.id}: ${state.filledQuantity.toFixed()} filled here, ${order.filledQuantity.toFixed()} at the venue`,
      );
    }
  },
};

function agrees(state: OrderState, order: SimOrder): boolean {
  switch (order.status) {
    case 'new':
    case 'partially-filled':
      return state.status === order.status;
    case 'filled':
      return state.status === 'filled';
    case 'rejected':
      return state.status === 'rejected' || state.status === 'filled';
    default:
      // Filled beyond its end by the venue, a canceled order counts as filled here once it is full.
      return (
        state.status === 'canceled' ||
        state.status === 'expired' ||
        (state.status === 'filled' && order.filledQuantity.gte(order.originalQuantity))
      );
  }
}

const everythingComesToRest: Checker = {
  invariant: 'INV-20',
  about: 'liveness: with the faults healed, every order is settled within the horizon and three cycles, without a human hand',
  check({ run, orders }, findings) {
    findings.expect(
      run.settledAtMs !== null,
      () =>
        `nothing came to rest: ${unsettled(
          orders.map(({ state }) => state),
          run.fleet,
        )}`,
    );
  },
};

function unsettled(
  states: readonly OrderState[],
  fleet: {
    readonly replicas: readonly { readonly parts: { readonly resolver: { size(): number }; readonly journal: { backlog(): number } } }[];
  },
): string {
  const open = states.filter(
    ({ status, acknowledgedAtMs, cancelRequested }) => !isFinal(status) && (acknowledgedAtMs === null || cancelRequested),
  );
  const queues = fleet.replicas.map(({ parts }) => `${parts.resolver.size()} cases and ${parts.journal.backlog()} records`).join(', ');
  return `${open.map(({ terms, status }) => `${terms.id} ${status}`).join(', ') || 'no order open'}; ${queues}`;
}

/** What became of what was asked. */
export const OUTCOMES: readonly Checker[] = [
  nothingVanishes,
  statesFollowTheTable,
  absenceIsProven,
  sameKeySameAnswer,
  stateIsTheVenues,
  everythingComesToRest,
];
