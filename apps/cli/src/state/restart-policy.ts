/** A server that ran so long since its last failure was well: what came before is forgotten. */
const WELL_AFTER_MS = 10_000;
const FIRST_PAUSE_MS = 250;
const PAUSE_MAX_MS = 4000;
/** With the pauses, about three quarters of a minute of nothing but failures. */
export const FAILURES_MAX = 15;

/**
 * When to start something again that died or would not start. The first time at once, then after longer and longer pauses, and
 * never again after `FAILURES_MAX` failures in a row.
 */
export class RestartPolicy {
  private failures = 0;

  /**
   * Notes a failure.
   * @param ranMs how long it had been running before; 0 when it did not even start.
   * @returns the pause before the next start, ms; `null` when it is time to give up.
   */
  failed(ranMs: number): number | null {
    if (ranMs >= WELL_AFTER_MS) this.failures = 0;
    this.failures += 1;
    if (this.failures > FAILURES_MAX) return null;
    return this.failures === 1 ? 0 : Math.min(PAUSE_MAX_MS, FIRST_PAUSE_MS * 2 ** (this.failures - 2));
  }
}
