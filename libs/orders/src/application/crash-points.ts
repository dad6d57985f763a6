/**
 * The moments at which a process may die with most harm. Each is passed by name on the way of an order; in production nothing happens
 * there. The simulation and `npm run test:crash` end the process at any of them and look at what is left.
 */
export const CRASH_POINTS = [
  'order.accepted',
  'order.prepared',
  'order.journaled',
  'order.before-send',
  'order.after-send',
  'order.answered',
  'order.answer-recorded',
  'order.refused',
  'order.outcome-unknown',
  'cancel.requested',
  'cancel.journaled',
  'cancel.permitted',
  'cancel.after-send',
  'cancel.answered',
  'amend.journaled',
  'amend.permitted',
  'amend.after-send',
  'resolver.looked',
  'resolver.absent',
  'resolver.resubmitted',
  'stream.received',
  'fill.booked',
  'journal.before-write',
  'journal.after-write',
  'takeover.loaded',
  'takeover.done',
  'reconcile.compared',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** A port: the process itself is what is at stake. */
export abstract class CrashPoints {
  abstract reach(point: CrashPoint): void;
}

export class NoCrashPoints extends CrashPoints {
  reach(): void {}
}
