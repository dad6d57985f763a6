import type { AbsenceEvidence, Negative } from './order-event.js';

export const NEGATIVES_MIN = 3;
export const FAMILIES_MIN = 2;
/** How far our clock and the venue's may be apart after correction, ms. */
export const CLOCK_ERROR_MS = 1_000;

/** A venue's own delays, from its capability record. */
export interface VenueTiming {
  /** After `notAfter`, for how long the venue may still be working on a request, ms. */
  readonly engineTimeMs: number;
  /** For how long a read may lag behind the engine, ms. */
  readonly visibilityLagMs: number;
}

/**
 * The moment before which an absence proves nothing: the venue may still be accepting the request, working on it, or
 * hiding it behind a lagging read.
 * @param notAfterMs - last moment at which the venue accepts the signed request, ms.
 */
export function absenceHorizonMs(notAfterMs: number, timing: VenueTiming): number {
  return notAfterMs + timing.engineTimeMs + timing.visibilityLagMs + CLOCK_ERROR_MS;
}

/** Whether the looks made so far prove that the venue has no such order. A failed look is no look. */
export function proveAbsence(
  horizonMs: number,
  negatives: readonly Negative[],
  balances: AbsenceEvidence['balances'] = 'explained',
): AbsenceEvidence | null {
  const late = negatives.filter((negative) => negative.atMs > horizonMs);
  const families = new Set(late.map((negative) => negative.family));
  if (late.length < NEGATIVES_MIN || families.size < FAMILIES_MIN) return null;
  return { horizonMs, negatives: late, balances };
}
