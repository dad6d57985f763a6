const DOUBLINGS_MAX = 4;

/**
 * How long to be silent where whoever refused us did not say. The first guess is short; each refusal after a silence that was kept doubles
 * it, and a success starts over. Refusals of requests that were already under way change nothing.
 */
export class GuessedSilence {
  private rounds = 0;
  private untilMs = -Infinity;

  /** @param nowMs of any clock, the same at every call. @returns ms from now. */
  next(firstMs: number, nowMs: number): number {
    if (nowMs >= this.untilMs) {
      this.untilMs = nowMs + firstMs * 2 ** Math.min(this.rounds, DOUBLINGS_MAX);
      this.rounds += 1;
    }
    return this.untilMs - nowMs;
  }

  succeeded(): void {
    this.rounds = 0;
  }
}
