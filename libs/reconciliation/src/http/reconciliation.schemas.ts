import { z } from 'zod';
import { decimalOut, nameSchema, pageOf, pageQuery, timeOut, uuidSchema } from '#libs/http';
import { decimalText, timeText } from '#libs/kernel';
import { DISCREPANCY_STATES } from '../application/discrepancy-store.js';
import type { Discrepancy } from '../application/discrepancy-store.js';
import type { Run } from '../application/run-store.js';
import type { ExternalOrder } from '../application/venue-records.js';

export const accountBody = z.strictObject({ account: nameSchema });
export const accountParam = z.strictObject({ name: nameSchema });

export const discrepanciesQuery = z.strictObject({
  ...pageQuery,
  account: nameSchema.optional(),
  state: z.enum(DISCREPANCY_STATES).optional(),
  kind: z
    .string()
    .regex(/^[a-z][a-z-]{0,62}$/, { error: 'must be a kind of discrepancy, like "balance-drift"' })
    .optional(),
});
export const externalOrdersQuery = z.strictObject(pageQuery);
export const discrepancyPosition = z.strictObject({ id: uuidSchema });
export const externalOrderPosition = z.strictObject({ symbol: z.string(), venueOrderId: z.string() });

export const runOut = z
  .object({
    id: z.string(),
    account: z.string(),
    cause: z.enum(['start', 'reconnect', 'schedule', 'demand', 'daily']),
    startedAt: timeOut,
    finishedAt: timeOut,
    outcome: z.enum(['agreed', 'waiting', 'differs', 'failed']).meta({
      description:
        '`agreed`: equal or explained; `waiting`: something cannot be judged yet; `differs`: without an explanation; `failed`: not asked.',
    }),
    counts: z.record(z.string(), z.unknown()).meta({ description: 'What was looked at and found, and why something waits or failed.' }),
  })
  .meta({ id: 'ReconciliationRun' });

const discrepancyOut = z
  .object({
    id: z.string(),
    account: z.string(),
    kind: z.string().meta({ examples: ['balance-drift', 'missing-fill', 'order-not-listed', 'late-appearance'] }),
    subject: z.string().meta({ description: "What it is about: an order's id, an asset, a market." }),
    state: z.enum(DISCREPANCY_STATES),
    detail: z.record(z.string(), z.unknown()),
    firstSeenAt: timeOut,
    lastSeenAt: timeOut,
    seenCount: z.int(),
    closedAt: timeOut.nullable(),
    ageMs: z.int().meta({ description: 'For how long it was open, or has been until now.' }),
    repair: z.string().nullable().meta({ description: 'What was done about it, or what explains it.' }),
  })
  .meta({ id: 'Discrepancy' });

export const discrepanciesOut = pageOf(discrepancyOut).extend({
  runs: z.array(runOut).meta({ description: 'The last runs, newest first.' }),
});

export const externalOrderOut = z
  .object({
    account: z.string(),
    symbol: z.string(),
    venueOrderId: z.string(),
    venueClientId: z.string(),
    status: z.string().meta({ description: "The venue's last word; `not-listed` once the venue no longer lists it as open." }),
    side: z.enum(['buy', 'sell']),
    type: z.string(),
    quantity: decimalOut,
    price: decimalOut.nullable(),
    filledQuantity: decimalOut.nullable(),
    venueTime: timeOut.nullable(),
    firstSeenAt: timeOut,
    lastSeenAt: timeOut,
  })
  .meta({ id: 'ExternalOrder' });

export function runResponse(run: Run): z.input<typeof runOut> {
  const { id, account, cause, outcome, counts } = run;
  return { id, account, cause, outcome, counts, startedAt: timeText(run.startedAtMs), finishedAt: timeText(run.finishedAtMs) };
}

export function discrepancyResponse(found: Discrepancy, nowMs: number): z.input<typeof discrepancyOut> {
  const { id, account, kind, subject, state, detail, seenCount, repair } = found;
  const times = { firstSeenAt: timeText(found.firstSeenAtMs), lastSeenAt: timeText(found.lastSeenAtMs) };
  const closedAt = found.closedAtMs === null ? null : timeText(found.closedAtMs);
  const ageMs = Math.max(0, (found.closedAtMs ?? nowMs) - found.firstSeenAtMs);
  return { id, account, kind, subject, state, detail, ...times, seenCount, closedAt, ageMs, repair };
}

export function externalOrderResponse(order: ExternalOrder): z.input<typeof externalOrderOut> {
  const { account, symbol, venueOrderId, venueClientId, status, side, type } = order;
  return {
    ...{ account, symbol, venueOrderId, venueClientId, status, side, type },
    quantity: decimalText(order.quantity),
    price: order.price === null ? null : decimalText(order.price),
    filledQuantity: order.filledQuantity === null ? null : decimalText(order.filledQuantity),
    venueTime: order.venueTimeMs === null ? null : timeText(order.venueTimeMs),
    firstSeenAt: timeText(order.firstSeenAtMs),
    lastSeenAt: timeText(order.lastSeenAtMs),
  };
}
