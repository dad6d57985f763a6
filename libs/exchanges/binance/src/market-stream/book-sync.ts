import { nextAfter, type SequenceId } from './sequence.js';

/**
 * What to do with a depth event. `gap`: something was missed; the book is not to be trusted from this moment, and the
 * event is already kept for the rebuild.
 */
export type SyncDecision = 'keep' | 'apply' | 'drop' | 'gap';

/**
 * `live`: the snapshot fits; apply what `takeKept` gives, in order. `too-old`: the events we have begin after it, so ask
 * for a newer one. `behind`: the book is live and newer than it; nothing changed.
 */
export type SnapshotVerdict = 'live' | 'too-old' | 'behind';

interface Kept<T> {
  readonly first: SequenceId;
  readonly last: SequenceId;
  readonly payload: T;
}

/** Ten minutes of a stream that sends every 100 ms. Without a snapshot for so long, the oldest are of no use. */
export const KEPT_EVENTS_MAX = 6_000;

/**
 * The venue's procedure for a book from the diff stream, as a pure state machine: it sees ids only and says what to do.
 * Events are kept until a snapshot comes; those not newer than it are dropped; the first one applied must reach back to
 * it; every later one must join up with the one before. An event may overlap what is applied already (two connections
 * cut the stream at different places): its quantities are absolute, so it still leads to its own last id.
 *
 * @see Binance Spot `web-socket-streams.md`, "How to manage a local order book correctly", read 2026-11-22.
 */
export class BookSync<T> {
  private applied: SequenceId | null = null;
  private kept: Kept<T>[] = [];
  private keptLast: SequenceId | null = null;
  private droppedCount = 0;
  private droppedInRow = 0;

  /** True between an accepted snapshot and the next gap. */
  get live(): boolean {
    return this.applied !== null;
  }

  /** Id of the last update in the book; `null` while there is no proven book. */
  get sequence(): SequenceId | null {
    return this.applied;
  }

  /** Events not newer than the book when they came or when the snapshot came. */
  get dropped(): number {
    return this.droppedCount;
  }

  /** How many events in a row were too old. Some are normal after a snapshot; very many mean that ids went back. */
  get droppedSinceApplied(): number {
    return this.droppedInRow;
  }

  /** True once an event waits for a snapshot. */
  get hasKept(): boolean {
    return this.kept.length > 0;
  }

  /** Decides on an event. `payload` is asked for only when the event must be kept. */
  offer(first: SequenceId, last: SequenceId, payload: () => T): SyncDecision {
    if (this.applied === null) {
      this.keep({ first, last, payload: payload() });
      return 'keep';
    }
    if (last <= this.applied) {
      this.droppedCount += 1;
      this.droppedInRow += 1;
      return 'drop';
    }
    if (first > nextAfter(this.applied)) {
      this.invalidate();
      this.keep({ first, last, payload: payload() });
      return 'gap';
    }
    this.applied = last;
    this.droppedInRow = 0;
    return 'apply';
  }

  /**
   * A snapshot as of `lastUpdateId`. When `live`, put it in place of the book, then apply what `takeKept` gives: the
   * sequence already counts that.
   */
  accept(lastUpdateId: SequenceId): SnapshotVerdict {
    if (this.applied !== null && lastUpdateId < this.applied) return 'behind';
    const newer: Kept<T>[] = [];
    let at = lastUpdateId;
    for (const event of this.kept) {
      if (event.last <= at) continue;
      if (event.first > nextAfter(at)) return 'too-old';
      newer.push(event);
      at = event.last;
    }
    this.droppedCount += this.kept.length - newer.length;
    this.kept = newer;
    this.applied = at;
    this.droppedInRow = 0;
    return 'live';
  }

  /** The events to apply after an accepted snapshot, oldest first; they are given once. */
  takeKept(): T[] {
    const payloads = this.kept.map((event) => event.payload);
    this.kept = [];
    return payloads;
  }

  /**
   * Nothing is proven any more; a new snapshot is needed. What comes from now on is kept for it. Where events are kept
   * already, their ids say themselves whether one is missing between them.
   */
  invalidate(): void {
    if (this.applied === null) return;
    this.applied = null;
    this.kept = [];
    this.keptLast = null;
    this.droppedInRow = 0;
  }

  /** What is kept always joins up: where an event is missing, no older snapshot can help, and only newer events count. */
  private keep(event: Kept<T>): void {
    if (this.keptLast !== null && event.first > nextAfter(this.keptLast)) {
      this.droppedCount += this.kept.length;
      this.kept = [];
    }
    if (this.kept.length >= KEPT_EVENTS_MAX) this.kept.shift();
    this.kept.push(event);
    if (this.keptLast === null || event.last > this.keptLast) this.keptLast = event.last;
  }
}
