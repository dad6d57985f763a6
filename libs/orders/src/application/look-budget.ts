import type { Clock } from '#libs/kernel';

const PER_SECOND = 8;
const AT_ONCE_MAX = 40;

/**
 * How many orders may be asked for one by one. Early looks only make things known sooner; in a storm they must not use up the budget of the
 * looks that settle.
 */
export class LookBudget {
  private tokens = AT_ONCE_MAX;
  private filledAtMs: number;

  constructor(private readonly clock: Clock) {
    this.filledAtMs = clock.monotonicMs();
  }

  take(): boolean {
    const nowMs = this.clock.monotonicMs();
    this.tokens = Math.min(AT_ONCE_MAX, this.tokens + ((nowMs - this.filledAtMs) / 1_000) * PER_SECOND);
    this.filledAtMs = nowMs;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
