import type { StreamLimits } from './stream-limits.js';

const MS_PER_SECOND = 1_000;

/** How many messages a client may send: a burst, regained at a steady rate. */
export class MessageBudget {
  private left: number;
  private atMs: number;

  constructor(
    private readonly limits: Pick<StreamLimits, 'messageBurst' | 'messagesPerSecond'>,
    private readonly nowMs: () => number,
  ) {
    this.left = limits.messageBurst;
    this.atMs = nowMs();
  }

  /** Whether one more message may be taken. */
  take(): boolean {
    const nowMs = this.nowMs();
    const { messageBurst, messagesPerSecond } = this.limits;
    this.left = Math.min(messageBurst, this.left + ((nowMs - this.atMs) / MS_PER_SECOND) * messagesPerSecond);
    this.atMs = nowMs;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
