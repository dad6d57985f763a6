import type { BookLevel } from '#libs/model';
import type { DepthFrame, DepthSnapshot } from './frames.js';
import { SyncedBook } from './synced-book.js';

/** `behind`: our book has yet to get where the venue's is. `ahead`: the venue's answer was older than our book. */
export type AuditVerdict = 'equal' | 'different' | 'unanswered' | 'behind' | 'ahead';

/** Levels of each side that must be equal. The snapshot has more, so that removals do not run it dry meanwhile. */
const COMPARED = 20;

/**
 * Compares a book with the venue's REST book at the very same update id: a second book is built from the snapshot and
 * the same events. A stream that sends heartbeats and ids but the wrong levels, or one side only, is found by nothing else.
 */
export class BookAudit {
  /** Monotonic time at which the snapshot came: from then on the stream has its time to catch up, ms. */
  answeredAtMs = Number.NaN;
  private readonly shadow = new SyncedBook();

  /** Every event from the start of the audit on, before the snapshot comes and after. */
  offer(event: DepthFrame, bytes: Buffer): void {
    this.shadow.offer(event, bytes);
  }

  /** `false`: the snapshot is older than the events, and of no use. */
  accept(snapshot: DepthSnapshot, nowMs: number): boolean {
    this.answeredAtMs = nowMs;
    return this.shadow.accept(snapshot) === 'live';
  }

  /** Compares as soon as both stand at the same id. */
  verdict(book: SyncedBook): AuditVerdict {
    const ours = book.sequence;
    const theirs = this.shadow.sequence;
    if (ours === null || theirs === null) return 'unanswered';
    if (theirs < ours) return 'ahead';
    if (theirs > ours) return 'behind';
    const a = book.top(COMPARED);
    const b = this.shadow.top(COMPARED);
    return isSame(a.bids, b.bids) && isSame(a.asks, b.asks) ? 'equal' : 'different';
  }
}

function isSame(a: readonly BookLevel[], b: readonly BookLevel[]): boolean {
  return a.length === b.length && a.every(([price, quantity], at) => price === b[at]![0] && quantity === b[at]![1]);
}
