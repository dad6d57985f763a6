import type { BookSnapshot, BookTrust } from '#libs/model';
import type { DepthFrame, DepthSnapshot } from './frames.js';
import type { MarketStreamLimits } from './limits.js';
import type { SequenceId } from './sequence.js';
import { SyncedBook } from './synced-book.js';

/** What an event did to a book. */
export type BookChange = 'changed' | 'unchanged' | 'broken';

/**
 * One symbol's book and what is known about it. It is `live` only while three things hold: its sequence is proven, its
 * stream is acknowledged on a connection that lives, and it moved or was compared with the venue lately.
 */
export class KeptBook {
  readonly book = new SyncedBook();
  /** Why it is not trusted; `null`: it is. */
  private doubt: string | null = 'starting';
  private covered = false;
  private coveredAtMs = 0;
  private provenAtMs = Number.NEGATIVE_INFINITY;
  private receivedAtMs: number | null = null;
  private breakCount = 0;
  /** Monotonic time of the last event applied or snapshot accepted, ms. */
  movedAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly limits: MarketStreamLimits) {}

  /** How often it had to be rebuilt. */
  get breaks(): number {
    return this.breakCount;
  }

  get why(): string | null {
    return this.doubt;
  }

  /** The venue has acknowledged the stream. Unless another connection had it all along, events may be missing. */
  cover(nowMs: number): void {
    this.covered = true;
    this.coveredAtMs = nowMs;
  }

  uncover(reason: string): void {
    this.covered = false;
    this.doubt = reason;
  }

  /**
   * One event of the stream, trusted or not from this moment on.
   * @param at - wall clock and monotonic clock, ms.
   */
  offer(event: DepthFrame, bytes: Buffer, at: { readonly wallMs: number; readonly nowMs: number }): BookChange {
    const decision = this.book.offer(event, bytes);
    if (decision === 'gap') return this.broken('gap');
    if (decision === 'drop') return this.book.droppedSinceApplied > this.limits.oldEventsMax ? this.reject('ids went back') : 'unchanged';
    if (decision === 'keep') return 'unchanged';
    if (this.book.isCrossed()) return this.reject('crossed');
    // It joined up with what was there, so nothing was missed, whatever happened to connections meanwhile.
    if (this.covered) this.prove(at);
    else this.receivedAtMs = at.wallMs;
    return 'changed';
  }

  /** A snapshot; `false` when it is too old to be of use. */
  accept(snapshot: DepthSnapshot, at: { readonly wallMs: number; readonly nowMs: number }): boolean {
    if (this.book.accept(snapshot) !== 'live') return false;
    if (this.book.isCrossed()) {
      this.reject('crossed');
      return false;
    }
    if (this.covered) this.prove(at);
    else this.receivedAtMs = at.wallMs;
    return true;
  }

  /** Found wrong, or an event of it could not be read: not trusted from now on, and to be built anew. */
  reject(reason: string): 'broken' {
    this.book.invalidate();
    return this.broken(reason);
  }

  /** Compared with the venue's own book and found equal. */
  confirm(nowMs: number): void {
    if (this.doubt === null) this.provenAtMs = nowMs;
  }

  /** True when only a snapshot can make it live, and one would be of use now. */
  needsSnapshot(nowMs: number): boolean {
    if (!this.covered || this.doubt === null) return false;
    return this.book.hasKept || nowMs - this.coveredAtMs >= this.limits.firstEventWaitMs;
  }

  trust(nowMs: number): BookTrust {
    const age = nowMs - this.provenAtMs;
    if (age > this.limits.staleAfterMs) return this.provenAtMs === Number.NEGATIVE_INFINITY ? 'suspect' : 'stale';
    return this.doubt === null && this.covered && this.book.live ? 'live' : 'suspect';
  }

  /** Milliseconds since it was last proven; `null` while it never was. */
  ageMs(nowMs: number): number | null {
    return this.provenAtMs === Number.NEGATIVE_INFINITY ? null : Math.max(0, Math.round(nowMs - this.provenAtMs));
  }

  /** The book as it stands; `null` while there has never been one. */
  snapshot(symbol: string, depth: number, nowMs: number): BookSnapshot | null {
    if (this.receivedAtMs === null) return null;
    const { bids, asks } = this.book.top(depth);
    const sequence = String(this.book.sequence ?? this.lastSequence);
    const { venueTimeMs } = this.book;
    return { symbol, sequence, venueTimeMs, receivedAtMs: this.receivedAtMs, trust: this.trust(nowMs), bids, asks };
  }

  /** The id of what is shown after the proof was lost. */
  private lastSequence: SequenceId = 0;

  private prove(at: { readonly wallMs: number; readonly nowMs: number }): void {
    this.doubt = null;
    this.provenAtMs = at.nowMs;
    this.movedAtMs = at.nowMs;
    this.receivedAtMs = at.wallMs;
    this.lastSequence = this.book.sequence ?? this.lastSequence;
  }

  private broken(reason: string): 'broken' {
    this.doubt = reason;
    this.breakCount += 1;
    return 'broken';
  }
}
