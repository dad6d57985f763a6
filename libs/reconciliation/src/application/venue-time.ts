import type { Clock } from '#libs/kernel';
import type { VenueDoor } from './venue-doors.js';

/**
 * What the venue's clock says now, ms: whatever is compared with the venue's times, or kept for another replica to compare with, is
 * counted on it. Our wall clock may be set, and those of two replicas differ.
 */
export function venueNowMs({ exchange }: Pick<VenueDoor, 'exchange'>, clock: Clock): number {
  return clock.nowMs() + (exchange.status().clockOffsetMs ?? 0);
}
