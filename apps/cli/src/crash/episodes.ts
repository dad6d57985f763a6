import { CRASH_POINTS } from '#libs/orders';
import type { CrashPoint } from '#libs/orders';

/** One way to hurt a gateway that serves clients. */
export type Episode =
  /** It kills itself at the n-th passing of a named point. */
  | { readonly kind: 'point'; readonly point: CrashPoint; readonly passing: number }
  /** The points that are reached only when an absence is concluded, one after the other, since that takes most of a minute. */
  | { readonly kind: 'absence' }
  /** Killed from outside at a random moment: while it starts, or so long after it was ready. */
  | { readonly kind: 'storm'; readonly from: 'start' | 'ready'; readonly afterMs: number }
  /** SIGSTOP for longer than its lease lasts, then SIGCONT. */
  | { readonly kind: 'pause' };

export const STORM = 'kill -9 storm';
export const PAUSE = 'SIGSTOP 15 s';

/** Reached only past the horizon of ORDER-SAFETY, and with orders that the venue lost: both in one `absence` episode. */
export const ABSENCE_POINTS: ReadonlySet<CrashPoint> = new Set(['resolver.absent', 'resolver.resubmitted']);

/**
 * Up to which passing a point is armed: the crash comes at the first passing in one round and at a later one in another. Points that
 * are passed once per account and start are armed at their first.
 */
const PASSINGS: Partial<Record<CrashPoint, number>> = {
  'takeover.loaded': 1,
  'takeover.done': 1,
  'reconcile.compared': 2,
  'order.refused': 3,
  'order.outcome-unknown': 3,
  'amend.journaled': 3,
  'amend.permitted': 3,
  'amend.after-send': 3,
  'resolver.looked': 4,
  'cancel.requested': 4,
  'cancel.journaled': 4,
  'cancel.permitted': 4,
  'cancel.after-send': 4,
  'cancel.answered': 4,
};
const PASSINGS_USUAL = 8;
/** Every fourth kill comes while the gateway still starts. */
const STORMS_PER_START = 4;
const STORM_LAST_MS = { start: 1_500, ready: 2_500 };

export interface Plan {
  readonly rounds: number;
  readonly points: readonly CrashPoint[];
  readonly storms: number;
  readonly pauses: number;
}

/** @param random - uniform in [0, 1). Longest first, so that lanes end at about the same time. */
export function episodesOf({ rounds, points, storms, pauses }: Plan, random: () => number): readonly Episode[] {
  const episodes: Episode[] = [];
  const isAbsenceWanted = points.some((point) => ABSENCE_POINTS.has(point));
  for (let round = 0; round < rounds && isAbsenceWanted; round += 1) episodes.push({ kind: 'absence' });
  for (let pause = 0; pause < pauses; pause += 1) episodes.push({ kind: 'pause' });
  for (let round = 0; round < rounds; round += 1) {
    for (const point of points.filter((one) => !ABSENCE_POINTS.has(one))) {
      const passings = PASSINGS[point] ?? PASSINGS_USUAL;
      episodes.push({ kind: 'point', point, passing: 1 + Math.floor(random() * passings) });
    }
  }
  for (let storm = 0; storm < storms; storm += 1) {
    const from = storm % STORMS_PER_START === 0 ? 'start' : 'ready';
    episodes.push({ kind: 'storm', from, afterMs: random() * STORM_LAST_MS[from] });
  }
  return episodes;
}

/** The lines of the table, in their order. */
export function groupsOf({ points, storms, pauses }: Plan): readonly string[] {
  return [...CRASH_POINTS.filter((point) => points.includes(point)), ...(storms > 0 ? [STORM] : []), ...(pauses > 0 ? [PAUSE] : [])];
}
